from django.urls import path

from jump.web.communities import views

app_name = "communities"
urlpatterns = [
    path("communities/", views.listing, name="list"),
    path("communities/<str:ref>/", views.detail, name="detail"),
    path("communities/<str:ref>/record/", views.record, name="record"),
    path("communities/<str:ref>/tasks/", views.finish, name="finish"),
    path("communities/<str:ref>/improvement/", views.improve, name="improve"),
]
