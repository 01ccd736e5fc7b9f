"""The addresses of all pages: each area by name, as soon as it exists, then the frame's own."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from jump.web import gallery, kept, views

AREAS = (
    "home",
    "public",
    "communities",
    "cases",
    "training",
    "workers",
    "decisions",
    "people",
    "filling",
    "devices",
    "money",
    "cover",
    "stakes",
    "stores",
    "sheets",
    "wages",
    "jobs",
    "results",
    "reports",
    "library",
    "packages",
    "questionnaires",
    "users",
    "tasks",
    "trace",
    "field",
)


def _present(area: str) -> bool:
    module = f"jump.web.{area}"
    return find_spec(module) is not None and find_spec(f"{module}.urls") is not None


FRAME: list[URLPattern | URLResolver] = [
    path("language/<str:code>/", views.language, name="language"),
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("me/", views.account, name="account"),
    path("me/tokens/", views.tokens_page, name="tokens"),
    path("me/tokens/<int:number>/end/", views.end_token, name="end_token"),
    path("setup/", views.setup, name="setup"),
    path("ask/", views.ask, name="ask"),
    path("kept/", kept.kept_page, name="kept"),
    path("kept/discard/", kept.discard, name="kept_discard"),
    path("design/", gallery.gallery, name="design"),
    path("design/<str:page>/", gallery.page, name="design_page"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"jump.web.{area}.urls")) for area in AREAS if _present(area)
]
urlpatterns += FRAME
