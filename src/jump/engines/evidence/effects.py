"""What declared data may cause in evidence. Each is safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jump.base.consequences import WayBack
from jump.base.outbox import Cause, in_steps
from jump.core.units import Ref
from jump.engines.evidence import services
from jump.engines.evidence.services import spreadsheets


def open_dossier(cause: Cause, *, definition: str, about: str, scope: str) -> Mapping[str, Any]:
    """A dossier about something, once: {"ref"}."""
    ref = services.open_dossier(
        cause.actor, definition=definition, about=Ref(about), scope=scope, on=cause.on, key=cause.key
    )
    return {"ref": ref}


def freeze_dossier(cause: Cause, *, dossier: str) -> Mapping[str, Any]:
    """The dossier as it is now, as a version: {"ref"}."""
    return {"ref": services.freeze_dossier(cause.actor, ref=Ref(dossier), on=cause.on, key=cause.key)}


def link_person(cause: Cause, *, submission: str, person: str) -> Mapping[str, Any]:
    """Note that a submission names a person, so that forgetting the person reaches it."""
    services.link_person(Ref(submission), Ref(person))
    return {"ref": submission}


def set_about(cause: Cause, *, submission: str, about: str, scope: str | None = "") -> Mapping[str, Any]:
    """Say what a submission is about, once that exists; its home moves there."""
    services.set_about(Ref(submission), Ref(about), scope or "")
    return {"ref": submission}


@in_steps
def check_sheet(cause: Cause, *, sheet: str) -> Mapping[str, Any]:
    """Ask every rule of its form of every row of a spreadsheet that came in."""
    spreadsheets.check(cause.actor, Ref(sheet))
    return {"ref": sheet}


@in_steps
def import_sheet(cause: Cause, *, sheet: str) -> Mapping[str, Any]:
    """Take in the rows of a checked spreadsheet that are right and new."""
    spreadsheets.take_in(cause.actor, Ref(sheet))
    return {"ref": sheet}


@in_steps
def undo_sheet(cause: Cause, *, sheet: str) -> Mapping[str, Any]:
    """Take back the forms of a spreadsheet that nobody has approved."""
    spreadsheets.take_back(cause.actor, Ref(sheet))
    return {"ref": sheet}


def bring_about(cause: Cause, *, submission: str) -> Mapping[str, Any]:
    """What an accepted form declares stands, and nothing else because of it; of one that is not accepted, nothing."""
    services.bring_about(cause.actor, ref=Ref(submission))
    return {"ref": submission}


def unlink_person(cause: Cause, result: Mapping[str, Any]) -> None:
    """A form that stands no more still holds the name that was typed: forgetting must go on reaching it."""


def keep_about(cause: Cause, result: Mapping[str, Any]) -> None:
    """What a form was about, it stays about: it can be found there still."""


EFFECTS = {
    "evidence.check_sheet": check_sheet,
    "evidence.import_sheet": import_sheet,
    "evidence.undo_sheet": undo_sheet,
    "evidence.bring_about": bring_about,
    "evidence.open_dossier": open_dossier,
    "evidence.freeze_dossier": freeze_dossier,
    "evidence.link_person": link_person,
    "evidence.set_about": set_about,
}

TAKE_BACK = {"evidence.link_person": WayBack(unlink_person), "evidence.set_about": WayBack(keep_about)}
