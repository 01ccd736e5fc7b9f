"""The package browser."""

from django.urls import path

from jump.web.packages import views

app_name = "packages"
urlpatterns = [
    path("packages/", views.list_packages, name="list"),
    path("packages/<str:name>/", views.package, name="package"),
    path("packages/<str:name>/<str:kind>/<str:full_id>/", views.definition, name="definition"),
]
