from django.urls import path

from jump.web.cases import beginning, conflicts, dossiers, sessions, submissions, views

app_name = "cases"
urlpatterns = [
    path("cases/", views.listing, name="list"),
    path("cases/begin/", beginning.choose, name="begin_any"),
    path("cases/begin/<str:procedure>/", beginning.begin, name="begin_one"),
    path("apply/<str:form_id>/", beginning.apply_for_any, name="apply_any"),
    path("apply/<str:form_id>/<str:ref>/", beginning.apply, name="apply"),
    path("cases/<str:ref>/", views.case, name="case"),
    path("steps/<str:ref>/", views.step, name="step"),
    path("steps/<str:ref>/fill/", views.fill, name="fill"),
    path("steps/<str:ref>/waive/<str:gate>/", views.waive, name="waive"),
    path("steps/<str:ref>/date/", views.redate, name="redate"),
    path("steps/<str:ref>/ask/", views.ask, name="ask"),
    path("steps/<str:ref>/skip/", views.skip, name="skip"),
    path("steps/<str:ref>/gathering/", sessions.attend, name="attend"),
    path("steps/<str:ref>/document/", dossiers.begin, name="begin"),
    path("steps/<str:ref>/hand-in/", dossiers.hand_in, name="hand_in"),
    path("gatherings/<str:ref>/", sessions.session, name="session"),
    path("dossiers/<str:ref>/", dossiers.dossier, name="dossier"),
    path("dossiers/<str:ref>/sign/", dossiers.sign, name="sign"),
    path("dossiers/<str:ref>/freeze/", dossiers.freeze, name="freeze"),
    path("dossiers/<str:ref>/compare/", dossiers.compare, name="compare"),
    path("dossiers/<str:ref>/<str:section>/", dossiers.fill, name="section"),
    path("reviews/", submissions.reviews, name="reviews"),
    path("reviews/many/", submissions.review_many, name="review_many"),
    path("conflicts/", conflicts.listing, name="conflicts"),
    path("conflicts/<str:ref>/", conflicts.conflict, name="conflict"),
    path("submissions/<str:ref>/becomes/", submissions.becomes, name="becomes"),
    path("submissions/<str:ref>/withdraw/", submissions.withdraw, name="withdraw"),
    path("submissions/<str:ref>/", submissions.submission, name="submission"),
    path("submissions/<str:ref>/look/", submissions.look, name="look"),
    path("submissions/<str:ref>/again/", submissions.again, name="again"),
    path("files/<str:ref>/", submissions.attachment, name="attachment"),
]
