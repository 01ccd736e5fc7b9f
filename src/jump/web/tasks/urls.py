"""My tasks."""

from django.urls import path

from jump.web.tasks import views

app_name = "tasks"
urlpatterns = [
    path("tasks/", views.list_tasks, name="list"),
    path("tasks/again/", views.try_again, name="again"),
    path("tasks/<str:ref>/done/", views.done, name="done"),
]
