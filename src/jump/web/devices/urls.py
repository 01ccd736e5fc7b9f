"""Addresses of devices and of what could not be placed."""

from django.urls import URLPattern, path

from jump.web.devices import views

app_name = "devices"
urlpatterns: list[URLPattern] = [
    path("devices/", views.listing, name="list"),
    path("devices/new/", views.add, name="add"),
    path("devices/<str:ref>/revoke/", views.revoke, name="revoke"),
    path("not-placed/", views.held_list, name="held_list"),
    path("not-placed/<str:ref>/", views.held, name="held"),
    path("not-placed/<str:ref>/take/", views.take, name="take"),
    path("not-placed/<str:ref>/lay-aside/", views.dismiss, name="dismiss"),
    path("not-placed/<str:ref>/bytes/", views.held_bytes, name="bytes"),
    path("not-placed/<str:ref>/finish/", views.finish, name="finish"),
]
