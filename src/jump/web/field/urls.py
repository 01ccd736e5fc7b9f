from django.urls import path

from jump.web.field import office, views

app_name = "field"
urlpatterns = [
    path("field/", views.app, name="app"),
    path("field/worker.js", views.worker, name="worker"),
    path("field/manifest.webmanifest", views.manifest, name="manifest"),
    path("field/packet/", views.packet, name="packet"),
    path("field/forms/<str:form_id>/<str:version>/", views.form, name="form"),
    path("field/forms/<str:form_id>/<str:version>/<str:name>", views.form_file, name="form_file"),
    path("field/collection/", views.collection, name="collection"),
    path("field/files/", office.take_in, name="take_in"),
]
