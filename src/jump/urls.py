"""Where every address begins: sign-in, the API, then the pages."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("account/", include("allauth.urls"))]

if find_spec("jump.api.reports"):  # the API is complete
    urlpatterns.append(path("api/", include("jump.api.urls")))
urlpatterns.append(path("", include("jump.web.urls")))

handler400 = "jump.web.errors.bad_request"
handler403 = "jump.web.errors.not_allowed"
handler404 = "jump.web.errors.not_found"
handler500 = "jump.web.errors.server_trouble"
