from django.http import HttpRequest, HttpResponse


def gallery(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x")


def page(request: HttpRequest, page: str) -> HttpResponse:
    return HttpResponse("x")
