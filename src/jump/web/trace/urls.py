"""Where does this come from?"""

from django.urls import path

from jump.web.trace import views

app_name = "trace"
urlpatterns = [
    path("why/", views.about, name="about"),
    path("why/<str:ref>/", views.walk, name="ref"),
]
