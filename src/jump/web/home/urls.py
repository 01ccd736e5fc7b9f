"""The first page."""

from django.urls import path

from jump.web.home import views

urlpatterns = [path("", views.home, name="home")]
