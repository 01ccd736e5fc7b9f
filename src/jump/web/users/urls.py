"""Addresses of users and their roles."""

from django.urls import path

from jump.web.users import views

app_name = "users"
urlpatterns = [
    path("users/", views.listing, name="list"),
    path("users/new/", views.add, name="add"),
    path("users/<int:number>/", views.detail, name="user"),
    path("users/<int:number>/roles/<int:held>/end/", views.end, name="end"),
]
