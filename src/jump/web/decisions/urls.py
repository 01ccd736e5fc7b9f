from django.urls import path

from jump.web.decisions import views

app_name = "decisions"
urlpatterns = [
    path("rounds/", views.rounds, name="rounds"),
    path("rounds/open/", views.open_round, name="open"),
    path("rounds/<str:ref>/", views.detail, name="round"),
    path("rounds/<str:ref>/close/", views.close, name="close"),
    path("rounds/<str:ref>/ranking/", views.ranking, name="ranking"),
    path("rounds/<str:ref>/decide/", views.decide, name="decide"),
    path("rounds/<str:ref>/publish/", views.publish, name="publish"),
    path("rounds/<str:ref>/score/", views.go_on_scoring, name="score"),
    path("rounds/<str:ref>/score/<str:candidate>/", views.score, name="score"),
    path("rounds/<str:ref>/interest/<str:candidate>/", views.interest, name="interest"),
    path("committees/<str:ref>/", views.committee, name="committee"),
]
