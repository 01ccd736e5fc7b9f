"""Reports: made, read, published, taken along."""

from django.urls import path

from jump.web.reports import views

app_name = "reports"
urlpatterns = [
    path("reports/", views.list_reports, name="list"),
    path("reports/write/", views.build, name="build"),
    path("reports/iati.xml", views.iati, name="iati"),
    path("reports/<str:ref>/", views.edition, name="edition"),
    path("reports/<str:ref>/publish/", views.publish, name="publish"),
    path("reports/<str:ref>/send/", views.send, name="send"),
    path("reports/<str:ref>/file.<str:kind>", views.download, name="download"),
]
