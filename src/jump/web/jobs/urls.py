"""Addresses of the jobs pages."""

from django.urls import path

from jump.web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.list_jobs, name="list"),
    path("jobs/waiting/", views.list_waiting, name="waiting"),
    path("jobs/statement/", views.show_statement, name="statement"),
    path("jobs/claim/", views.choose_employer, name="claim"),
    path("groups/<str:ref>/claim/", views.claim, name="claim"),
    path("jobs/<str:ref>/", views.show_job, name="job"),
    path("jobs/<str:ref>/verify/", views.verify, name="verify"),
    path("jobs/<str:ref>/follow-up/", views.follow_up, name="follow_up"),
    path("jobs/<str:ref>/end/", views.end, name="end"),
]
