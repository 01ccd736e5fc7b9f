"""Groups, enterprises and organisations: lists, one of them, who belongs, and how it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs, signed_in
from jump.web.acting import act_page
from jump.web.cases.beginning import applications
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.jobs.views import job_rows, places_of
from jump.web.jobs.words import SEXES
from jump.web.links import address_of
from jump.web.paging import offset_of, page_of_list
from jump.web.people import words
from jump.web.people.forms import GroupForm, JoinForm, LeaveForm, OrganisationForm, StatusForm
from jump.web.people.views.finding import nearest, url_of
from jump.web.people.views.people import contracts_of, writable_places

BOTH = ["GET", "HEAD", "POST"]
RIGHTS = ("parties.write", "evidence.submit", "jobs.verify")
EXCEL_ROWS = 10_000
MEMBERS_SHOWN = 200
JOBS_SHOWN = 20


@needs(*RIGHTS)
@require_safe
def list_groups(request: HttpRequest) -> HttpResponse:
    """Groups and enterprises by name, kind and place."""
    actor, asked = actor_of(request), request.GET
    q, scope, kind = asked.get("q", "").strip(), asked.get("scope", ""), asked.get("kind", "")
    if wants_excel(asked):
        return _groups_file(parties.groups(actor, q=q, scope=scope, kind=kind, limit=EXCEL_ROWS))
    total = parties.count_groups(actor, q=q, scope=scope, kind=kind)
    page = page_of_list(request, total)
    rows = parties.groups(actor, q=q, scope=scope, kind=kind, limit=50, offset=offset_of(page))
    near = nearest(actor, q, kinds=("grp",), limit=1) if q and not rows else []
    query = asked.copy()
    query["as"] = "excel"
    return render(
        request,
        "people/groups.html",
        {
            "tab": "groups",
            "q": q,
            "scope": scope,
            "kind": kind,
            "kinds": words.GROUP_KINDS.items(),
            "places": places_of(actor),
            "page": page,
            "total": total,
            "rows": [group_row(one) for one in rows],
            "near": near[0] if near else None,
            "near_url": url_of(near[0]) if near else "",
            "may_write": can(actor, "parties.write"),
            "may_merge": can(actor, "parties.merge"),
            "excel_url": f"?{query.urlencode()}",
        },
    )


def group_row(one: parties.GroupView) -> dict[str, Any]:
    status, status_kind = words.STATUSES[one.status]
    return {
        "one": one,
        "kind": words.named(words.GROUP_KINDS, one.kind),
        "men": one.members_count - one.women_count,
        "status": status,
        "status_kind": status_kind,
    }


def _groups_file(rows: list[parties.GroupView]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the group")),
        (_("Name"), _("Its name")),
        (_("Kind"), _("Self-help group, cooperative, enterprise …")),
        (_("Legal form"), _("As registered")),
        (_("Place"), _("Community")),
        (_("Status"), _("Active, asleep or closed today")),
        (_("Members"), _("Members today")),
        (_("Women"), _("Women among them")),
        (_("Founded"), _("Since when it is in the books")),
    ]
    return spreadsheet(
        _("Groups"),
        head,
        (
            (
                one.ref,
                one.name,
                words.named(words.GROUP_KINDS, one.kind),
                one.legal_form,
                one.place_name,
                words.STATUSES[one.status][0],
                one.members_count,
                one.women_count,
                one.founded_on,
            )
            for one in rows
        ),
    )


@signed_in
@require_safe
def show_group(request: HttpRequest, ref: str) -> HttpResponse:
    """One group: members by sex, how it stands, its jobs, its money, and the case it came from."""
    if Ref(ref).kind == "org":
        return redirect("people:organisation", ref=ref)
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    members = parties.members(actor, group.ref, clock.today())
    names = parties.names(actor, [one.person_ref for one in members])
    codes = parties.codes_of([one.person_ref for one in members], clock.today())
    sexes = [str(codes.get(one.person_ref, {}).get("sex", "not_stated")) for one in members]
    legal_forms = dict(words.codes("legal_forms"))
    return render(
        request,
        "people/group.html",
        {
            **group_row(group),
            "group": group,
            "legal_form": legal_forms.get(group.legal_form, words.plain(group.legal_form)),
            "by_sex": [(SEXES[sex], sexes.count(sex)) for sex in SEXES if sexes.count(sex)],
            "women": sexes.count("female"),
            "men": sexes.count("male"),
            "members": [
                {
                    "one": one,
                    "name": names.get(one.person_ref, one.person_ref),
                    "sex": words.SEXES[sex],
                    "role": words.named(words.ROLES, one.role),
                    "url": address_of(
                        "people:person" if one.person_ref.kind == "per" else "people:group", [one.person_ref]
                    ),
                }
                for one, sex in zip(members[:MEMBERS_SHOWN], sexes, strict=False)
            ],
            "more_members": max(len(members) - MEMBERS_SHOWN, 0),
            "jobs": job_rows(jobs.jobs(actor, employer_ref=group.ref, limit=JOBS_SHOWN)),
            "contracts": contracts_of(actor, group.ref),
            "cases": cases.cases(actor, subject_ref=group.ref, limit=JOBS_SHOWN),
            "saving": _saving(actor, group),
            "may_write": can(actor, "parties.write", group.scope),
            "may_claim": can(actor, "jobs.claim", group.scope),
            "applications": applications() if can(actor, "evidence.submit", group.scope) else (),
            "may_merge": can(actor, "parties.merge", group.scope),
        },
    )


def _saving(actor: Actor, group: parties.GroupView) -> dict[str, Any] | None:
    """The way to a group's savings, its box and the sheet of a meeting, each for those who may use it."""
    if not can(actor, "finance.read", group.scope):
        return None
    accounts = finance.count_savings(actor, group_ref=group.ref, state="open")
    has_box = bool(finance.cycles(actor, group_ref=group.ref))
    may_prepare, may_collect = (can(actor, right, group.scope) for right in ("finance.prepare", "finance.collect"))
    if not (accounts or has_box or may_prepare or may_collect):
        return None
    return {"accounts": accounts, "has_box": has_box, "may_prepare": may_prepare, "may_collect": may_collect}


@needs("parties.write")
@require_http_methods(BOTH)
def register_group(request: HttpRequest) -> HttpResponse:
    """Put a group or enterprise into the books."""
    actor = actor_of(request)
    form = GroupForm(
        request.POST or None, places=writable_places(actor), initial={"scope": request.GET.get("scope", "")}
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        ref = parties.register_group(
            actor,
            scope=given["scope"],
            name=given["name"],
            kind=given["kind"],
            legal_form=given["legal_form"],
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("%(name)s is in the books. The number is %(ref)s.") % {"name": given["name"], "ref": ref})
        return redirect("people:group", ref=ref)

    page = {
        "section": "people",
        "crumbs": [{"label": _("Groups and enterprises"), "url": reverse("people:groups")}],
        "heading": _("Register a group"),
        "send": _("Register the group"),
        "back": reverse("people:groups"),
    }
    return act_page(request, form, do=do, page=page)


@needs("parties.write")
@require_http_methods(BOTH)
def join(request: HttpRequest, ref: str) -> HttpResponse:
    """Make a person a member: first find them, then since when and as what."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    home = reverse("people:group", args=[ref])
    who = request.GET.get("person", "")
    if not who:
        q = request.GET.get("q", "").strip()
        kind = "per" if group.degree == 1 else "grp"
        found = nearest(actor, q, kinds=(kind,), limit=12) if q else []
        page: dict[str, Any] = {"group": group, "q": q, "hits": found, "home": home}
        return render(request, "people/join.html", page)
    name = parties.names(actor, [Ref(who)]).get(who, who)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.join(actor, group_ref=group.ref, person_ref=Ref(who), role=given["role"], on=given["on"])
        saved(request, _("%(name)s is now a member of %(group)s.") % {"name": name, "group": group.name})
        return redirect(home)

    page = {
        "section": "people",
        "crumbs": [{"label": _("Groups and enterprises"), "url": reverse("people:groups")}, _crumb(group)],
        "heading": _("%(name)s joins %(group)s") % {"name": name, "group": group.name},
        "send": _("Save"),
        "back": home,
    }
    return act_page(request, JoinForm(request.POST or None), do=do, page=page)


def _crumb(group: parties.GroupView) -> dict[str, str]:
    return {"label": group.name, "url": reverse("people:group", args=[group.ref])}


@needs("parties.write")
@require_http_methods(BOTH)
def leave(request: HttpRequest, ref: str, member: str) -> HttpResponse:
    """End a membership on a day; it stays in the books."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    name = parties.names(actor, [Ref(member)]).get(member, member)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.leave(actor, group_ref=group.ref, person_ref=Ref(member), on=given["on"], why=given["why"])
        saved(request, _("%(name)s has left %(group)s.") % {"name": name, "group": group.name})
        return redirect("people:group", ref=ref)

    page = {
        "section": "people",
        "crumbs": [{"label": _("Groups and enterprises"), "url": reverse("people:groups")}, _crumb(group)],
        "heading": _("%(name)s leaves %(group)s") % {"name": name, "group": group.name},
        "note": _("The membership ends on this day and stays on record."),
        "send": _("Save"),
        "back": reverse("people:group", args=[ref]),
    }
    return act_page(request, LeaveForm(request.POST or None), do=do, page=page)


@needs("parties.write")
@require_http_methods(BOTH)
def set_status(request: HttpRequest, ref: str) -> HttpResponse:
    """Active, asleep or closed from a day on."""
    actor = actor_of(request)
    is_group = Ref(ref).kind == "grp"
    party = parties.group(actor, Ref(ref)) if is_group else parties.organisation(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.set_status(actor, party_ref=party.ref, status=given["status"], on=given["on"])
        saved(request, _("Saved: %(status)s.") % {"status": words.STATUSES[given["status"]][0]})
        return redirect("people:group" if is_group else "people:organisation", ref=ref)

    home = reverse("people:group" if is_group else "people:organisation", args=[ref])
    page = {
        "section": "people",
        "crumbs": [{"label": party.name, "url": home}],
        "heading": _("How does it stand?"),
        "sub": party.name,
        "terms": [
            (words.STATUSES[row.code][0], _("since %(day)s") % {"day": formats.day(row.on)})
            for row in reversed(parties.statuses(actor, party.ref))
        ],
        "send": _("Save"),
        "back": home,
    }
    form = StatusForm(request.POST or None, initial={"status": party.status.value})
    return act_page(request, form, do=do, page=page)


# Organisations --------------------------------------------------------------------------------------


@needs(*RIGHTS)
@require_safe
def list_organisations(request: HttpRequest) -> HttpResponse:
    """Organisations by name, with their class among the partners."""
    actor, asked = actor_of(request), request.GET
    q, scope, sort = asked.get("q", "").strip(), asked.get("scope", ""), asked.get("class", "")
    sort = sort if sort in words.PARTNER_CLASSES else ""
    rows = parties.organisations(
        actor, q=q, scope=scope, partner_class=sort, limit=EXCEL_ROWS if wants_excel(asked) else 500
    )
    if wants_excel(asked):
        head = [
            (_("Number"), _("Number of the organisation")),
            (_("Name"), _("Its name")),
            (_("What it is"), _("Its kind")),
            (_("Class of partner"), _("One of four classes")),
            (_("Since"), _("Since when it is in the books")),
        ]
        cells = ((one.ref, one.name, one.kind, words.PARTNER_CLASSES[one.partner_class], one.since) for one in rows)
        return spreadsheet(_("Organisations"), head, cells)
    near = nearest(actor, q, kinds=("org",), limit=1) if q and not rows else []
    query = asked.copy()
    query["as"] = "excel"
    return render(
        request,
        "people/organisations.html",
        {
            "tab": "organisations",
            "q": q,
            "scope": scope,
            "sort": sort,
            "classes": [(code, said) for code, said in words.PARTNER_CLASSES.items() if code],
            "places": places_of(actor),
            "rows": [
                {
                    "one": one,
                    "class": words.PARTNER_CLASSES[one.partner_class],
                    "kind": words.plain(one.kind),
                    "status": words.STATUSES[one.status],
                }
                for one in rows
            ],
            "near": near[0] if near else None,
            "near_url": url_of(near[0]) if near else "",
            "may_write": can(actor, "parties.write"),
            "may_merge": can(actor, "parties.merge"),
            "excel_url": f"?{query.urlencode()}",
        },
    )


@signed_in
@require_safe
def show_organisation(request: HttpRequest, ref: str) -> HttpResponse:
    """One organisation: what it is, what it is linked with, and its money."""
    actor = actor_of(request)
    one = parties.organisation(actor, Ref(ref))
    links = parties.relations(actor, of=one.ref)
    names = parties.names(actor, [ref for link in links for ref in (link.from_ref, link.to_ref)])
    return render(
        request,
        "people/organisation.html",
        {
            "one": one,
            "class": words.PARTNER_CLASSES[one.partner_class],
            "kind": words.plain(one.kind),
            "status": words.STATUSES[one.status],
            "statuses": [
                {"one": row, "title": words.STATUSES[row.code][0]} for row in reversed(parties.statuses(actor, one.ref))
            ],
            "links": [
                {
                    "one": link,
                    "kind": words.plain(link.kind),
                    "other": names.get(
                        link.to_ref if link.from_ref == one.ref else link.from_ref, _("not for your role")
                    ),
                }
                for link in links
            ],
            "contracts": contracts_of(actor, one.ref),
            "may_write": can(actor, "parties.write", one.scope),
            "may_merge": can(actor, "parties.merge", one.scope),
        },
    )


@needs("parties.write")
@require_http_methods(BOTH)
def register_organisation(request: HttpRequest) -> HttpResponse:
    """Put an organisation into the books."""
    actor = actor_of(request)
    form = OrganisationForm(request.POST or None, places=writable_places(actor))

    def do(given: dict[str, Any]) -> HttpResponse:
        ref = parties.register_organisation(
            actor,
            scope=given["scope"],
            name=given["name"],
            kind=given["kind"],
            partner_class=given["partner_class"],
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("%(name)s is in the books. The number is %(ref)s.") % {"name": given["name"], "ref": ref})
        return redirect("people:organisation", ref=ref)

    page = {
        "section": "people",
        "crumbs": [{"label": _("Organisations"), "url": reverse("people:organisations")}],
        "heading": _("Register an organisation"),
        "send": _("Register the organisation"),
        "back": reverse("people:organisations"),
    }
    return act_page(request, form, do=do, page=page)
