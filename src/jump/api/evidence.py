"""Letters, forms and submissions."""

import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from jump.api.common import IdempotencyKey, Made, RefIn, ScopeIn, actor_of
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.base import clock
from jump.base.actors import ANONYMOUS
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties

router = Router()


class LetterIn(Schema):
    """A letter of interest. Its questions are at /forms/jump_cer.letter_of_interest."""

    form: str = Field("jump_cer.letter_of_interest", max_length=100)
    answers: dict[str, Any]


class SubmissionIn(Schema):
    form: str = Field(max_length=100, examples=["jump_cer.visit_report"])
    answers: dict[str, Any]
    scope: ScopeIn = Field(examples=["jump/asia/PH/riverside/"])
    about: RefIn | None = None
    on: datetime.date = Field(description="The day in the field")


class SubmissionOut(Schema):
    ref: str
    form: str
    version: str
    about: str | None
    scope: str
    on: datetime.date
    received_at: datetime.datetime
    state: str
    answers: dict[str, Any]
    masked: list[str] = []


class VerdictIn(Schema):
    why: str = Field("", max_length=2000)


class ChoiceOut(Schema):
    code: str
    label: str


class FieldOut(Schema):
    path: str
    name: str
    type: str
    label: str
    hint: str
    required: bool
    relevant: str
    constraint: str
    choices: list[ChoiceOut]
    children: list["FieldOut"]


class FormOut(Schema):
    id: str
    version: str
    title: str
    languages: list[str]
    public: bool
    fields: list[FieldOut] = []


def _out(view: evidence.SubmissionView) -> SubmissionOut:
    return SubmissionOut(
        ref=view.ref,
        form=view.form,
        version=view.version,
        about=view.about,
        scope=view.scope,
        on=view.on,
        received_at=view.received_at,
        state=view.state.value,
        answers=dict(view.answers),
        masked=sorted(view.masked),
    )


@router.post("/letters", response={201: Made, REFUSED: Problem}, summary="Send a letter of interest")
def post_letter(request: HttpRequest, body: LetterIn, key: IdempotencyKey) -> Any:
    """Open to everybody. The same key with the same letter gives the same number again."""
    programme = parties.programme(ANONYMOUS).scope
    view = evidence.submit(
        ANONYMOUS, form=body.form, answers=body.answers, scope=programme, on=clock.today(), key=key, source="api"
    )
    return 201, Made(ref=view.ref)


@router.get("/forms", auth=Token(), response={200: list[FormOut], REFUSED: Problem}, summary="All forms")
def get_forms(request: HttpRequest, language: str = "en") -> Any:
    forms = evidence.forms(language)
    return [
        FormOut(id=one.id, version=one.version, title=one.title, languages=list(one.languages), public=one.public)
        for one in forms
    ]


@router.get("/forms/{form_id}", response={200: FormOut, REFUSED: Problem}, summary="A form with its questions")
def get_form(request: HttpRequest, form_id: str, language: str = "en") -> Any:
    """Forms open to the public need no token."""
    view = evidence.form(form_id, language=language)
    if not view.public:
        Token()(request)
    return FormOut.from_orm(view)


@router.post(
    "/submissions", auth=Token(), response={201: SubmissionOut, REFUSED: Problem}, summary="Send a filled form"
)
def post_submission(request: HttpRequest, body: SubmissionIn, key: IdempotencyKey) -> Any:
    """Checked against the form: errors name the question. The same key with the same answers gives the first again."""
    view = evidence.submit(
        actor_of(request),
        form=body.form,
        answers=body.answers,
        scope=body.scope,
        about=Ref(body.about) if body.about else None,
        on=body.on,
        key=key,
        source="api",
    )
    return 201, _out(view)


@router.get(
    "/submissions/{ref}", auth=Token(), response={200: SubmissionOut, REFUSED: Problem}, summary="A filled form"
)
def get_submission(request: HttpRequest, ref: str) -> Any:
    """Answers that this role may not see are masked; `masked` names them."""
    return _out(evidence.submission(actor_of(request), Ref(ref)))


@router.post(
    "/submissions/{ref}/accept", auth=Token(), response={200: SubmissionOut, REFUSED: Problem}, summary="Accept a form"
)
def post_accept(request: HttpRequest, ref: str, body: VerdictIn) -> Any:
    """Nobody accepts a form of their own."""
    return _out(evidence.accept(actor_of(request), ref=Ref(ref), why=body.why))
