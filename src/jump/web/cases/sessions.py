"""Gatherings: writing down who came and what was agreed, and reading it again."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jump.base import clock, i18n, packages
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.cases.forms import Gathering, NewPerson, Totals
from jump.web.cases.views import RIGHTS, step_page
from jump.web.context import forget_tasks
from jump.web.forms import saved, shown_again
from jump.web.links import address_of

PEOPLE_MAX = 200
NOT_STATED = "not_stated"


def age_bands() -> list[tuple[str, str]]:
    """The age groups of the installed programme; "not stated" alone where none are declared."""
    for one in packages.definitions("codes"):
        if one.id.endswith(".age_bands"):
            return [(str(item["code"]), i18n.text(item["title"])) for item in one.data["items"]]
    return [(NOT_STATED, _("Not stated"))]


@needs("cases.work")
def attend(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the gathering of a step: tick who came, add who is new, count the others."""
    actor = actor_of(request)
    page = step_page(request, ref)
    if page["step"].kind is not cases.StepKind.SESSION:
        raise NotFound(ref=ref)
    sent = request.POST if request.method == "POST" else None
    form = Gathering(sent)
    totals = Totals(sent, bands=age_bands(), sexes=[(code, str(title)) for code, title in words.SEXES])
    adding = sent is not None and "_person" in sent
    new = NewPerson(sent if adding else None, prefix="p")
    came = list(dict.fromkeys(sent.getlist("came"))) if sent is not None else []
    q = sent.get("q", "").strip() if sent is not None else ""
    scope = page["case"].scope
    page |= {
        "form": form,
        "totals": totals,
        "new": new,
        "came": came,
        "q": q,
        "key": (sent.get("_key") if sent is not None else "") or uuid.uuid4().hex,
        "may_see_people": "P2" in _classes(request, scope),
        "may_add": can(actor, "parties.write", scope),
        "cancel_url": reverse("cases:step", args=[ref]),
    }
    template = "cases/attend.html"
    status = 200
    if adding and new.is_valid():
        shown_again(request, template, {**page, **_people(request, scope, q, came)}, form="new")
        person = parties.register_person(
            actor,
            scope=scope,
            given_name=new.cleaned_data["given_name"],
            family_name=new.cleaned_data["family_name"],
            sex=new.cleaned_data["sex"],
            birth_year=new.cleaned_data["birth_year"],
            consents=("records",) if new.cleaned_data["consent"] else (),
            on=_day(form) or clock.today(),
            key=sent.get("_person_key", "") if sent is not None else "",
        )
        page |= {"came": [*came, person], "new": NewPerson(prefix="p"), "added": new.cleaned_data["given_name"]}
    elif sent is not None and "_find" not in sent and not adding:
        if form.is_valid() & totals.is_valid():
            shown_again(request, template, {**page, **_people(request, scope, q, came)})
            made = cases.record_session(
                actor,
                step_ref=Ref(ref),
                held_on=form.cleaned_data["held_on"],
                attendance=[cases.Attendee(person_ref=Ref(one)) for one in came],
                totals=totals.totals(),
                products=[cases.Product(line) for line in _lines(form.cleaned_data["products"])],
                issues=_lines(form.cleaned_data["issues"]),
                minutes=form.cleaned_data["minutes"],
                key=page["key"],
            )
            forget_tasks(actor)
            saved(request, _("The gathering is saved. Number %(ref)s.") % {"ref": made})
            return redirect("cases:step", ref)
        status = 422
    elif adding:
        status = 422
    page |= _people(request, scope, q, page["came"])
    page["person_key"] = uuid.uuid4().hex
    return render(request, template, page, status=status)


def _classes(request: HttpRequest, scope: str) -> set[str]:
    return {name for name in ("P2",) if any(scope.startswith(path) for path in actor_of(request).paths_viewing(name))}


def _day(form: Gathering) -> Any:
    try:
        return form.fields["held_on"].clean(form["held_on"].data) if form["held_on"].data else None
    except ValidationError:  # it is judged when the gathering is saved
        return None


def _people(request: HttpRequest, scope: str, q: str, came: list[str]) -> dict[str, Any]:
    """The people to tick: those who are found, and before them those who are ticked already."""
    actor = actor_of(request)
    found = parties.people(actor, scope=scope, q=q, limit=PEOPLE_MAX)
    rows = {one.ref: one for one in found}
    named = parties.names(actor, [one for one in came if one not in rows])
    ticked = [{"ref": one, "name": named[one], "sex": "", "on": True} for one in came if one in named]
    listed = [
        {"ref": one.ref, "name": one.name, "sex": words.SEX.get(one.sex.value, ""), "on": one.ref in came}
        for one in sorted(found, key=lambda one: (one.ref not in came, one.name.casefold()))
    ]
    count = len(came)
    return {
        "people": [*ticked, *listed],
        "people_total": parties.count_people(actor, scope=scope, q=q),
        "ticked": ngettext("%(n)s person is ticked", "%(n)s people are ticked", count) % {"n": count},
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@require_safe
@needs(*RIGHTS)
def session(request: HttpRequest, ref: str) -> HttpResponse:
    """One gathering: when, where, how many came, what was agreed."""
    actor = actor_of(request)
    found = cases.session(actor, Ref(ref))
    people = cases.attendees(actor, found.ref)
    ages = dict(age_bands())
    sexes = {code: str(title) for code, title in words.SEXES}
    hosts = parties.names(actor, found.hosts)
    return render(
        request,
        "cases/session.html",
        {
            "session": found,
            "state": SESSION_STATES.get(found.state.value, ("", found.state.value)),
            "people": [
                {
                    "name": one.name or sexes.get(one.sex, ""),
                    "url": address_of("people:person", [one.person_ref]) if one.person_ref else "",
                    "sex": words.SEX.get(one.sex, ""),
                    "age": ages.get(one.age_group, ""),
                    "came": one.attended,
                    "role": one.role.replace("_", " "),
                }
                for one in people
            ],
            "by_sex": [(sexes.get(code, code), number) for code, number in found.count.by_sex.items()],
            "by_age": [(ages.get(code, code), number) for code, number in found.count.by_age_group.items()],
            "hosts": list(hosts.values()),
            "products": [
                (one.title, address_of("cases:submission", [one.ref]) if one.ref and one.ref.kind == "sub" else "")
                for one in found.products
            ],
            "points": cases.tasks(actor, about=found.ref, as_of=clock.today()),
            "may_work": can(actor, "cases.work", found.scope),
            "case_url": reverse("cases:case", args=[found.case_ref]) if found.case_ref else "",
            "step_url": reverse("cases:step", args=[found.step_ref]) if found.step_ref else "",
            "course_url": reverse("training:course", args=[found.course_ref]) if found.course_ref else "",
        },
    )


SESSION_STATES = {
    "planned": ("blue", lazy("Planned")),
    "held": ("good", lazy("Held")),
    "cancelled": ("", lazy("Called off")),
}
