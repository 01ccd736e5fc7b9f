"""Results: the framework with what was reached."""

from django.urls import path

from jump.web.results import views

app_name = "results"
urlpatterns = [
    path("results/", views.table, name="table"),
    path("results/framework.csv", views.logframe, name="logframe"),
    path("results/references/", views.references, name="references"),
    path("results/<str:indicator>/", views.indicator, name="indicator"),
]
