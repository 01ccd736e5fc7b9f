from django.urls import path

from jump.web.workers import pages

app_name = "workers"
urlpatterns = [
    path("workers/", pages.supervision, name="list"),
    path("workers/absorption/", pages.absorption, name="absorption"),
    path("workers/me/", pages.mine, name="mine"),
    path("workers/<str:ref>/", pages.week, name="week"),
    path("workers/<str:ref>/visit/", pages.plan_visit, name="plan_visit"),
    path("workers/<str:ref>/supervise/", pages.supervise, name="supervise"),
    path("workers/<str:ref>/absorb/", pages.absorb, name="absorb"),
    path("workers/<str:ref>/<str:month>/", pages.month, name="month"),
    path("visits/<str:ref>/made/", pages.made, name="made"),
]
