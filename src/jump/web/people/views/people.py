"""People: the list, one person, registering with consent, and which records are one person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs, signed_in
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import pick_label, saved, shown_again
from jump.web.jobs.views import job_rows, places_of
from jump.web.money.views.contracts import contract_rows
from jump.web.paging import offset_of, page_of_list
from jump.web.people import words
from jump.web.people.forms import (
    PERSON_FIELDS,
    ConsentForm,
    FlagForm,
    PersonForm,
    SameForm,
    WhyForm,
    WithdrawForm,
)
from jump.web.people.views.finding import nearest, url_of

BOTH = ["GET", "HEAD", "POST"]
RIGHTS = ("parties.write", "evidence.submit", "jobs.verify")
EXCEL_ROWS = 10_000
JOBS_SHOWN = 20


@needs(*RIGHTS)
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """People at and under a place, those registered last first."""
    actor, asked = actor_of(request), request.GET
    q, scope = asked.get("q", "").strip(), asked.get("scope", "")
    total = parties.count_people(actor, q=q, scope=scope)
    if wants_excel(asked):
        return _people_file(parties.people(actor, q=q, scope=scope, limit=EXCEL_ROWS))
    page = page_of_list(request, total)
    rows = parties.people(actor, q=q, scope=scope, limit=50, offset=offset_of(page))
    near = nearest(actor, q, kinds=("per",), limit=1) if q and not rows else []
    query = asked.copy()
    query["as"] = "excel"
    return render(
        request,
        "people/list.html",
        {
            "tab": "people",
            "q": q,
            "scope": scope,
            "places": places_of(actor),
            "page": page,
            "total": total,
            "rows": [person_row(one) for one in rows],
            "near": near[0] if near else None,
            "near_url": url_of(near[0]) if near else "",
            "may_write": can(actor, "parties.write"),
            "may_merge": can(actor, "parties.merge"),
            "excel_url": f"?{query.urlencode()}",
        },
    )


def person_row(one: parties.PersonView) -> dict[str, Any]:
    today = clock.today()
    return {
        "one": one,
        "sex": words.SEXES[one.sex],
        "born": words.born(one),
        "groups": [held for held in one.groups if held.ends_on is None or held.ends_on >= today],
        "flags": [words.named(words.FLAGS, flag.code) for flag in one.flags if flag.ends_on is None],
    }


def _people_file(rows: list[parties.PersonView]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the record")),
        (_("Name"), _("A number where the name is not for you")),
        (_("Sex"), _("As the person says")),
        (_("Born"), _("Year of birth")),
        (_("Place"), _("Community")),
        (_("Groups"), _("Groups the person belongs to today")),
        (_("Registered"), _("Day of the record")),
        (_("Same as"), _("The record that is kept, where two are one person")),
    ]
    return spreadsheet(
        _("People"),
        head,
        (
            (
                row["one"].ref,
                row["one"].name,
                row["sex"],
                row["one"].birth_year,
                row["one"].place_name,
                ", ".join(held.group_name for held in row["groups"]),
                row["one"].registered_on,
                row["one"].same_as or "",
            )
            for row in map(person_row, rows)
        ),
    )


@signed_in
@require_safe
def show_person(request: HttpRequest, ref: str) -> HttpResponse:
    """One person, as far as this reader may know them."""
    actor = actor_of(request)
    person = parties.person(actor, Ref(ref))
    called = parties.names(actor, [person.same_as]) if person.same_as else {}
    return render(
        request,
        "people/person.html",
        {
            **person_row(person),
            "person": person,
            "all_flags": [
                {
                    "one": flag,
                    "title": words.named(words.FLAGS, flag.code),
                    "basis": words.BASES[flag.basis],
                }
                for flag in person.flags
            ],
            "memberships": [
                {"one": held, "role": words.named(words.ROLES, held.role)} for held in reversed(person.groups)
            ],
            "jobs": job_rows(jobs.jobs(actor, person_ref=person.ref, limit=JOBS_SHOWN)),
            "contracts": contracts_of(actor, person.ref),
            "consents": [
                {"one": one, "title": words.named(words.CONSENTS, one.purpose)}
                for one in parties.consents(actor, person.ref)
            ],
            "same_as_name": called.get(person.same_as, "") if person.same_as else "",
            "may_write": can(actor, "parties.write", person.scope),
            "may_merge": can(actor, "parties.merge", person.scope),
        },
    )


def contracts_of(actor: Actor, ref: Ref) -> list[dict[str, Any]]:
    """Loans and grants of a party, for those who may read money."""
    if not can(actor, "finance.read"):
        return []
    return contract_rows(actor, finance.contracts(actor, party_ref=ref, limit=JOBS_SHOWN), named=False)


def writable_places(actor: Actor) -> list[tuple[str, str]]:
    """Places where this actor may register somebody."""
    return [(scope, name) for scope, name in places_of(actor) if can(actor, "parties.write", scope)]


@needs("parties.write")
@require_http_methods(BOTH)
def register(request: HttpRequest) -> HttpResponse:
    """Put a person into the books; first ask whether it is one of those who are there already."""
    actor = actor_of(request)
    first = {"scope": request.GET.get("scope", "")}
    form = PersonForm(request.POST or None, places=writable_places(actor), initial=first)
    page: dict[str, Any] = {"form": form, "group": request.GET.get("group", "")}
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/register.html", page, status=422 if form.errors else 200)
    given = form.cleaned_data
    full_name = f"{given['given_name']} {given['family_name']}".strip()
    if "new" not in request.POST:
        found = parties.look_alikes(
            actor,
            given_name=given["given_name"],
            family_name=given["family_name"],
            sex=given["sex"],
            birth_year=given["birth_year"],
            phone=given["phone"],
            scope=given["scope"],
        )
        if found.seen or found.hidden:
            alike = [_look_alike(one) for one in found.seen]
            return render(
                request, "people/register.html", {**page, "alike": alike, "hidden": found.hidden, "name": full_name}
            )
    shown_again(request, "people/register.html", page, fields=PERSON_FIELDS)
    ref = parties.register_person(
        actor,
        scope=given["scope"],
        given_name=given["given_name"],
        family_name=given["family_name"],
        sex=given["sex"],
        birth_year=given["birth_year"],
        phone=given["phone"],
        flags=[*given["flags"], *given["sensitive"]],
        consents=given["consents"],
        on=given["on"],
        key=given["key"],
    )
    saved(request, _("%(name)s is in the books. The number is %(ref)s.") % {"name": full_name, "ref": ref})
    group = request.GET.get("group", "")
    if group:
        return redirect(f"{reverse('people:join', args=[group])}?person={ref}")
    return redirect("people:person", ref=ref)


def _look_alike(found: parties.LookAlike) -> dict[str, Any]:
    """A candidate with enough to tell them apart, and why it may be the one."""
    said = [words.agreement(one) for one in found.why if one.weight > 0]
    return {**person_row(found.person), "band": words.BANDS[found.band], "why": said}


# One person, two records ----------------------------------------------------------------------------


@needs("parties.merge")
@require_http_methods(BOTH)
def same(request: HttpRequest, ref: str) -> HttpResponse:
    """Mark two records as one; nothing else is touched, and it can be taken back."""
    actor = actor_of(request)
    mine = Ref(ref)
    (parties.person if mine.kind == "per" else parties.group)(actor, mine)  # refuses what is not there
    names = parties.names(actor, [mine])
    name = names.get(mine, ref)
    home = reverse("people:person" if mine.kind == "per" else "people:group", args=[ref])
    other = request.GET.get("other", "")
    if not other:
        q = request.GET.get("q", "").strip() or name
        found = [hit for hit in nearest(actor, q, kinds=(mine.kind,), limit=12) if hit.ref != ref]
        page = {"q": q, "name": name, "ref": ref, "home": home, "hits": found}
        return render(request, "people/same.html", page)
    other_ref = Ref(other)
    both = parties.names(actor, [mine, other_ref])
    if other_ref not in both:
        raise NotFound(ref=other)
    records = [
        (mine, pick_label(both.get(mine, ref), mine)),
        (other_ref, pick_label(both.get(other_ref, other), other_ref)),
    ]
    form = SameForm(request.POST or None, records=[(str(code), label) for code, label in records])

    def do(given: dict[str, Any]) -> HttpResponse:
        keep = Ref(given["keep"])
        duplicate = other_ref if keep == mine else mine
        parties.mark_same(actor, keep=keep, duplicate=duplicate, why=given["why"])
        saved(
            request,
            _("%(duplicate)s is now marked as the same as %(keep)s. Figures are counted again.")
            % {"duplicate": duplicate, "keep": keep},
            undo_url=reverse("people:not_same", args=[duplicate]),
            undo_until=_("at any time"),
        )
        return redirect("people:person" if keep.kind == "per" else "people:group", ref=keep)

    page = {
        "section": "people",
        "crumbs": [{"label": _("People and groups"), "url": reverse("people:list")}, {"label": name, "url": home}],
        "heading": _("Are these two the same?"),
        "sub": _("Only a mark is set. Jobs, money and papers stay with the record they were written for."),
        "terms": _side_by_side(actor, mine, other_ref),
        "send": _("Mark as the same"),
        "back": home,
    }
    return act_page(request, form, do=do, page=page)


def _side_by_side(actor: Actor, *refs: Ref) -> list[tuple[str, str]]:
    """What is known of each record, one under the other."""
    rows: list[tuple[str, str]] = []
    for ref in refs:
        if ref.kind == "per":
            one = parties.person(actor, ref)
            known = (str(words.SEXES[one.sex]), words.born(one), one.place_name)
            rows.append((f"{one.name} ({ref})", ", ".join(known)))
        elif ref.kind == "grp":
            group = parties.group(actor, ref)
            rows.append((f"{group.name} ({ref})", f"{words.named(words.GROUP_KINDS, group.kind)}, {group.place_name}"))
        else:
            organisation = parties.organisation(actor, ref)
            rows.append((f"{organisation.name} ({ref})", words.plain(organisation.kind)))
    return rows


@needs("parties.merge")
@require_http_methods(BOTH)
def not_same(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the mark back: the two records are as they were before."""
    actor = actor_of(request)
    mine = Ref(ref)
    (parties.person if mine.kind == "per" else parties.group)(actor, mine)  # refuses what is not there
    home = reverse("people:person" if mine.kind == "per" else "people:group", args=[ref])

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.unmark_same(actor, duplicate=mine, why=given["why"])
        saved(request, _("The mark on %(ref)s is taken back. Figures are counted again.") % {"ref": ref})
        return redirect(home)

    page = {
        "section": "people",
        "crumbs": [{"label": _("People and groups"), "url": reverse("people:list")}, {"label": ref, "url": home}],
        "heading": _("Are they two after all?"),
        "sub": parties.names(actor, [mine]).get(mine, ref),
        "send": _("Take the mark back"),
        "back": home,
    }
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


# What a person agreed to, and what is said of them ----------------------------------------------------


def _about(request: HttpRequest, ref: str) -> tuple[Actor, parties.PersonView, dict[str, Any]]:
    actor = actor_of(request)
    person = parties.person(actor, Ref(ref))
    home = reverse("people:person", args=[ref])
    crumbs = [{"label": _("People and groups"), "url": reverse("people:list")}, {"label": person.name, "url": home}]
    return actor, person, {"section": "people", "crumbs": crumbs, "sub": person.name, "back": home}


@needs("parties.write")
@require_http_methods(BOTH)
def give_consent(request: HttpRequest, ref: str) -> HttpResponse:
    """Record that a person agreed to one more thing."""
    actor, person, page = _about(request, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.give_consent(actor, person_ref=person.ref, purpose=given["purpose"], on=given["on"])
        saved(request, _("Saved: %(what)s.") % {"what": words.CONSENTS[given["purpose"]]})
        return redirect("people:person", ref=ref)

    page |= {"heading": _("What does the person agree to?"), "send": _("Save")}
    return act_page(request, ConsentForm(request.POST or None), do=do, page=page)


@needs("parties.write")
@require_http_methods(BOTH)
def withdraw_consent(request: HttpRequest, ref: str, purpose: str) -> HttpResponse:
    """Record that a person no longer agrees."""
    actor, person, page = _about(request, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.withdraw_consent(actor, person_ref=person.ref, purpose=purpose, on=given["on"])
        saved(request, _("Saved: the person no longer agrees to this."))
        return redirect("people:person", ref=ref)

    page |= {
        "heading": _("Does the person no longer agree?"),
        "terms": [(words.named(words.CONSENTS, purpose), "")],
        "warning": _("Sensitive facts are removed with their consent.") if purpose == "sensitive" else "",
        "send": _("Save"),
    }
    return act_page(request, WithdrawForm(request.POST or None), do=do, page=page)


@needs("parties.write")
@require_http_methods(BOTH)
def add_flag(request: HttpRequest, ref: str) -> HttpResponse:
    """Say something about a person's situation, with its basis and day."""
    actor, person, page = _about(request, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.flag(actor, person_ref=person.ref, code=given["code"], basis=given["basis"], on=given["on"])
        saved(request, _("Saved."))
        return redirect("people:person", ref=ref)

    page |= {"heading": _("What is the person’s situation?"), "send": _("Save")}
    form = FlagForm(request.POST or None)
    return act_page(request, form, do=do, page=page, fields={"parties.consent_missing": "code"})


@needs("parties.write")
@require_http_methods(BOTH)
def end_flag(request: HttpRequest, ref: str, flag: str) -> HttpResponse:
    """It is no longer so, from a day on."""
    actor, person, page = _about(request, ref)
    found = next((one for one in person.flags if one.ref == flag), None)
    if found is None:
        raise NotFound(ref=flag)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.end_flag(actor, ref=found.ref, on=given["on"])
        saved(request, _("Saved."))
        return redirect("people:person", ref=ref)

    page |= {
        "heading": _("Is this no longer so?"),
        "terms": [(words.named(words.FLAGS, found.code), formats.day(found.starts_on))],
        "send": _("Save"),
    }
    return act_page(request, WithdrawForm(request.POST or None), do=do, page=page)
