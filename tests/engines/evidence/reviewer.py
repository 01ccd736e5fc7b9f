"""The processes of the tests that race reviewers and kill whoever brings an acceptance about.

python -m tests.engines.evidence.reviewer prepare PACKAGES
python -m tests.engines.evidence.reviewer send NAME              one form that waits for a look: its reference
python -m tests.engines.evidence.reviewer race REF REVIEWER      accept it once all are ready, and do what waits
python -m tests.engines.evidence.reviewer die REF WHERE          accept it, and be killed at that place
python -m tests.engines.evidence.reviewer go_on REF              what a server does at its next start
python -m tests.engines.evidence.reviewer prove REF              what stands because of it
"""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from typing import Any

from tests.engines.finance.racing import command, wait_for_the_start

RIVERSIDE = "trial/asia/PH/riverside/"
WRITTEN = (
    "| survey |\n| | type | name | label | data_class |\n"
    "| | text | name | Name | P2 |\n| | text | group | Group | |\n| | integer | income | Income | |\n"
)
MAPPING: list[dict[str, Any]] = [
    {
        "effect": "parties.register_person",
        "with": {"scope": "$scope", "given_name": "$answers.name", "consents": ["records"]},
        "bind": "head",
    },
    {
        "effect": "parties.find_or_make_group",
        "with": {"name": "$answers.group", "kind": "self_help_group", "scope": "$scope"},
        "bind": "group",
    },
    {"effect": "parties.join", "with": {"group": "$group.ref", "person": "$head.ref"}},
    {
        "effect": "cases.add_task",
        "with": {"title": "Visit", "about": "$head.ref", "owner_role": "extension_worker", "scope": "$scope"},
    },
]


def prepare(_packages: str) -> None:
    from django.core.management import call_command

    from tests import makers

    call_command("migrate", verbosity=0)
    makers.ground()
    makers.form(
        "household", WRITTEN, on_accept=MAPPING, facts=[{"kind": "evidence.income", "value": "$answers.income"}]
    )
    print("made")


def send(name: str) -> None:
    from tests import makers

    print(
        makers.submission(
            makers.someone("extension_worker", RIVERSIDE),
            form="trial.household",
            answers={"name": "Rosa", "group": name, "income": 10},
            key=f"form-{name}",
        ).ref
    )


def _reviewer(number: int) -> Any:
    from jump.base.actors import Actor, Grant

    return Actor(
        user_id=9000 + number, name=f"Reviewer {number}", grants=(Grant("national_coordinator", "trial/asia/PH/"),)
    )


def race(ref: str, number: str) -> None:
    from jump.base import outbox
    from jump.base.refusals import Refusal
    from jump.core.units import Ref
    from jump.engines.evidence import api as evidence

    reviewer = _reviewer(int(number))
    wait_for_the_start()
    try:
        said = str(evidence.accept(reviewer, ref=Ref(ref)).state)
    except Refusal as refusal:
        said = refusal.code
    outbox.drain()
    print(json.dumps({"said": said}))


def die(ref: str, where: str) -> None:
    """Accept, and be killed with everything queued, in the middle of the effects, before their commit, or after it."""
    from jump.base import outbox
    from jump.core.units import Ref
    from jump.engines.evidence import api as evidence

    def killed(*_words: Any, **_named: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    evidence.accept(_reviewer(1), ref=Ref(ref))
    if where == "queued":
        killed()
    elif where == "amid":  # the person and the group are in the transaction, the membership is not
        outbox.offer("parties.join", killed)
    elif where == "before_commit":  # everything is in the transaction, nothing committed
        whole = outbox.effect("evidence.bring_about")
        outbox.offer("evidence.bring_about", lambda cause, **named: (whole(cause, **named), killed())[0])
    outbox.drain()
    killed()


def go_on(_ref: str) -> None:
    from jump.base import outbox

    outbox.take_up_orphans(timedelta(0))
    outbox.drain()
    print("done")


def prove(ref: str) -> None:
    from jump.base.models import Consequence, OutboxFailure
    from jump.engines.cases.models import Task
    from jump.engines.evidence.models import DeclaredFact, Submission
    from jump.engines.parties.models import Group, Membership, Person

    row = Submission.objects.get(ref=ref)
    people = Person.objects.filter(key__startswith=f"evidence.accepted:{ref}")
    print(
        json.dumps(
            {
                "state": row.state,
                "accepted": row.reviews.filter(verdict="accept").count(),
                "people": people.count(),
                "groups": Group.objects.filter(name=row.answers["group"]).count(),
                "members": Membership.objects.filter(member_ref__in=people.values("ref")).count(),
                "tasks": Task.objects.filter(about_ref__in=people.values("ref")).count(),
                "facts": DeclaredFact.objects.filter(submission=row).count(),
                "standing": Consequence.objects.filter(cause_ref=ref, state="standing").count(),
                "failures": OutboxFailure.objects.count(),
            }
        )
    )


if __name__ == "__main__":
    command(prepare=prepare, send=send, race=race, die=die, go_on=go_on, prove=prove)
