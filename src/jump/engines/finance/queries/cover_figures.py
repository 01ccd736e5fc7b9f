"""A scheme's figures on the accrual basis: what is earned, claims to be expected, the ten indicators, what is used.

Sources: finance rules, section 6; methods 07, 7.3 (indicators), 7.5 (accounts), 7.7 (board sheet, alarms).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from django.db.models import Sum
from django.db.models.functions import Coalesce

from jump.base import clock
from jump.base.actors import Actor
from jump.core.calendars import Period, add_months, month_end
from jump.core.insurance import (
    TEN_GOALS,
    ClaimState,
    SchemeYear,
    TenIndicator,
    alarms,
    chain_ladder,
    earned_to,
    incurred_claims,
    promptness,
    ten_indicators,
    unreported_by_delay,
)
from jump.core.money import Money
from jump.core.ratios import ExactRatio, ratio
from jump.core.units import Ref
from jump.engines.finance.models import CoverClaim, CoverClaimLine, CoverScheme, CoverYear
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.cover import adopted, as_exact, in_force, scheme_row, year_of
from jump.engines.finance.queries.cover_families import FamilyFile, files_of
from jump.engines.finance.types.cover import (
    PaperState,
)
from jump.engines.finance.types.cover_figures import (
    IndicatorView,
    SchemeFigures,
    UseRow,
    YearView,
)
from jump.engines.ledger import api as ledger

_ONE_DAY = timedelta(days=1)
_MONTHS_BACK = 3  # of the estimate by delay (methods 07, 7.3)
_LADDER_MONTHS = 12
_LADDER_FROM_MONTHS = 24  # months of data from which the chain ladder is used (methods 07, 7.3)
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """The days and amounts of a claim that figures follow from."""

    event_on: date
    reported_on: date
    decided_on: date | None
    paid_on: date | None
    state: str
    asked_minor: int
    paid_minor: int
    provider: str

    @property
    def is_rejected(self) -> bool:
        return self.state == ClaimState.REJECTED

    def is_rejected_by(self, day: date) -> bool:
        return self.is_rejected and self.decided_on is not None and self.decided_on <= day

    def open_minor(self, day: date) -> int:
        """What is reported and unpaid at the end of a day: as approved, or as asked where nobody had decided."""
        if self.reported_on > day or (self.paid_on is not None and self.paid_on <= day):
            return 0
        decided = self.decided_on is not None and self.decided_on <= day
        if decided:
            return 0 if self.is_rejected else self.paid_minor
        return self.asked_minor

    def undecided_minor(self, day: date) -> int:
        """What is reported and not decided at the end of a day."""
        decided = self.decided_on is not None and self.decided_on <= day
        return 0 if decided else self.open_minor(day)


@dataclass(frozen=True, slots=True)
class SchemeFile:
    """Everything the figures of a scheme follow from, read once."""

    row: CoverScheme
    families: tuple[FamilyFile, ...]
    claims: tuple[ClaimFact, ...]

    def earned(self, day: date) -> Fraction:
        """Contributions earned from the beginning to the end of a day, exact."""
        total = Fraction(0)
        for file in self.families:
            if file.family.joined_on > day:
                continue
            paid = file.paid(day, until=add_months(day, 12))
            if paid:
                total += earned_to(paid, last_until=file.last_due_until(paid), as_of=day)
        return total

    def received(self, since: date, until: date) -> int:
        return sum(amount for file in self.families for on, amount in file.payments if since <= on <= until)

    def due(self, since: date, until: date) -> int:
        return sum(due.amount_minor for file in self.families for due in file.dues(until) if since <= due.on <= until)

    def insured(self, day: date) -> int:
        """People enrolled on a day, whether their contributions are paid or not."""
        return sum(
            one.joined_on <= day and (one.left_on is None or one.left_on >= day)
            for file in self.families
            for one in file.persons
        )

    def insured_in_force(self, day: date) -> int:
        """People whose cover is in force on a day."""
        return sum(file.standing_of(one, day).is_in_force for file in self.families for one in file.persons)

    def homes(self, day: date) -> list[FamilyFile]:
        return [
            file
            for file in self.families
            if file.family.joined_on <= day and (file.family.ended_on is None or file.family.ended_on >= day)
        ]

    def outstanding(self, day: date) -> Fraction:
        """Reported and unpaid, and the estimate of what is not reported yet."""
        return sum(one.open_minor(day) for one in self.claims) + self.unreported(day)[0]

    def unreported(self, day: date) -> tuple[Fraction, str]:
        """What has happened and is not reported at the end of a day, and how it was estimated.

        The chain ladder with two years of data, before that the mean delay times a month's claims of the last three
        months; 0 and "none" where there are fewer months (methods 07, 7.3; requirement MICROINS-04).
        """
        known = [one for one in self.claims if one.reported_on <= day and not one.is_rejected_by(day)]
        if not known:
            return Fraction(0), "none"
        first = min(one.event_on for one in known).replace(day=1)
        months = (day.year - first.year) * 12 + day.month - first.month
        if months >= _LADDER_FROM_MONTHS:
            return chain_ladder(_triangle(known, day)), "chain_ladder"
        if months < _MONTHS_BACK:
            return Fraction(0), "none"
        start = day.replace(day=1)
        monthly = [0] * _MONTHS_BACK
        for one in known:
            back = (start.year - one.event_on.year) * 12 + start.month - one.event_on.month
            if 1 <= back <= _MONTHS_BACK:
                monthly[_MONTHS_BACK - back] += one.asked_minor
        days = Fraction(sum((one.reported_on - one.event_on).days for one in known), len(known))
        return unreported_by_delay(monthly_claims=monthly, mean_delay_months=days * 12 / _YEAR_DAYS), "delay"


def _triangle(known: Sequence[ClaimFact], day: date) -> list[list[int]]:
    """Cumulative claims by month of event (rows, the oldest first) and months to the report (columns)."""
    size = _LADDER_MONTHS
    last = day.year * 12 + day.month - 1
    rows = [[0] * (size - number) for number in range(size)]
    for one in known:
        event = one.event_on.year * 12 + one.event_on.month - 1
        number = size - 1 - (last - event)
        delay = one.reported_on.year * 12 + one.reported_on.month - 1 - event
        if 0 <= number < size and delay < len(rows[number]):
            rows[number][delay] += one.asked_minor
    return [list(accumulate(row)) for row in rows]


def scheme_file(row: CoverScheme) -> SchemeFile:
    """Read a scheme whole: a fixed number of statements for every five hundred families."""
    families = list(row.families.select_related("scheme").order_by("id"))
    files = files_of(families, adopted(row))
    columns = ("event_on", "reported_on", "decided_on", "paid_on", "state", "asked_minor", "paid_minor", "provider")
    facts = [
        ClaimFact(**{**values, "paid_minor": values["paid_minor"] or 0})
        for values in CoverClaim.objects.filter(scheme=row).order_by("id").values(*columns)
    ]
    return SchemeFile(row, tuple(files[one.pk] for one in families), tuple(facts))


def figures(actor: Actor, *, scheme_ref: Ref, on: date | None = None) -> SchemeFigures:
    """The year of a scheme up to a day (today if none is given), on the accrual basis, with its ten indicators."""
    row = scheme_row(actor, scheme_ref)
    day = on or clock.today()
    version = in_force(adopted(row), day)
    year = year_of(version.terms if version else {}, day)
    return figures_of(scheme_file(row), Period(year.start, max(day, year.start)))


def figures_of(file: SchemeFile, period: Period) -> SchemeFigures:
    row, since, until = file.row, period.start, period.end
    before = since - _ONE_DAY
    earned = file.earned(until) - file.earned(before)
    reported = [one for one in file.claims if since <= one.reported_on <= until]
    decided = [one for one in file.claims if one.decided_on and since <= one.decided_on <= until]
    paid = [one for one in file.claims if one.paid_on and since <= one.paid_on <= until]
    paid_minor = sum(one.paid_minor for one in paid)
    unreported, how = file.unreported(until)
    outstanding = sum((one.open_minor(until) for one in file.claims), Fraction(0)) + unreported
    incurred = incurred_claims(
        paid_minor=paid_minor, outstanding_open=file.outstanding(before), outstanding_close=outstanding
    )
    expenses, subsidy = _cash(row, "expense", since, until), _cash(row, "subsidy", since, until)
    held = {one.code: one.balance_minor for one in ledger.trial_balance(Ref(row.book), until)}
    received_to = file.received(row.opened_on, until)
    unearned = received_to - file.earned(until)
    payable = -held.get("claims_payable", 0)
    homes_before = file.homes(before)
    renewed = [one for one in homes_before if one in file.homes(until) and one.standing(until).is_in_force]
    rejected = [one for one in reported if one.is_rejected_by(until)]
    undecided = sum(one.undecided_minor(until) for one in file.claims)
    whole = SchemeYear(
        earned_premium=earned,
        incurred_claims=incurred,
        incurred_expenses_minor=expenses,
        subsidy_minor=subsidy,
        renewals=len(renewed),
        potential_renewals=len(homes_before),
        claims_reported=len(reported),
        claims_rejected=len(rejected),
        insured_before=file.insured(before),
        insured_now=file.insured(until),
        target_population=row.target_population,
        admitted_assets_minor=held.get("cash", 0),
        liabilities_minor=_up(unearned + outstanding),
        cash_minor=held.get("cash", 0),
        payables_3_months_minor=payable + undecided,
    )
    days = [(one.paid_on - one.event_on).days for one in paid if one.paid_on]
    found = ten_indicators(whole, days_to_payment=days)
    alone = ten_indicators(whole, days_to_payment=days, with_subsidy=False)
    by_provider: dict[str, int] = defaultdict(int)
    for one in decided:
        by_provider[one.provider] += one.paid_minor
    raised = alarms(
        monthly_claims_ratios=_monthly(file, since, until),
        liquidity=found[TenIndicator.LIQUIDITY],
        insured=file.insured(until),
        cost_by_provider_minor={name: cost for name, cost in by_provider.items() if name},
        renewal=found[TenIndicator.RENEWAL],
    )

    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return SchemeFigures(
        scheme_ref=Ref(row.ref),
        since=since,
        until=until,
        currency=row.currency,
        families=len(file.homes(until)),
        insured=file.insured(until),
        insured_before=file.insured(before),
        insured_in_force=file.insured_in_force(until),
        received=money(file.received(since, until)),
        due=money(file.due(since, until)),
        earned=earned,
        unearned=unearned,
        paid_claims=money(paid_minor),
        outstanding=outstanding,
        unreported=unreported,
        unreported_how=how,
        incurred=incurred,
        expenses=money(expenses),
        subsidy=money(subsidy),
        result=whole.net_income(),
        result_without_subsidy=whole.net_income(with_subsidy=False),
        cash=money(held.get("cash", 0)),
        reserve=money(-held.get("reserve", 0)),
        payable=money(payable),
        claims_reported=len(reported),
        claims_rejected=len(rejected),
        claims_open=sum(bool(one.open_minor(until)) for one in file.claims),
        indicators=tuple(IndicatorView(code, one, TEN_GOALS.get(code)) for code, one in found.items()),
        net_income_without_subsidy=alone[TenIndicator.NET_INCOME],
        promptness=promptness(days),
        alarms=raised,
        use=_use(file, since, until),
    )


def _monthly(file: SchemeFile, since: date, until: date) -> list[ExactRatio]:
    """Claims over contributions earned of each whole month of the period, for the alarm of three months."""
    found, day = [], since.replace(day=1)
    while month_end(day) <= until:
        end, before = month_end(day), day - _ONE_DAY
        paid = sum(one.paid_minor for one in file.claims if one.paid_on and day <= one.paid_on <= end)
        incurred = incurred_claims(
            paid_minor=paid, outstanding_open=file.outstanding(before), outstanding_close=file.outstanding(end)
        )
        found.append(ratio(incurred, file.earned(end) - file.earned(before)))
        day = add_months(day, 1)
    return found[-3:]


def _cash(row: CoverScheme, kind: str, since: date, until: date) -> int:
    moves = row.cash_moves.filter(kind=kind, state=PaperState.BOOKED, on__gte=since, on__lte=until)
    return int(moves.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])


def _use(file: SchemeFile, since: date, until: date) -> tuple[UseRow, ...]:
    """How often each benefit was used and what an act cost, beside what the price assumes (methods 07, 7.3)."""
    version = in_force(adopted(file.row), until)
    if version is None:
        return ()
    lines = CoverClaimLine.objects.filter(
        claim__scheme=file.row, claim__event_on__gte=since, claim__event_on__lte=until
    ).exclude(claim__state=ClaimState.REJECTED)
    acts: dict[str, list[int]] = defaultdict(list)
    for code, asked in lines.order_by().values_list("benefit", "asked_minor"):
        acts[code].append(asked)
    window = Period(since, until)
    days = 0
    for one in (person for home in file.families for person in home.persons):
        if one.joined_on <= until:
            inside = Period(one.joined_on, max(one.left_on or until, one.joined_on)).overlap(window)
            days += inside.days if inside else 0
    years = Fraction(days, _YEAR_DAYS)
    return tuple(
        UseRow(
            benefit=benefit["id"],
            title=title_of(benefit["title"]),
            claims=len(acts[benefit["id"]]),
            cost=Money(sum(acts[benefit["id"]]), file.row.currency),
            frequency=ratio(len(acts[benefit["id"]]), years),
            assumed_frequency=as_exact(benefit["frequency"]),
            mean_cost=ratio(sum(acts[benefit["id"]]), len(acts[benefit["id"]])),
            assumed_cost=as_exact(benefit["cost_minor"]),
        )
        for benefit in version.terms["benefits"]
    )


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


# --- closed years -----------------------------------------------------------------------------------------------------


def cover_years(actor: Actor, *, scheme_ref: Ref) -> list[YearView]:
    """Closed years of a scheme and what waits to be closed, the newest first."""
    row = scheme_row(actor, scheme_ref)
    return [year_view(one, row.currency) for one in row.years.order_by("-until", "-id")]


def year_view(one: CoverYear, currency: str) -> YearView:
    def money(amount: int) -> Money:
        return Money(amount, currency)

    return YearView(
        ref=Ref(one.ref),
        scheme_ref=Ref(one.scheme.ref),
        since=one.since,
        until=one.until,
        state=PaperState(one.state),
        earned=money(one.earned_minor),
        outstanding=money(one.outstanding_minor),
        result=money(one.result_minor),
        target=money(one.target_minor),
        transfer=money(one.transfer_minor),
        decision_ref=Ref(one.decision) if one.decision else None,
        prepared_by=one.prepared_by,
        booked_by=one.booked_by,
        entry_ref=Ref(one.entry) if one.entry else None,
    )
