"""What the tests of decisions share: declared rounds, a panel, candidates."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.decisions import api as decisions
from tests import makers

OPENS = date(2003, 3, 1)
CLOSES = date(2003, 4, 30)
DAY = date(2003, 5, 10)
keys = itertools.count(1)


def said(text: str) -> dict[str, str]:
    return {"en": text}


ROUNDS: Mapping[str, Any] = {
    "pilots": {
        "title": said("Choice of pilot communities"),
        "method": "weighted",
        "panel_role": "selection_panel",
        "panel_min": 3,
        "criteria": [
            {"id": "signed", "title": said("The letter is signed"), "screening": True},
            {"id": "need", "title": said("Need"), "weight": 3, "scale_min": 0, "scale_max": 5},
            {"id": "ready", "title": said("Readiness"), "weight": 1, "scale_min": 0, "scale_max": 5},
        ],
        "tie_break": ["need"],
        "outcomes": [
            {"id": "selected", "title": said("Selected"), "good": True},
            {"id": "reserve", "title": said("Kept for later"), "good": False},
            {"id": "not_selected", "title": said("Not selected"), "good": False},
        ],
        "capacity": {"max_total": 3, "max_per_country": 2, "first_round_max_per_country": 1},
    },
    "proposals": {
        "title": said("Review of proposals"),
        "method": "weighted",
        "panel_min": 2,
        "criteria": [
            {"id": "jobs", "title": said("Decent jobs"), "weight": 2},
            {"id": "market", "title": said("Market"), "weight": 1},
        ],
        "tie_break": ["jobs"],
        "bands": [{"score_min": 70, "suggests": "approved"}, {"score_min": 0, "suggests": "revise"}],
        "outcomes": [
            {"id": "approved", "title": said("Approved"), "good": True},
            {"id": "revise", "title": said("Needs revision"), "good": False},
            {"id": "refused", "title": said("Refused"), "good": False},
        ],
    },
    "country": {
        "title": said("Eligibility of a country"),
        "method": "screening",
        "panel_min": 1,
        "criteria": [
            {"id": one, "title": said(one), "screening": True, "evidence": True}
            for one in ("unemployment", "request", "job_policies", "coop_law", "field_structure")
        ],
        "outcomes": [
            {"id": "eligible", "title": said("Eligible"), "good": True},
            {"id": "not_eligible", "title": said("Not eligible"), "good": False},
        ],
    },
    "activity": {
        "title": said("Screening of an activity"),
        "method": "screening",
        "panel_min": 1,
        "criteria": [
            {"id": "strengthens_economy", "title": said("Strengthens the local economy"), "screening": True},
            {"id": "creates_jobs", "title": said("Creates jobs for the target groups"), "screening": True},
        ],
        "outcomes": [
            {"id": "accepted", "title": said("Accepted"), "good": True},
            {"id": "refused", "title": said("Refused"), "good": False},
        ],
    },
    "form": {
        "title": said("Form of organisation"),
        "method": "ballot",
        "panel_min": 0,
        "options": [
            {"id": "cooperative", "title": said("Cooperative"), "cooperative": True},
            {"id": "association", "title": said("Association")},
            {"id": "no_cooperative", "title": said("No cooperative")},
        ],
        "outcomes": [
            {"id": "cooperative", "title": said("Cooperative"), "good": True},
            {"id": "association", "title": said("Association"), "good": True},
            {"id": "no_cooperative", "title": said("No cooperative"), "good": True},
        ],
    },
    "figures": {
        "title": said("With a figure"),
        "method": "weighted",
        "panel_min": 1,
        "criteria": [
            {"id": "jobless", "title": said("Share without work"), "weight": 1, "scale_max": 100, "computed": True},
            {"id": "ready", "title": said("Readiness"), "weight": 1},
        ],
        "outcomes": [
            {"id": "selected", "title": said("Selected"), "good": True},
            {"id": "not_selected", "title": said("Not selected"), "good": False},
        ],
    },
}
PROCEDURES: Mapping[str, Any] = {
    "community": {
        "id": "community",
        "subject": "community",
        "title": said("Renewal"),
        "start": "screening",
        "steps": {
            "screening": {
                "title": said("Screening"),
                "kind": "decision",
                "by": "selection_panel",
                "round": "pilots",
                "next": {"selected": "core_team", "reserve": "closed", "not_selected": "closed"},
            },
            "core_team": {"title": said("Core team"), "kind": "session", "session": "meeting", "next": "closed"},
        },
    },
    "proposal": {
        "id": "proposal",
        "subject": "community",
        "title": said("Proposal"),
        "start": "review",
        "steps": {
            "review": {
                "title": said("Review"),
                "kind": "decision",
                "round": "proposals",
                "next": {"approved": "closed", "revise": "revision", "refused": "closed"},
            },
            "revision": {"title": said("Revision"), "kind": "session", "session": "help", "next": "review"},
        },
    },
}
COMMITTEES: Mapping[str, Any] = {
    "national": {
        "title": said("National committee"),
        "required_classes": ["workers", "employers", "ngo"],
        "quorum_percent": 60,
        "secretary_role": "national_coordinator",
    },
    "steering": {
        "title": said("Steering committee"),
        "required_classes": ["beneficiaries", "local_partners", "local_government"],
        "quorum_percent": 50,
    },
}


def declare(version: str = "1", **changed: Mapping[str, Any]) -> None:
    makers.declared(
        "panels",
        {"rounds": {**ROUNDS, **changed}, "procedures": PROCEDURES, "committees": COMMITTEES},
        version=version,
    )


@dataclass
class Panel:
    """The members of a panel, as they come in."""

    members: list[Actor]

    @property
    def ids(self) -> list[int]:
        return [one.user_id for one in self.members if one.user_id is not None]

    def score(self, round_ref: Ref, sheets: Mapping[Ref, Sequence[Mapping[str, int]]]) -> None:
        """Each member declares no interest and gives the sheet at the member's place."""
        for candidate, given in sheets.items():
            for member, scores in zip(self.members, given, strict=True):
                decisions.declare_interest(member, round_ref=round_ref, candidate_ref=candidate, has_interest=False)
                decisions.score(member, candidate_ref=candidate, scores=scores)

    def score_alike(self, round_ref: Ref, sheets: Mapping[Ref, Mapping[str, int]]) -> None:
        self.score(round_ref, {ref: [scores] * len(self.members) for ref, scores in sheets.items()})


def opened(actor: Actor, definition: str, scope: str, panel: Panel, **more: Any) -> Ref:
    asked: dict[str, Any] = {"opens_on": OPENS, "closes_on": CLOSES, **more}
    return decisions.open_round(actor, definition=f"panels.{definition}", scope=scope, panel=panel.ids, **asked)


def entered(definition: str, subject: Ref, scope: str, *, about: Ref | None = None, **more: Any) -> Ref:
    asked: dict[str, Any] = {"on": date(2003, 3, 15), "key": f"entry {next(keys)}", **more}
    return decisions.enter(
        makers.MAKER,
        definition=f"panels.{definition}",
        candidate_ref=about or subject,
        subject_ref=subject,
        scope=scope,
        **asked,
    )


def decided(
    actor: Actor, round_ref: Ref, panel: Panel, choices: Mapping[Ref, str | tuple[str, str]], **more: Any
) -> None:
    """Decide with a reason where one is given."""
    outcomes = [
        decisions.Choice(ref, *([choice] if isinstance(choice, str) else choice)) for ref, choice in choices.items()
    ]
    asked: dict[str, Any] = {"minutes": "Discussed and agreed.", "present": panel.ids, "on": DAY, **more}
    decisions.decide(actor, round_ref=round_ref, outcomes=outcomes, **asked)
