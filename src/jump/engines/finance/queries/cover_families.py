"""Families of a scheme: what was due, what is paid, and who is covered on a day, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.calendars import RHYTHMS, add, add_months
from jump.core.insurance import Cover as CoverDays
from jump.core.insurance import (
    Due,
    PaidBenefit,
    PaidDue,
    Standing,
    benefit_from,
    contribution_state,
    paid_dues,
    standing,
)
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    CoverClaimLine,
    CoverContribution,
    CoverFamily,
    CoverPerson,
    CoverScheme,
    CoverVersion,
)
from jump.engines.finance.queries.cover import (
    adopted,
    benefit_view,
    entry_rule,
    in_force,
    rules_of,
    scheme_row,
    year_of,
)
from jump.engines.finance.types.cover import (
    BenefitToday,
    ContributionPer,
    ContributionView,
    DueView,
    FamilyRow,
    FamilyView,
    PersonCover,
    Relation,
)

_ONE_DAY = timedelta(days=1)
_CHUNK = 500
_AHEAD_MONTHS = 12
PROMISED = ("valued", "paid")


@dataclass(frozen=True, slots=True)
class FamilyFile:
    """A family with everything its standing follows from; read once, asked for any day."""

    family: CoverFamily
    persons: tuple[CoverPerson, ...]
    payments: tuple[tuple[date, int], ...]
    versions: tuple[CoverVersion, ...]

    def dues(self, until: date) -> list[Due]:
        """Contributions from joining on, in the rhythm of the scheme, for those insured on each day."""
        found: list[Due] = []
        first = in_force(self.versions, self.family.joined_on) or (self.versions[0] if self.versions else None)
        if first is None:
            return found
        count, unit = RHYTHMS[first.terms["contribution"]["rhythm"]]
        last = min(until, self.family.ended_on or until)
        number, day = 0, self.family.joined_on
        while day <= last:
            terms = (in_force(self.versions, day) or first).terms["contribution"]
            heads = sum(one.joined_on <= day and (one.left_on is None or one.left_on >= day) for one in self.persons)
            times = heads if terms["per"] == ContributionPer.PERSON else min(heads, 1)
            found.append(Due(day, int(terms["amount_minor"]) * times))
            number += 1
            day = add(self.family.joined_on, count * number, unit)
        return found

    def paid(self, as_of: date, *, until: date | None = None) -> tuple[PaidDue, ...]:
        """Dues to a day with what payments up to `as_of` cover of them; paid ahead covers those to come."""
        return paid_dues(dues=self.dues(until or as_of), payments=self.payments, as_of=as_of)

    def standing_of(self, person: CoverPerson, day: date) -> Standing:
        """Cover of one person on a day."""
        version = in_force(self.versions, day)
        terms = version.terms if version else {}
        ends = [one for one in (person.left_on, self.family.ended_on) if one is not None]
        return standing(
            joined_on=person.joined_on,
            left_on=max(min(ends), person.joined_on) if ends else None,
            paid=self.paid(day),
            day=day,
            grace_days=int(terms.get("grace_days", 0)),
            rule=entry_rule(terms),
        )

    def standing(self, day: date) -> Standing:
        """Cover of the family as a whole: that of its head."""
        head = next((one for one in self.persons if one.person == self.family.head), self.persons[0])
        return self.standing_of(head, day)

    def cover_of(self, person: CoverPerson, day: date, standing_then: Standing) -> CoverDays:
        """Cover as the arithmetic of a claim reads it, for the day of its event."""
        begins = standing_then.counts_from or day + _ONE_DAY
        return CoverDays(
            person=person.person,
            joined_on=begins if standing_then.is_in_force else day + _ONE_DAY,
            until=max(day, begins),
            family=frozenset(one.person for one in self.persons),
        )

    def last_due_until(self, dues: Sequence[PaidDue]) -> date:
        """The last day that the last due is for."""
        count, unit = RHYTHMS[self.versions[0].terms["contribution"]["rhythm"]]
        return add(self.family.joined_on, count * len(dues), unit) - _ONE_DAY

    def arrears(self, day: date) -> tuple[int, int, int, int]:
        """Due, paid, in arrears and ahead by a day, in minor units."""
        state = contribution_state(dues=self.dues(day), payments=self.payments, as_of=day)
        return state.due_minor, state.paid_minor, state.arrears_minor, state.ahead_minor


def family_row(actor: Actor, ref: Ref) -> CoverFamily:
    rows = CoverFamily.objects.visible_to(actor).select_related("scheme", "scope")
    row: CoverFamily | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def files_of(rows: Iterable[CoverFamily], versions: Sequence[CoverVersion]) -> dict[int, FamilyFile]:
    """Files of many families of one scheme, by row. Two statements for every five hundred families."""
    families = list(rows)
    people: dict[int, list[CoverPerson]] = defaultdict(list)
    money: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for start in range(0, len(families), _CHUNK):
        ids = [one.pk for one in families[start : start + _CHUNK]]
        for person in CoverPerson.objects.filter(family_id__in=ids).order_by("joined_on", "id"):
            people[person.family_id].append(person)
        paid = CoverContribution.objects.filter(family_id__in=ids, undone_entry="").order_by("on", "id")
        for family_id, on, amount in paid.values_list("family_id", "on", "amount_minor"):
            money[family_id].append((on, amount))
    return {one.pk: FamilyFile(one, tuple(people[one.pk]), tuple(money[one.pk]), tuple(versions)) for one in families}


def file_of(row: CoverFamily, versions: Sequence[CoverVersion] | None = None) -> FamilyFile:
    return files_of([row], adopted(row.scheme) if versions is None else versions)[row.pk]


def families(
    actor: Actor,
    *,
    scheme_ref: Ref,
    on: date | None = None,
    with_ended: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[FamilyRow]:
    """Families of a scheme in the order in which they joined, as they stand on a day. A fixed number of statements."""
    row = scheme_row(actor, scheme_ref)
    day = on or clock.today()
    page = list(_families(actor, row, with_ended)[offset : offset + limit])
    files = files_of(page, adopted(row))
    return [_family_line(files[one.pk], row.currency, day) for one in page]


def count_families(actor: Actor, *, scheme_ref: Ref, with_ended: bool = False) -> int:
    return int(_families(actor, scheme_row(actor, scheme_ref), with_ended).count())


def _families(actor: Actor, row: CoverScheme, with_ended: bool) -> Any:
    rows = CoverFamily.objects.visible_to(actor).filter(scheme=row)
    return (rows if with_ended else rows.filter(ended_on__isnull=True)).order_by("joined_on", "id")


def _family_line(file: FamilyFile, currency: str, day: date) -> FamilyRow:
    _due, _paid, arrears, ahead = file.arrears(day)
    dues = file.dues(day)
    return FamilyRow(
        ref=Ref(file.family.ref),
        head_ref=Ref(file.family.head),
        persons=sum(one.left_on is None or one.left_on >= day for one in file.persons),
        standing=file.standing(day),
        arrears=Money(arrears, currency),
        ahead=Money(ahead, currency),
        due=Money(dues[-1].amount_minor if dues else 0, currency),
        ended_on=file.family.ended_on,
    )


def family(actor: Actor, ref: Ref, on: date | None = None) -> FamilyView:
    """A family as it stands on a day: who is covered, what each benefit still gives, what was due and paid."""
    return family_view(family_row(actor, ref), on or clock.today())


def my_families(actor: Actor) -> list[Ref]:
    """Families in which the reader's own person is insured, or that were granted to the reader by number."""
    if not actor.row_refs:
        return []
    own = Q(persons__person__in=actor.row_refs, persons__left_on__isnull=True)
    rows = CoverFamily.objects.filter(own | Q(ref__in=actor.row_refs)).order_by("joined_on", "id").distinct()
    return [Ref(ref) for ref in rows.values_list("ref", flat=True)]


def my_family(actor: Actor, ref: Ref) -> FamilyView:
    """The reader's own family: what a member sees of it, without a right of the staff."""
    if ref not in my_families(actor):
        raise NotFound(ref=ref)
    return family_view(CoverFamily.objects.select_related("scheme", "scope").get(ref=ref), clock.today())


def family_view(row: CoverFamily, day: date) -> FamilyView:
    file, currency = file_of(row), row.scheme.currency
    due, paid, arrears, ahead = file.arrears(day)
    version = in_force(file.versions, day)
    spent = paid_in_year(file, version, day)
    horizon = add_months(day, _AHEAD_MONTHS)
    shown = file.paid(day, until=horizon)

    def money(amount: int) -> Money:
        return Money(amount, currency)

    dues = [DueView(one.due.on, money(one.due.amount_minor), money(one.covered_minor), one.paid_on) for one in shown]
    ceiling = version.terms.get("ceiling_family_minor") if version else None
    return FamilyView(
        ref=Ref(row.ref),
        scheme_ref=Ref(row.scheme.ref),
        scheme_title=row.scheme.title,
        head_ref=Ref(row.head),
        scope=row.scope.path,
        currency=currency,
        day=day,
        joined_on=row.joined_on,
        ended_on=row.ended_on,
        persons=tuple(person_cover(file, one, version, spent, day) for one in file.persons),
        standing=file.standing(day),
        due=money(due),
        paid=money(paid),
        arrears=money(arrears),
        ahead=money(ahead),
        next_due=next((one for one in dues if one.on > day and one.covered < one.amount), None),
        dues=tuple(one for one in dues if one.on <= day),
        contributions=tuple(
            ContributionView(
                ref=Ref(one.ref),
                on=one.on,
                amount=money(one.amount_minor),
                receipt=one.receipt,
                is_undone=bool(one.undone_entry),
                entry_ref=Ref(one.entry) if one.entry else None,
            )
            for one in row.contributions.order_by("-on", "-id")
        ),
        left_of_family=None if ceiling is None else money(max(0, ceiling - sum(one.paid_minor for one in spent))),
    )


def paid_in_year(file: FamilyFile, version: CoverVersion | None, day: date) -> list[PaidBenefit]:
    """What is promised or paid for a family in the year of the scheme that a day is in."""
    if version is None:
        return []
    year = year_of(version.terms, day)
    lines = CoverClaimLine.objects.filter(
        claim__family=file.family,
        claim__state__in=PROMISED,
        claim__event_on__gte=year.start,
        claim__event_on__lte=year.end,
        paid_minor__gt=0,
    )
    columns = ("claim__insured__person", "claim__provider", "claim__event_on", "benefit", "paid_minor")
    return [PaidBenefit(*one) for one in lines.order_by("claim__event_on", "id").values_list(*columns)]


def person_cover(
    file: FamilyFile, person: CoverPerson, version: CoverVersion | None, spent: Sequence[PaidBenefit], day: date
) -> PersonCover:
    now = file.standing_of(person, day)
    own = [one for one in spent if one.person == person.person]
    benefits: list[BenefitToday] = []
    ceiling = version.terms.get("ceiling_year_minor") if version else None
    currency = file.family.scheme.currency
    if version is not None:
        by_code: Mapping[str, Mapping[str, Any]] = {one["id"]: one for one in version.terms["benefits"]}
        for rule in rules_of(version).benefits:
            used = sum(one.paid_minor for one in own if one.benefit == rule.code)
            events = len({(one.provider, one.on) for one in own if one.benefit == rule.code})
            begins = benefit_from(file.cover_of(person, day, now), rule) if now.is_in_force else None
            limit = rule.ceiling_year_minor
            benefits.append(
                BenefitToday(
                    benefit=benefit_view(by_code[rule.code], currency),
                    from_day=begins,
                    is_open=begins is not None and begins <= day,
                    left=None if limit is None else Money(max(0, limit - used), currency),
                    events_left=None if rule.events_year_max is None else max(0, rule.events_year_max - events),
                )
            )
    left = None if ceiling is None else max(0, ceiling - sum(one.paid_minor for one in own))
    return PersonCover(
        ref=Ref(person.ref),
        person_ref=Ref(person.person),
        relation=Relation(person.relation),
        card=person.card,
        joined_on=person.joined_on,
        left_on=person.left_on,
        standing=now,
        benefits=tuple(benefits),
        left_of_year=None if left is None else Money(left, currency),
    )
