"""The library of lessons."""

from django.urls import path

from jump.web.library import views

app_name = "library"
urlpatterns = [
    path("library/", views.list_lessons, name="list"),
    path("library/write/", views.write, name="write"),
    path("library/<str:ref>/", views.lesson, name="lesson"),
    path("library/<str:ref>/publish/", views.publish, name="publish"),
]
