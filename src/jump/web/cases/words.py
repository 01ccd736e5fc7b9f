"""Words for codes of cases: roles, kinds of step, states, lights; and a step as a point of the path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from jump.base import packages
from jump.engines.cases import api as cases
from jump.web import formats

ROLES: dict[str, Any] = {
    "programme_coordinator": _("programme coordinator"),
    "national_coordinator": _("national coordinator"),
    "extension_worker": _("extension worker"),
    "core_team": _("core team"),
    "partner": _("partner organisation"),
    "fund_manager": _("fund manager"),
    "selection_panel": _("selection panel"),
    "donor": _("donor"),
    "administrator": _("system administrator"),
    "community": _("the community"),
    "system": _("the system"),
}
KINDS: dict[str, Any] = {
    "form": _("A form"),
    "session": _("A gathering"),
    "decision": _("A decision of a panel"),
    "effect": _("Done by the system"),
    "document": _("A document in parts"),
    "wait": _("Waiting"),
}
STATES: dict[str, tuple[str, Any]] = {
    "todo": ("", _("To come")),
    "here": ("blue", _("Open")),
    "waiting": ("warn", _("Waiting")),
    "done": ("good", _("Done")),
    "waived": ("good", _("Let pass")),
    "skipped": ("", _("Left out")),
}
LIGHTS: dict[str, tuple[str, Any]] = {
    "good": ("good", _("On time")),
    "blue": ("blue", _("On time")),
    "warn": ("warn", _("Due soon")),
    "bad": ("bad", _("Late")),
}
FORM_STATES: dict[str, tuple[str, Any]] = {
    "draft": ("", _("Draft")),
    "received": ("warn", _("Waits for a look")),
    "accepted": ("good", _("Accepted")),
    "rejected": ("bad", _("Refused")),
    "sent_back": ("warn", _("Sent back")),
}
BECOMES: dict[str, tuple[str, Any]] = {
    "made": ("good", _("new")),
    "changed": ("blue", _("changed")),
    "kept": ("", _("as it is")),
    "standing": ("good", _("stands")),
    "taken_back": ("warn", _("taken back")),
    "left": ("bad", _("left for a person to look at")),
}
WHY_LEFT: dict[str, Any] = {
    "built_on": _("Others have built on it since."),
    "no_way_back": _("It cannot be taken back by itself."),
}
EFFECTS: dict[str, Any] = {
    "parties.register_person": _("A person"),
    "parties.find_or_make_group": _("A group"),
    "parties.find_or_make_community": _("A community"),
    "parties.record_place": _("What is known of a place"),
    "parties.join": _("A membership"),
    "parties.relate": _("A link"),
    "parties.flag": _("A target group"),
    "parties.qualify": _("A skill or certificate"),
    "parties.set_status": _("A state"),
    "parties.notify": _("A notice"),
    "cases.open": _("A case"),
    "cases.add_task": _("A task"),
    "cases.finish_task": _("A task that is done"),
    "cases.set_fact_about": _("A fact of a case"),
    "jobs.claim": _("A claimed job"),
    "jobs.verify": _("A check of a job"),
    "jobs.follow_up": _("A later look at a job"),
    "finance.store_move": _("A move of a store, prepared"),
    "finance.fund_cost": _("A cost of a fund, prepared"),
    "finance.weighing": _("A weighing"),
    "finance.muster_roll": _("A muster roll"),
    "results.set_baseline": _("A baseline"),
    "results.activity_report": _("A report on an activity"),
    "evidence.set_about": _("What the form is about"),
    "evidence.link_person": _("A person whom the form names"),
    "evidence.open_dossier": _("A document in parts"),
}
SECTION_STATES: dict[str, tuple[str, Any]] = {
    "empty": ("", _("Not begun")),
    "started": ("warn", _("Begun")),
    "complete": ("good", _("Complete")),
    "optional": ("", _("May be left out")),
}
SEXES: tuple[tuple[str, Any], ...] = (
    ("female", _("Women")),
    ("male", _("Men")),
    ("other", _("Other")),
    ("not_stated", _("Not stated")),
)
SEX: dict[str, Any] = {
    "female": _("Woman"),
    "male": _("Man"),
    "other": _("Other"),
    "not_stated": _("Not stated"),
}
COMPLETED = ("completed", "done")
AHEAD = 4
BEHIND = 3


def role(code: str) -> str:
    return str(ROLES.get(code, code.replace("_", " ")))


def step_url(step: cases.StepView) -> str:
    return reverse("cases:step", args=[step.ref]) if step.ref else ""


def step_detail(step: cases.StepView) -> str:
    """The small line under a step: when it was done, or when it is due."""
    if step.state.value == "waived":
        return gettext("let pass")
    if step.state.value == "skipped":
        return gettext("left out")
    if step.done_on:
        return formats.day_short(step.done_on)
    if step.due_on:
        return gettext("due %(day)s") % {"day": formats.day_short(step.due_on)}
    return ""


def point(step: cases.StepView) -> dict[str, Any]:
    """A step as a point of the path."""
    state = "done" if step.state.value in ("done", "waived", "skipped") else "here" if step.is_open else "todo"
    return {"label": step.title, "detail": step_detail(step), "state": state, "url": step_url(step)}


def main_road(procedure: str, version: str | None = None) -> frozenset[str]:
    """The steps on the straight road of a procedure: from the first along the first answer of each.

    What is reached only by a refusal or a revision is a detour: it is shown when somebody has taken it.
    """
    declared = packages.definition("procedures", procedure, version).data
    steps: Mapping[str, Mapping[str, Any]] = declared["steps"]
    found: set[str] = set()
    start = declared["start"]
    waiting = [start] if isinstance(start, str) else [str(one) for one in start]
    while waiting:
        key = waiting.pop()
        if key in found or key not in steps:
            continue
        found.add(key)
        following = steps[key].get("next") or ()
        if isinstance(following, Mapping):
            following = next(iter(following.values()), ())
        waiting += [following] if isinstance(following, str) else [str(one) for one in following]
    return frozenset(found)


def path_points(case: cases.CaseView, *, more_url: str) -> list[dict[str, Any]]:
    """A road of some ten points: the first, the last done, what is open, the next; the rest is counted."""
    straight = main_road(case.procedure, case.version)
    steps = case.steps
    past = [one for one in steps if one.ref is not None and not one.is_open]
    here = [one for one in steps if one.is_open]
    ahead = [one for one in steps if one.ref is None and one.key in straight and case.state.value == "open"]
    points = [point(one) for one in past]
    if len(past) > BEHIND + 2:
        between = len(past) - BEHIND - 1
        words = ngettext("%(n)s more step", "%(n)s more steps", between) % {"n": between}
        folded = {"label": words, "detail": gettext("all done"), "state": "done", "url": more_url}
        points = [points[0], folded, *points[-BEHIND:]]
    points += [point(one) for one in here]
    points += [point(one) for one in ahead[:AHEAD]]
    if len(ahead) > AHEAD:
        left = len(ahead) - AHEAD
        words = ngettext("%(n)s more step", "%(n)s more steps", left) % {"n": left}
        points.append({"label": words, "detail": gettext("still to come"), "state": "todo", "url": more_url})
    return points


def standing(case: cases.CaseView) -> tuple[str, str]:
    """The tag of a road: where it stands, and its kind."""
    if case.state.value == "closed":
        return (gettext("Completed"), "good") if case.outcome in COMPLETED else (gettext("Closed"), "")
    straight = main_road(case.procedure, case.version)
    done = len({one.key for one in case.steps if one.ref is not None and not one.is_open} & straight)
    total = len(straight)
    here = ", ".join(one.title for one in case.here)
    words = gettext("Step %(at)s of %(total)s") % {"at": min(done + 1, total), "total": total}
    late = any(one.light.value == "bad" for one in case.here)
    return (f"{words} · {here}" if here else words), "warn" if late else "blue"
