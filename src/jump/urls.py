"""Where every address begins: sign-in, the API, then the pages."""

from django.urls import URLPattern, URLResolver, include, path

from jump.api import openrosa

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
    path("api/", include("jump.api.urls")),
    path("openrosa/key/<str:token>/", include((openrosa.ROOMS, "openrosa-device"))),
    path("openrosa/", include((openrosa.ROOMS, "openrosa"))),
    path("", include("jump.web.urls")),
]

handler400 = "jump.web.errors.bad_request"
handler403 = "jump.web.errors.not_allowed"
handler404 = "jump.web.errors.not_found"
handler500 = "jump.web.errors.server_trouble"
