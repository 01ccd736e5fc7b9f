"""The year of a scheme closed: contributions earned, claims to be expected, and the reserve brought towards its target.

Prepared by one person, booked by another with the assembly's decision. What goes into the reserve is a share of the
surplus, up to the target; a loss is taken out of it, as far as it reaches (target: methods 07, 7.2; share: our
default).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Sum

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import NotFound
from jump.core.calendars import Period
from jump.core.units import Ref, rounded_fraction
from jump.engines.finance.models import CoverScheme, CoverYear
from jump.engines.finance.models.cover_refusals import ClosingChanged, NoPackage, YearOpen
from jump.engines.finance.models.refusals import DecisionMissing, KeyReused, SamePerson, WrongState
from jump.engines.finance.queries.cover import adopted, in_force, scheme_row, share, year_of
from jump.engines.finance.queries.cover_figures import SchemeFile, scheme_file, year_view
from jump.engines.finance.queries.cover_premium import sheet_of
from jump.engines.finance.services.cover import post
from jump.engines.finance.types.cover import (
    PaperState,
)
from jump.engines.finance.types.cover_figures import (
    YearView,
)
from jump.engines.ledger import api as ledger

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a year would book, in whole minor units."""

    since: date
    until: date
    earned_minor: int
    outstanding_minor: int
    result_minor: int
    target_minor: int
    transfer_minor: int


def prepare_year(actor: Actor, *, scheme_ref: Ref, until: date, key: str) -> YearView:
    """Work out what closing a year will book. Nothing moves before a second person books it."""
    with ledger.posting_transaction():
        row = lock(scheme_row(actor, scheme_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = CoverYear.objects.filter(key=key).first()
        if known is not None:
            if (known.scheme_id, known.until) != (row.pk, until):
                raise KeyReused(key=key)
            return year_view(known, row.currency)
        period = _check_period(row, until)
        found = closing(row, period)
        made = CoverYear.objects.create(
            scheme=row,
            since=period.start,
            until=until,
            earned_minor=found.earned_minor,
            outstanding_minor=found.outstanding_minor,
            result_minor=found.result_minor,
            target_minor=found.target_minor,
            transfer_minor=found.transfer_minor,
            prepared_by=actor.key,
            key=key,
        )
        record(actor, "finance.prepare_year", made.ref, facts={"scheme": row.ref, "until": until.isoformat()})
        return year_view(made, row.currency)


def book_year(actor: Actor, *, year_ref: Ref, decision_ref: Ref) -> YearView:
    """Book a prepared closing on the last day of its year, with the decision of the assembly."""
    with ledger.posting_transaction():
        made = _year_row(actor, year_ref)
        row = lock(made.scheme)
        made = lock(made)
        require(actor, "finance.approve", row.scope.path)
        if made.state == PaperState.BOOKED:
            return year_view(made, row.currency)
        if made.state != PaperState.PREPARED:
            raise WrongState(state=made.state)
        if made.prepared_by == actor.key:
            raise SamePerson(doing="book", did="prepare", year=made.ref)
        if not decision_ref:
            raise DecisionMissing()
        found = closing(row, Period(made.since, made.until))
        before = (made.earned_minor, made.outstanding_minor, made.result_minor, made.transfer_minor)
        if before != (found.earned_minor, found.outstanding_minor, found.result_minor, found.transfer_minor):
            raise ClosingChanged(
                currency=row.currency,
                earned_minor=found.earned_minor,
                outstanding_minor=found.outstanding_minor,
                result_minor=found.result_minor,
                transfer_minor=found.transfer_minor,
            )
        held = {one.code: one.balance_minor for one in ledger.trial_balance(Ref(row.book), made.until)}
        change = made.outstanding_minor + held.get("outstanding", 0)
        lines = [
            ("unearned", made.earned_minor),
            ("contributions", -made.earned_minor),
            ("claims_change", change),
            ("outstanding", -change),
            ("surplus", made.transfer_minor),
            ("reserve", -made.transfer_minor),
        ]
        made.state, made.booked_by, made.decision = PaperState.BOOKED.value, actor.key, decision_ref
        if any(amount for _code, amount in lines):
            made.entry = post(actor, row, lines, made.ref, made.until)
        made.save()
        record(actor, "finance.book_year", made.ref, facts={"transfer_minor": made.transfer_minor})
        return year_view(made, row.currency)


def drop_year(actor: Actor, *, year_ref: Ref) -> None:
    """Give up a prepared closing, because something was booked since."""
    with ledger.posting_transaction():
        made = lock(_year_row(actor, year_ref))
        require(actor, "finance.prepare", made.scheme.scope.path)
        if made.state == PaperState.DROPPED:
            return
        if made.state != PaperState.PREPARED:
            raise WrongState(state=made.state)
        made.state = PaperState.DROPPED.value
        made.save(update_fields=["state"])
        record(actor, "finance.drop_year", made.ref)


def closing(row: CoverScheme, period: Period) -> Closing:
    """What closing this year books, from everything known of it now."""
    file, before = scheme_file(row), period.start - _ONE_DAY
    booked = row.years.filter(state=PaperState.BOOKED, until__lt=period.end)
    earned_before = int(booked.aggregate(Sum("earned_minor"))["earned_minor__sum"] or 0)
    last = booked.order_by("-until").first()
    earned = _whole(file.earned(period.end)) - earned_before
    outstanding = _whole(_to_be_expected(file, period.end))
    change = outstanding - (last.outstanding_minor if last else 0)
    moved = {one.code: one.balance_minor for one in ledger.trial_balance(Ref(row.book), period.end)}
    then = {one.code: one.balance_minor for one in ledger.trial_balance(Ref(row.book), before)}

    def in_year(code: str) -> int:
        return moved.get(code, 0) - then.get(code, 0)

    result = earned - in_year("subsidy") - in_year("claims") - change - in_year("expenses")
    version = in_force(adopted(row), period.end)
    if version is None:
        raise NoPackage(on=period.end.isoformat(), scheme=row.ref)
    target = sheet_of(row, version.terms, period.end).reserve_needed.amount_minor
    kept = -then.get("reserve", 0)
    part = share(version.terms["reserve"], "transfer_share", 1)
    transfer = max(result, -kept) if result < 0 else min(_whole(result * part), max(0, target - kept))
    return Closing(period.start, period.end, earned, outstanding, result, target, transfer)


def _to_be_expected(file: SchemeFile, day: date) -> Fraction:
    """Claims reported and not decided, and the estimate of those not reported: approved ones stand as payable."""
    return sum((one.undecided_minor(day) for one in file.claims), Fraction(0)) + file.unreported(day)[0]


def _check_period(row: CoverScheme, until: date) -> Period:
    """The year that ends on this day: over, not closed yet, and after every year that came before it."""
    version = in_force(adopted(row), until)
    if version is None:
        raise NoPackage(on=until.isoformat(), scheme=row.ref)
    year = year_of(version.terms, until)
    why = ""
    last = row.years.filter(state=PaperState.BOOKED).order_by("-until").values_list("until", flat=True).first()
    if year.end != until:
        why = "a year of this scheme ends on another day"
    elif until >= clock.today():
        why = "it is not over"
    elif last is not None and until <= last:
        why = "it is closed already"
    elif row.years.filter(state=PaperState.PREPARED).exists():
        why = "another closing waits to be booked"
    if not why:
        begins = year_of(version.terms, row.opened_on if last is None else last + _ONE_DAY).start
        if begins < year.start:
            why = "the year before it is still open"
    if why:
        raise YearOpen(until=until.isoformat(), why=why)
    return year


def _year_row(actor: Actor, ref: Ref) -> CoverYear:
    seen = CoverScheme.objects.visible_to(actor).values("pk")
    row = CoverYear.objects.filter(ref=ref, scheme__in=seen).select_related("scheme__scope").first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def _whole(value: Fraction) -> int:
    """To the minor unit, halves to the even one."""
    return int(rounded_fraction(Fraction(value), 0))
