"""What the tests of these pages share: the shipped packages, people who can sign in, forms as a browser sends them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client

from jump.base import clock, outbox, packages
from jump.base.actors import ANONYMOUS, Actor, actor_for
from jump.base.models import RoleAssignment, ScopeNode
from jump.cli.example.fill import Filler
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from tests import makers

TODAY = date(2002, 10, 1)
LETTER: dict[str, Any] = {
    "community_name": "Bagong Pag-asa",
    "settlement_type": "semi_urban",
    "country": "PH",
    "contact_name": "Rosa Cruz",
    "contact_sex": "female",
    "body_name": "Village council",
    "population": 4200,
    "unemployed_women": 610,
    "unemployed_men": 540,
    "figures_source": "Council’s own count, 2002",
    "target_groups": ["unemployed", "youth"],
    "why": "The factory closed.",
    "volunteers_women": 6,
    "volunteers_men": 4,
    "has_room": "yes",
    "supporter": [{"supporter_name": "Weavers’ association", "supporter_seat": "ngo"}],
    "other_programme": "no",
    "agrees_to_records": "yes",
    "signed_by": "Rosa Cruz",
    "signed_on": "2002-08-30",
}


def programme() -> None:
    """The shipped packages, the programme with its countries, and a day in its first year."""
    for folder in packages.in_order(["jump_cer"]):
        packages.install(makers.MAKER, folder)
    parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
    clock.pin(TODAY)


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The shipped packages and the programme, once for all tests of a file; each test then rolls its own back."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]  # a durable block inside it is as good as outermost
        with around:
            programme()
            yield
            transaction.set_rollback(True)


@pytest.fixture
def road_db(shipped: None, db: None) -> None:
    """A test on the shipped packages."""


def user(name: str, role: str = "", path: str = "jump/") -> Any:
    """Somebody who can sign in, with a role where one is named."""
    made = get_user_model()._default_manager.create_user(username=name, first_name=name.capitalize())
    if role:
        node = ScopeNode.objects.get(path=path)
        RoleAssignment.objects.create(user=made, role=role, node=node, starts_on=date(2002, 1, 1))
    return made


def as_(name: str, role: str = "", path: str = "jump/") -> tuple[Client, Actor]:
    """A browser in which this person is signed in, and the actor behind it."""
    made = user(name, role, path)
    client = Client()
    client.force_login(made)
    return client, actor_for(made)


def typed(answers: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Answers as a browser sends them from the page of a form."""
    data: dict[str, Any] = {}
    for key, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            data[f"n-{prefix}{key}"] = str(len(value))
            for number, row in enumerate(value):
                data |= typed(row, f"{prefix}{key}.{number}.")
        elif isinstance(value, list):
            data[f"a-{prefix}{key}"] = [str(one) for one in value]
        else:
            data[f"a-{prefix}{key}"] = str(value)
    return data


def community(**changes: Any) -> cases.CaseView:
    """A community whose letter was accepted: it waits for the panel."""
    answers = {**LETTER, **changes}
    sent = evidence.submit(
        ANONYMOUS,
        form="jump_cer.letter_of_interest",
        answers=answers,
        scope="jump/",
        on=TODAY,
        key=f"letter {answers['community_name']}",
    )
    outbox.drain()
    evidence.accept(makers.someone("programme_coordinator", "jump/"), ref=sent.ref)
    outbox.drain()
    rows = cases.cases(makers.MAKER, limit=500)
    mine = next(row for row in rows if row.title.startswith(str(answers["community_name"])))
    return cases.case(makers.MAKER, mine.ref)


def selected(**changes: Any) -> cases.CaseView:
    """A community that the panel has chosen: the stakeholder map is next."""
    case = community(**changes)
    step = case.here[0]
    cases.answer(makers.MAKER, key=f"cases:{step.ref}:1", outcome="selected", proof_ref=None, facts={}, on=TODAY)
    outbox.drain()
    return cases.case(makers.MAKER, case.ref)


def filled(form: str, **given: Any) -> dict[str, Any]:
    """Answers to every question of a form that must be answered: what is named, and something that fits elsewhere."""
    filler = Filler(random.Random(1), {"by_name": {}, "any": ["As agreed."]})
    return filler.answers(form, TODAY, given)
