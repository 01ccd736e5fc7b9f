"""Factories in the words of the domain. One section per engine; add yours at the end, keep sections in engine order.

They call the same services as pages do. Everything has a default, so that a test names only what it is about.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jump.base.actors import Actor, Grant, actor_for, system_actor
from jump.core.units import Ref

DAY = date(2004, 3, 1)
MAKER = system_actor("makers")
_numbers = itertools.count(1)


# Base: who acts, what is declared ---------------------------------------------------------------------


def someone(role: str, path: str = "trial/", *, user_id: int | None = None, rows: Sequence[str] = ()) -> Actor:
    """An actor with one role at one node, without a sign-in: enough for services and queries."""
    number = user_id if user_id is not None else 100_000 + next(_numbers)
    return Actor(user_id=number, name=f"{role} {number}", grants=(Grant(role, path),), row_refs=frozenset(rows))


def signed_in(role: str, path: str = "trial/", *, starts_on: date = date(2002, 1, 1), name: str = "") -> Actor:
    """An actor behind a real user row, with the role given by the books."""
    from django.contrib.auth import get_user_model

    from jump.base.models import RoleAssignment, ScopeNode

    user = get_user_model()._default_manager.create_user(username=name or f"{role}-{next(_numbers)}")
    node = ScopeNode.objects.get(path=path)
    RoleAssignment.objects.create(user=user, role=role, node=node, starts_on=starts_on)
    return actor_for(user)


def declared(package: str, content: Mapping[str, Mapping[str, Any]], *, version: str = "1") -> None:
    """Install definitions without files: `{kind: {short id: data}}`. A second call with the same version adds to it."""
    from jump.base import clock, packages
    from jump.base.models import PackageVersion

    row, _made = PackageVersion.objects.get_or_create(
        name=package, version=version, defaults={"digest": version, "content": {}, "installed_at": clock.now()}
    )
    for kind, entries in content.items():
        held = row.content.setdefault(kind, {})
        for short, data in entries.items():
            held[short if short == package else f"{package}.{short}"] = data
    row.save()
    packages.forget()


# Parties ----------------------------------------------------------------------------------------------

TRIAL: Mapping[str, Any] = {
    "number": "TRIAL/1",
    "title": {"en": "Trial programme", "fr": "Programme d’essai"},
    "coverage": {"en": "Inter-regional"},
    "executing": "ILO",
    "cooperating": ["Cooperatives", "Trade unions"],
    "donor": {"name": "Primary donor", "amount_minor": 250_000_000, "currency": "USD"},
    "national_contribution": {"en": "Staff and buildings"},
    "starts_on": "2002-01-01",
    "phases": [
        {"id": "phase_1", "title": {"en": "Phase I"}, "months": 36},
        {"id": "phase_2", "title": {"en": "Phase II"}, "months": 24},
    ],
    "tools": [{"id": "participatory_assessment"}, {"id": "indisco"}, {"id": "incubation"}],
    "jobs_target": 300,
    "communities": 3,
    "caseload_max": 2,
    "regions": [
        {
            "code": "asia",
            "name": {"en": "Asia"},
            "countries": [
                {"iso": "PH", "name": {"en": "Philippines"}, "currency": "PHP", "communities": 2, "jobs_target": 200},
                {"iso": "TH", "name": {"en": "Thailand"}, "currency": "THB", "communities": 1, "jobs_target": 100},
            ],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A programme on its feet: one country with two communities, another with one."""

    programme: Ref
    philippines: Ref
    thailand: Ref
    riverside: Ref
    hilltop: Ref
    lamai: Ref
    scope: str = "trial/asia/PH/riverside/"
    other_scope: str = "trial/asia/PH/hilltop/"
    foreign_scope: str = "trial/asia/TH/lamai/"
    country_scope: str = "trial/asia/PH/"


def ground(**changes: Any) -> Ground:
    """The trial programme, its two countries and three communities."""
    from jump.engines.parties import api as parties

    block = {**TRIAL, **changes}
    declared("trial", {"programme": {"trial": {"title": block["title"], "programme": block}}})
    programme = parties.declare_programme(MAKER, definition_id="trial", on=date(2002, 1, 1))
    countries = {view.code: view.ref for view in parties.places(MAKER, kind="country")}

    def community(country: str, name: str) -> Ref:
        return parties.declare_place(
            MAKER, parent_ref=countries[country], kind="community", name=name, code=name.lower(), on=date(2002, 6, 1)
        )

    return Ground(
        programme,
        countries["PH"],
        countries["TH"],
        community("PH", "Riverside"),
        community("PH", "Hilltop"),
        community("TH", "Lamai"),
    )


def person(scope: str = "trial/asia/PH/riverside/", **known: Any) -> Ref:
    """A woman of 1980 with her consent; any of it can be said otherwise."""
    from jump.engines.parties import api as parties

    number = next(_numbers)
    asked = {
        "given_name": f"Ana{number}",
        "family_name": "Reyes",
        "sex": "female",
        "birth_year": 1980,
        "consents": ("records",),
        "on": DAY,
        **known,
    }
    return parties.register_person(MAKER, scope=scope, **asked)


def group(scope: str = "trial/asia/PH/riverside/", *, members: Sequence[Ref] = (), **known: Any) -> Ref:
    """A self-help group with these members."""
    from jump.engines.parties import api as parties

    asked = {"name": f"Group {next(_numbers)}", "kind": "self_help_group", "on": DAY, **known}
    ref = parties.register_group(MAKER, scope=scope, **asked)
    for member in members:
        parties.join(MAKER, group_ref=ref, person_ref=member, role="member", on=asked["on"])
    return ref


def organisation(scope: str = "trial/asia/PH/", **known: Any) -> Ref:
    from jump.engines.parties import api as parties

    asked = {
        "name": f"Partner {next(_numbers)}",
        "kind": "ngo",
        "partner_class": "local_facilitator",
        "on": DAY,
        **known,
    }
    return parties.register_organisation(MAKER, scope=scope, **asked)


# Evidence ---------------------------------------------------------------------------------------------

VISIT = """
| survey |
| | type | name | label::English (en) | label::French (fr) | required | relevant | constraint | constraint_message | calculation | data_class |
| | date | visited_on | Day of the visit | Jour de la visite | yes | | . <= today() | Not a day to come. | | |
| | text | host | Who received you | Qui vous a reçu | | | | | | P2 |
| | select_one yes_no | is_open | Is it open? | Est-ce ouvert ? | yes | | | | | |
| | text | why_closed | Why not? | Pourquoi ? | yes | ${is_open} = 'no' | | | | |
| | decimal | sales | Sales of the week | Ventes | | | . >= 0 | 0 or more. | | |
| | begin_repeat | worker | Workers | Travailleurs | | | | | | |
| | text | worker_name | Name | Nom | yes | | | | | P2 |
| | integer | hours | Hours | Heures | yes | | . >= 0 and . <= 100 | 0 to 100. | | |
| | end_repeat | | | | | | | | | |
| | calculate | hours_total | | | | | | | sum(${hours}) | |
| | image | photo | Photo | Photo | | | | | | |

| choices |
| | list_name | name | label::English (en) | label::French (fr) |
| | yes_no | yes | Yes | Oui |
| | yes_no | no | No | Non |

| settings |
| | form_title | form_id | default_language |
| | Visit | visit | English (en) |
"""  # noqa: E501
PHOTO = b"\xff\xd8\xff\xe0" + b"jump" * 20


def form(
    short: str = "visit",
    written: str = VISIT,
    *,
    version: str = "1",
    media: Mapping[str, bytes] | None = None,
    **settings: Any,
) -> str:
    """A form of the trial package, kept as if the package had been installed. Returns its full id."""
    from jump.engines.evidence.definitions import xlsform
    from jump.engines.evidence.definitions.kept import keep_form

    form_id = f"trial.{short}"
    entry = {"file": f"forms/{short}.md", "title": {"en": short.replace("_", " ").capitalize()}, **settings}
    keep_form(
        form_id=form_id,
        package="trial",
        version=version,
        settings=entry,
        converted=xlsform.convert(written.encode()),
        media=media,
    )
    declared("trial", {"form": {short: entry}}, version=version)
    return form_id


def question(name: str, kind: str = "text", **cells: str) -> str:
    """A form of one question, for tests that need no more."""
    headings = ["type", "name", "label", *cells]
    row = [kind, name, name.capitalize(), *cells.values()]
    return f"| survey |\n| | {' | '.join(headings)} |\n| | {' | '.join(row)} |\n"


def visit_answers(**changes: Any) -> dict[str, Any]:
    """Answers that the visit form takes as they are."""
    answers = {
        "visited_on": "2004-03-01",
        "host": "Maria Santos",
        "is_open": "yes",
        "sales": "120.50",
        "worker": [{"worker_name": "Jose Cruz", "hours": 40}, {"worker_name": "Ana Lim", "hours": 20}],
        **changes,
    }
    return {name: value for name, value in answers.items() if value is not None}


def submission(actor: Actor = MAKER, *, form: str = "trial.visit", **asked: Any) -> Any:
    """A form sent in from Riverside."""
    from jump.engines.evidence import api as evidence

    content: dict[str, Any] = {
        "answers": visit_answers(),
        "scope": "trial/asia/PH/riverside/",
        "on": DAY,
        "key": f"form-{next(_numbers)}",
        **asked,
    }
    return evidence.submit(actor, form=form, **content)
