from django.urls import path

from jump.web.public import views

app_name = "public"
urlpatterns = [
    path("welcome/", views.home, name="home"),
    path("letter/", views.letter, name="letter"),
    path("write/<str:form_id>/", views.write, name="write"),
    path("thanks/<str:ref>/", views.thanks, name="thanks"),
]
