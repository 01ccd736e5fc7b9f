"""Addresses of the pages of work for clients."""

from django.urls import path

from jump.web.wages import views

app_name = "wages"
urlpatterns = [
    path("client-work/", views.list_work, name="list"),
    path("client-work/open/", views.open_contract, name="open"),
    path("client-work/jobs/", views.work_done, name="jobs"),
    path("client-work/<str:ref>/", views.show_contract, name="contract"),
    path("client-work/<str:ref>/agree/", views.agree, name="agree"),
    path("client-work/<str:ref>/sign/", views.sign, name="sign"),
    path("client-work/<str:ref>/muster/", views.write_muster, name="muster_new"),
    path("musters/<str:ref>/", views.show_muster, name="muster"),
    path("musters/<str:ref>/accept/", views.accept_muster, name="muster_accept"),
    path("musters/<str:ref>/drop/", views.drop_muster, name="muster_drop"),
    path("wage-sheets/<str:ref>/", views.show_pay_run, name="pay_run"),
    path("wage-sheets/<str:ref>/approve/", views.approve, name="approve"),
    path("wage-sheets/<str:ref>/pay/", views.pay, name="pay"),
    path("invoices/<str:ref>/", views.show_invoice, name="invoice"),
    path("invoices/<str:ref>/receive/", views.receive, name="receive"),
]
