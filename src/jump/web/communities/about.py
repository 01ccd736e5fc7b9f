"""What a community's page shows, gathered from the engines; each part a few statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from jump.base import packages
from jump.base.actors import Actor, can
from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from jump.web import drawings, formats
from jump.web.cases import words
from jump.web.context import programme_of
from jump.web.decisions.panel import holders
from jump.web.links import address_of

SUBJECT = "community"
LATEST = 6
KEPT_SECONDS = 60
PROPOSAL, ROSTER = "evidence.proposal", "evidence.core_team"  # the facts that these forms give


def procedures() -> dict[str, packages.Definition]:
    """The procedures whose subject is a community, by id."""
    return {one.id: one for one in packages.definitions("procedures") if one.data.get("subject") == SUBJECT}


def form_giving(kind: str) -> str:
    """The form whose acceptance gives this kind of fact, or nothing where no package has one."""
    for one in packages.definitions("form"):
        if any(fact.get("kind") == kind for fact in one.data.get("facts", ())):
            return one.id
    return ""


def sentence(place: parties.PlaceView, partners: Sequence[str]) -> str:
    """The line under a community's name."""
    parts = [place.settlement_type.label]
    if place.population:
        people = ngettext("%(n)s person", "%(n)s people", place.population)
        parts.append(people % {"n": formats.number(place.population)})
    if place.unemployment_rate:
        rate = formats.share(place.unemployment_rate)
        parts.append(_("%(share)s of adults without work") % {"share": rate})
    if partners:
        parts.append(_("Partner: %(names)s") % {"names": ", ".join(partners)})
    return " · ".join(part for part in parts if part)


def main_case(actor: Actor, place: parties.PlaceView) -> cases.CaseView | None:
    """The road of the community: its open case, else the last one."""
    return cases.road(actor, subject_ref=place.ref, procedures=tuple(procedures()))


def to_do(actor: Actor, place: parties.PlaceView, today: date) -> dict[str, Any]:
    """What is to be done before the next step: the open tasks, and those done last."""
    found = cases.tasks(actor, scope=place.scope, as_of=today, limit=100)
    open_ = [one for one in found if one.state.value == "open"]
    done = [one for one in found if one.state.value == "done"][-3:]
    may = can(actor, "cases.work", place.scope)
    items = [
        {
            "id": f"t-{one.ref}",
            "label": one.title,
            "note": f"{words.role(one.owner_role)}, {formats.day_short(one.due_on)}"
            if one.due_on
            else words.role(one.owner_role),
            "done": one.state.value == "done",
            **({"name": "task", "value": one.ref} if may and one.state.value == "open" else {}),
        }
        for one in [*done, *open_[:8]]
    ]
    return {
        "items": items,
        "open": len(open_),
        "done": len(done),
        "may_finish": may and bool(open_),
        "note": _("%(done)s of %(all)s done") % {"done": len(done), "all": len(done) + len(open_)} if found else "",
    }


def funnel(
    actor: Actor, place: parties.PlaceView, proposals: Sequence[Mapping[str, Any]], enterprises: int
) -> dict[str, Any]:
    """From ideas to jobs: what came of what, as a drawing with its table."""
    rows = []
    ideas = form_giving("evidence.idea")
    if ideas:
        count = evidence.count_submissions(actor, form=ideas, scope=place.scope, state="accepted")
        rows.append((_("Ideas"), count, _("on idea cards")))
    rows.append((_("Proposals"), len(proposals), _("with a business plan")))
    rows.append((_("Approved"), sum(1 for one in proposals if one["good"]), _("by the panel")))
    rows.append((_("Enterprises"), enterprises, _("set up")))
    finding = ", ".join(f"{label}: {formats.number(count)}" for label, count, _note in rows)
    return {
        "any": any(count for _label, count, _note in rows),
        "rows": [(label, formats.number(count)) for label, count, _note in rows],
        "drawing": drawings.bars(
            key="ideas",
            title=_("From ideas to enterprises"),
            finding=finding,
            rows=[drawings.Bar(label, count, note) for label, count, note in rows],
        ),
    }


def _reviews_of(case: cases.CaseView | None, form: str) -> set[Ref]:
    """The decisions of this road that judge what the form says: those after the document that holds it."""
    found: set[Ref] = set()
    is_written = False
    for step in case.steps if case is not None else ():
        if step.kind is cases.StepKind.DOCUMENT:
            held = packages.definition("dossier", step.asks)
            is_written = is_written or any(held.full(str(part["form"])) == form for part in held.data["sections"])
        elif is_written and step.kind is cases.StepKind.DECISION and step.proof_ref is not None:
            found.add(step.proof_ref)
    return found


def written(actor: Actor, place: parties.PlaceView) -> list[evidence.SubmissionView]:
    """The proposals written here and the rosters of the core team, newest first."""
    forms = [form for kind in (PROPOSAL, ROSTER) if (form := form_giving(kind))]
    return evidence.submissions(actor, form=forms, scope=place.scope, limit=40, bare=True) if forms else []


def proposals(
    actor: Actor, place: parties.PlaceView, case: cases.CaseView | None, sent: Sequence[evidence.SubmissionView]
) -> list[dict[str, Any]]:
    """The proposals written here, each with what was decided about it, newest first."""
    form = form_giving(PROPOSAL)
    sent = [one for one in sent if one.form == form]
    if not sent:
        return []
    reviews = _reviews_of(case, form)
    decided = [one for one in decisions.outcomes(actor, subject_ref=place.ref) if one.ref in reviews]
    last = decided[-1] if decided else None
    found = []
    seen: set[str] = set()
    for one in sent:
        answers = one.answers
        title = str(answers.get("title") or one.title).casefold()
        if title in seen:  # an earlier version of the same proposal
            continue
        known = last if not seen and last is not None and last.decided_on >= one.on else None
        seen.add(title)
        found.append(
            {
                "title": answers.get("title") or one.title,
                "url": reverse("cases:submission", args=[one.ref]),
                "group": answers.get("promoter", ""),
                "jobs": answers.get("jobs_planned"),
                "asks": answers.get("award_requested"),
                "currency": answers.get("currency", ""),
                "score": known.score if known is not None else None,
                "good": known is not None and known.good,
                "state": known.title if known is not None else words.FORM_STATES[one.state.value][1],
                "kind": ("good" if known.good else "warn") if known is not None else "",
            }
        )
    return found


def money_rows(contracts: Sequence[finance.ContractRow], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Contracts of this place as lines of a table."""
    return [
        {
            "title": one.purpose or one.product_title,
            "url": address_of("money:contract", [one.ref]),
            "party": names.get(one.party_ref, ""),
            "kind": one.product_title,
            "amount": one.amount,
            "released": one.released,
            "outstanding": one.outstanding,
            "late": one.days_late,
        }
        for one in contracts
    ]


def enterprises(
    actor: Actor, groups: Sequence[parties.GroupView], contracts: Sequence[finance.ContractRow]
) -> list[dict[str, Any]]:
    """Enterprises as alerts: how many members and women, and money that is late."""
    late = {one.party_ref: one.days_late for one in contracts if one.days_late > 0}
    found = []
    for one in groups:
        people = ngettext("%(n)s member", "%(n)s members", one.members_count) % {"n": one.members_count}
        women = ngettext("%(n)s woman", "%(n)s women", one.women_count) % {"n": one.women_count}
        detail = f"{people} · {women}"
        if one.ref in late:
            days = ngettext("Loan payment %(n)s day late", "Loan payment %(n)s days late", late[one.ref])
            detail = f"{detail}. {days % {'n': late[one.ref]}}"
        kind = "warn" if one.ref in late else "good" if one.status.value == "active" else "blue"
        found.append({"title": one.name, "url": address_of("people:group", [one.ref]), "detail": detail, "kind": kind})
    return found


def headline(actor: Actor, place: parties.PlaceView) -> results.HeadlineView | None:
    """Jobs here against the target; nothing where no figure was computed. Open to everyone, and kept for a minute."""

    def read() -> tuple[results.HeadlineView | None]:
        try:
            return (results.headline(actor, scope=place.scope, starts_on=programme_of(actor).starts_on),)
        except Refusal:
            return (None,)

    found: tuple[results.HeadlineView | None] = _kept(f"headline.{place.ref}.{get_language()}", read)
    return found[0]


def _kept(key: str, read: Callable[[], Any]) -> Any:
    """What changes slowly and costs much, kept for a minute."""
    return cache.get_or_set(f"web.community.{key}", read, KEPT_SECONDS)


def latest(sessions: Sequence[cases.SessionView], sent: Sequence[evidence.SubmissionLine]) -> list[dict[str, Any]]:
    """What happened last: gatherings and forms, newest first."""
    rows: list[tuple[date, str, str]] = []
    for held in sessions:
        if held.state.value == "held":
            count = held.count.people_max
            people = ngettext("%(n)s person", "%(n)s people", count) % {"n": count}
            rows.append((held.held_on, f"{held.title} · {people}", reverse("cases:session", args=[held.ref])))
    for one in sent:
        by = f" · {one.by}" if one.by and one.by != "public" else ""
        rows.append((one.on, f"{one.title}{by}", reverse("cases:submission", args=[one.ref])))
    rows.sort(key=lambda row: row[0], reverse=True)
    return [{"on": on, "text": text, "url": url} for on, text, url in rows[:LATEST]]


def people_to_call(
    actor: Actor,
    place: parties.PlaceView,
    teams: Sequence[parties.GroupView],
    sent: Sequence[evidence.SubmissionView],
    today: date,
) -> list[dict[str, Any]]:
    """The core team and the workers who look after this place, kept for a minute."""
    key = f"call.{place.ref}.{actor.key}.{get_language()}"
    found: list[dict[str, Any]] = _kept(key, lambda: _people_to_call(actor, place, teams, sent, today))
    return found


def _of_the_roster(place: parties.PlaceView, sent: Sequence[evidence.SubmissionView]) -> list[dict[str, Any]]:
    """The core team as its last roster names it: who leads with a telephone, and how many they are."""
    form = form_giving(ROSTER)
    accepted = [one for one in sent if (one.form, one.about, one.state.value) == (form, place.ref, "accepted")]
    rows = []
    for one in accepted[:1]:
        url = reverse("cases:submission", args=[one.ref])
        members = one.answers.get("member") or ()
        for member in members if isinstance(members, list) else ():
            if member.get("member_leads") == "yes" and member.get("member_name"):
                phone = str(member.get("member_phone") or "")
                rows.append({"role": _("Core team"), "name": member["member_name"], "url": url, "detail": phone})
        count = int(one.answers.get("members") or 0)
        women = int(one.answers.get("women") or 0)
        text = ngettext("%(n)s member", "%(n)s members", count) % {"n": count}
        female = ngettext("%(n)s woman", "%(n)s women", women) % {"n": women}
        name = _("The roster of the core team")
        rows.append({"role": _("Core team"), "name": name, "url": url, "detail": f"{text}, {female}"})
    return rows


def _people_to_call(
    actor: Actor,
    place: parties.PlaceView,
    teams: Sequence[parties.GroupView],
    sent: Sequence[evidence.SubmissionView],
    today: date,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    links = parties.relations(actor, of=place.ref, as_of=today)
    members = parties.members(actor, teams[0].ref, today) if teams else []
    titles = {"extension_worker": _("Extension worker"), "core_team": _("Core team")}
    held = holders(tuple(titles), place.scope)
    rows += [
        {"role": title, "name": name, "url": "", "detail": ""}
        for role, title in titles.items()
        for _user, name in held.get(role, [])[:3]
    ]
    refs: list[Ref] = [one.from_ref if one.from_ref != place.ref else one.to_ref for one in links]
    named = parties.names(actor, [*refs, *(one.person_ref for one in members)])
    for ref in dict.fromkeys(refs):
        if ref.kind == "per":
            url = address_of("people:person", [ref])
            rows.append({"role": _("Extension worker"), "name": named.get(ref, ref), "url": url, "detail": ""})
        elif ref.kind == "org":
            rows.append({"role": _("Partner"), "name": named.get(ref, ref), "url": "", "detail": ""})
    for member in members:
        if member.role != "member":
            url = address_of("people:person", [member.person_ref])
            role = member.role.replace("_", " ")
            name = named.get(member.person_ref, member.person_ref)
            rows.append({"role": _("Core team"), "name": name, "url": url, "detail": role})
    if not teams:
        named_already = {row["name"] for row in rows}
        rows.extend(row for row in _of_the_roster(place, sent) if row["name"] not in named_already)
    if teams:
        team = teams[0]
        count = ngettext("%(n)s member", "%(n)s members", team.members_count) % {"n": team.members_count}
        women = ngettext("%(n)s woman", "%(n)s women", team.women_count) % {"n": team.women_count}
        url = address_of("people:group", [team.ref])
        rows.append({"role": _("Core team"), "name": team.name, "url": url, "detail": f"{count}, {women}"})
    return rows
