"""Addresses of forms to be filled."""

from django.urls import URLPattern, path

from jump.web.filling import views

app_name = "filling"
urlpatterns: list[URLPattern] = [
    path("fill/", views.forms_list, name="list"),
    path("fill/<str:form_id>/", views.form_offer, name="offer"),
    path("fill/<str:form_id>/here/", views.engine, name="engine"),
    path("fill/<str:form_id>/sent/", views.sent, name="sent"),
    path("fill/<str:form_id>/plain/", views.plain, name="plain"),
    path("fill/<str:form_id>/paper/", views.on_paper, name="paper"),
]
