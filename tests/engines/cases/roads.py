"""What the tests of cases share: declared roads, and a shelf of accepted forms."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from tests import makers

TODAY = date(2004, 6, 30)
DAY = date(2003, 3, 3)


def step(kind: str, **more: Any) -> dict[str, Any]:
    return {"title": {"en": more.pop("title", kind.capitalize())}, "kind": kind, "by": "extension_worker", **more}


ROADS: Mapping[str, Any] = {
    "community": {
        "id": "community",
        "subject": "community",
        "title": {"en": "Renewal"},
        "start": "letter",
        "facts": ["budget_ready"],
        "steps": {
            "letter": step("form", form="letter", title="Letter of interest", next="orientation"),
            "orientation": step("session", curriculum="orientation", due_days=30, next="workshop_a"),
            "workshop_a": step("session", curriculum="cer_a", due_days=30, next="workbook", title="Workshop A"),
            "workbook": step("document", dossier="workbook_1", due_days=30, next="workshop_e"),
            "workshop_e": step(
                "session",
                curriculum="cer_e",
                next="closed",
                gates=[
                    {
                        "id": "workbook",
                        "text": {"en": "The workbook is complete"},
                        "needs": "dossiers.workbook_1.complete",
                        "waivable_by": "national_coordinator",
                    },
                    {"id": "money", "text": {"en": "The budget is ready"}, "needs": "budget_ready == true"},
                ],
            ),
        },
    },
    "meetings": {
        "id": "meetings",
        "subject": "village",
        "title": {"en": "Village meetings"},
        "start": "meeting",
        "steps": {
            "meeting": step(
                "session",
                session="village_meeting",
                next="choice",
                gates=[
                    {
                        "id": "minutes",
                        "text": {"en": "Minutes are written"},
                        "needs": "sessions.meeting.minutes",
                        "waivable_by": "national_coordinator",
                    }
                ],
            ),
            "choice": step("session", session="village_meeting", next="closed", optional=True),
        },
    },
    "set_up": {
        "id": "set_up",
        "subject": "village",
        "title": {"en": "Set-up"},
        "start": "plan",
        "steps": {
            "plan": step(
                "form",
                form="plan",
                next="closed",
                gates=[
                    {
                        "id": "tasks_done",
                        "text": {"en": "What was planned is done"},
                        "needs": "tasks.plan.done >= 1 and tasks.plan.open == 0",
                    }
                ],
            ),
        },
    },
    "decided": {
        "id": "decided",
        "subject": "community",
        "title": {"en": "To be decided"},
        "start": "review",
        "steps": {
            "review": step(
                "decision", round="proposals", next={"approved": "release", "revise": "revision", "refused": "closed"}
            ),
            "revision": step("session", session="help_to_revise", next="review"),
            "release": step(
                "effect",
                calls=[
                    {"effect": "trial.contract", "with": {"party": "$subject", "case": "$case"}, "bind": "contract"},
                    {"effect": "trial.tell", "with": {"contract": "$contract.ref"}},
                ],
                next="launch",
            ),
            "launch": step("session", session="launch", next="closed"),
        },
    },
    "refusable": {
        "id": "refusable",
        "subject": "community",
        "title": {"en": "With a way out"},
        "start": "release",
        "steps": {
            "release": step("effect", effect="trial.refuse", next="launch", on_refused="settle"),
            "settle": step("session", session="meeting", next="release"),
            "launch": step("session", session="launch", next="closed"),
        },
    },
    "stage": {
        "id": "stage",
        "subject": "country",
        "title": {"en": "Country programme"},
        "start": "preparatory",
        "facts": ["plan_approved", "sites"],
        "steps": {
            "preparatory": step(
                "wait",
                until="plan_approved == true",
                length_months=[3, 4],
                next="pilot",
                title="Preparatory stage",
                by="national_coordinator",
            ),
            "pilot": step(
                "wait",
                months=9,
                length_months=[8, 9],
                next="development",
                title="Pilot stage",
                by="national_coordinator",
                gates=[{"id": "sites", "text": {"en": "One or two sites"}, "needs": "1 <= sites <= 2"}],
            ),
            "development": step(
                "wait", months=24, length_months=[24, 24], next="closed", by="national_coordinator", title="Development"
            ),
        },
    },
    "delivery": {
        "id": "delivery",
        "subject": "project",
        "title": {"en": "Delivery cycle"},
        "start": ["capacity", "organizing", "services", "policy"],
        "steps": {
            "capacity": step("session", session="course", title="Capacity building", next="closing"),
            "organizing": step("session", session="meeting", title="Organizing groups", next="closing"),
            "services": step("session", session="service", title="Support services", next="closing"),
            "policy": step("session", session="dialogue", title="Policy use", next="closing"),
            "closing": step(
                "session",
                session="meeting",
                waits_for=["capacity", "organizing", "services", "policy"],
                next="closed",
            ),
        },
    },
    "private": {
        "id": "private",
        "subject": "group",
        "title": {"en": "Loan"},
        "data_class": "F",
        "start": "visit",
        "steps": {"visit": step("session", session="visit", next="closed")},
    },
}
CURRICULA: Mapping[str, Any] = {
    "orientation": {
        "title": {"en": "Orientation"},
        "session": "orientation",
        "modules": [{"title": {"en": "All"}, "hours": 6}],
        "attendance_min": 2,
        "qualification": "cer_worker",
    },
    "cer_a": {
        "title": {"en": "Workshop A"},
        "modules": [{"title": {"en": "All"}, "hours": 12}],
        "attendance_min": 3,
        "after": ["orientation"],
    },
    "cer_e": {"title": {"en": "Workshop E"}, "after": ["cer_a"]},
}
CALENDAR: Mapping[str, Any] = {
    "core_teams_meet": {
        "id": "core_teams_meet",
        "title": {"en": "Core teams meet"},
        "every_months": 3,
        "by": "extension_worker",
        "session": "core_team_meeting",
        "for": "project",
    },
    "self_evaluation": {
        "id": "self_evaluation",
        "title": {"en": "Self-evaluation"},
        "every_months": 12,
        "by": "core_team",
        "form": "self_evaluation",
        "for": "project",
    },
    "mid_term": {
        "id": "mid_term",
        "title": {"en": "Mid-term evaluation"},
        "once_month": 18,
        "by": "programme_coordinator",
        "session": "mid_term_mission",
    },
}


@dataclass
class Shelf:
    """Accepted forms and signed documents, standing in for evidence, so that these tests are about cases alone."""

    forms: dict[str, Any] = field(default_factory=dict)
    dossiers: dict[tuple[str, str], bool] = field(default_factory=dict)
    frozen: bool = True
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def accepted(self, form: str, about: Ref | None = None, **answers: Any) -> Ref:
        ref = Ref(f"sub-{next(self.numbers):08d}")
        full = form if "." in form else f"road.{form}"
        self.forms[ref] = SimpleNamespace(ref=ref, form=full, state="accepted", answers=answers, about=about)
        return ref

    def signed(self, dossier: str, about: Ref, *, complete: bool = True, frozen_complete: bool | None = None) -> Ref:
        """A frozen version of a document; the document itself may have been changed since."""
        self.dossiers[(f"road.{dossier}", str(about))] = complete
        self.frozen = complete if frozen_complete is None else frozen_complete
        return Ref(f"dsv-{dossier}")

    def submission(self, actor: Actor, ref: Ref) -> Any:
        if ref not in self.forms:
            raise NotFound(ref=ref)
        return self.forms[ref]

    def latest(self, about: Ref, form: str) -> Any:
        found = [one for one in self.forms.values() if one.about == about and one.form == form]
        return found[-1] if found else None

    def count_submissions(self, actor: Actor, *, form: str, about: Ref, state: str) -> int:
        return sum(1 for one in self.forms.values() if one.about == about and one.form == form)

    def dossier_of(self, about: Ref, definition: str) -> Ref | None:
        return Ref(f"dos-{definition}|{about}") if (definition, str(about)) in self.dossiers else None

    def is_complete(self, ref: Ref) -> bool:
        definition, about = ref.removeprefix("dos-").split("|")
        return self.dossiers[(definition, about)]

    def dossier_version(self, actor: Actor, ref: Ref) -> Any:
        short = ref.removeprefix("dsv-")
        definition, about = next(key for key in self.dossiers if key[0].endswith(f".{short}"))
        return SimpleNamespace(
            dossier_ref=Ref(f"dos-{definition}|{about}"), numerator=4 if self.frozen else 3, denominator=4
        )

    def dossier(self, actor: Actor, ref: Ref) -> Any:
        definition, about = ref.removeprefix("dos-").split("|")
        return SimpleNamespace(definition=definition, about=Ref(about))


def declare(version: str = "1", **changed: Mapping[str, Any]) -> None:
    """Install the roads; a changed one in a new version."""
    makers.declared(
        "road",
        {"procedures": {**ROADS, **changed}, "curricula": CURRICULA, "calendar": CALENDAR},
        version=version,
    )


Opener = Callable[..., Ref]
keys = itertools.count(1)


def here(actor: Actor, case_ref: Ref) -> dict[str, cases.StepView]:
    """The open steps of a case by key."""
    return {one.key: one for one in cases.case(actor, case_ref).here}


def hold(actor: Actor, step_ref: Ref | None, people: list[Ref], *, on: date = DAY, **more: Any) -> Ref:
    """Hold the gathering of a step."""
    return cases.record_session(
        actor,
        held_on=on,
        step_ref=step_ref,
        attendance=[cases.Attendee(person_ref=one) for one in people],
        key=more.pop("key", f"held {next(keys)}"),
        **more,
    )
