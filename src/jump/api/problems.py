"""Errors as problem documents (RFC 9457) with stable codes: one place for all routes."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jump.api.tokens import TokenUnknown
from jump.base.refusals import NotFound, Refusal
from jump.core.money import AmountError


class Problem(Schema):
    """What went wrong. `code` is stable; `title` and `detail` are sentences for people and may change."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    facts: dict[str, Any] = {}


REFUSED = frozenset({400, 401, 403, 404, 409, 413, 415, 422, 429, 507})


def answer(request: HttpRequest, problem: dict[str, Any]) -> HttpResponse:
    """The problem document as a response."""
    from jump.api.urls import api

    response = api.create_response(request, problem, status=problem["status"])
    response["Content-Type"] = "application/problem+json"
    if problem["status"] == 401 and ".svc" in request.path:  # a spreadsheet program asks for name and word only then
        response["WWW-Authenticate"] = 'Basic realm="JUMP", charset="UTF-8"'
    return response


def install(api: NinjaAPI) -> None:
    """Make every error of this API a problem document."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return answer(request, refusal.as_problem())

    @api.exception_handler(AuthenticationError)
    def not_signed_in(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return answer(request, TokenUnknown().as_problem())

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors: dict[str, list[str]] = {}
        for one in error.errors:
            place = ".".join(str(part) for part in one.get("loc", ())[1:]) or "body"
            errors.setdefault(place, []).append(str(one.get("msg", "")))
        problem = {
            "type": "urn:jump:api.invalid",
            "title": "The request does not fit the schema.",
            "status": 422,
            "detail": "Correct the named fields; the schema is at /api/v1/openapi.json.",
            "code": "api.invalid",
            "facts": {"errors": errors},
        }
        return answer(request, problem)

    @api.exception_handler(AmountError)
    def amount(request: HttpRequest, error: AmountError) -> HttpResponse:
        problem = {
            "type": f"urn:jump:{error.code}",
            "title": str(error),
            "status": 422,
            "detail": "Give a whole number of minor units and a currency code of ISO 4217.",
            "code": error.code,
            "facts": {name: str(value) for name, value in error.facts.items()},
        }
        return answer(request, problem)

    @api.exception_handler(HttpError)
    def wrong(request: HttpRequest, error: HttpError) -> HttpResponse:
        problem = {
            "type": "urn:jump:api.bad_request",
            "title": str(error),
            "status": error.status_code,
            "detail": "Send a JSON body as the schema at /api/v1/openapi.json describes it.",
            "code": "api.bad_request",
            "facts": {},
        }
        return answer(request, problem)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, _error: Http404) -> HttpResponse:
        return answer(request, NotFound(ref=request.path).as_problem())
