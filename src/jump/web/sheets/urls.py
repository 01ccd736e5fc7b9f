from django.urls import path

from jump.web.sheets import sending, views

app_name = "sheets"
urlpatterns = [
    path("spreadsheets/", views.listing, name="list"),
    path("spreadsheets/<str:form_id>/", views.form, name="form"),
    path("spreadsheets/<str:form_id>/template/", views.template, name="template"),
    path("spreadsheets/<str:form_id>/out/", views.out, name="out"),
    path("spreadsheets/<str:form_id>/send/", sending.send, name="send"),
    path("uploads/<str:ref>/", sending.sheet, name="sheet"),
    path("uploads/<str:ref>/import/", sending.take_in, name="import"),
    path("uploads/<str:ref>/undo/", sending.undo, name="undo"),
    path("uploads/<str:ref>/file/", sending.file, name="file"),
    path("uploads/<str:ref>/marked/", sending.marked, name="marked"),
]
