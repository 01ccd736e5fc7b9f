"""Addresses of forms and their drafts."""

from django.urls import path

from jump.web.questionnaires import views

app_name = "questionnaires"
urlpatterns = [
    path("forms/", views.listing, name="list"),
    path("forms/upload/", views.upload, name="upload"),
    path("forms/drafts/<str:ref>/", views.draft, name="draft"),
    path("forms/drafts/<str:ref>/files/", views.add_files, name="files"),
    path("forms/drafts/<str:ref>/drop/", views.drop, name="drop"),
    path("forms/drafts/<str:ref>/preview/", views.preview_draft, name="preview_draft"),
    path("forms/<str:form_id>/", views.detail, name="form"),
    path("forms/<str:form_id>/preview/", views.preview, name="preview"),
]
