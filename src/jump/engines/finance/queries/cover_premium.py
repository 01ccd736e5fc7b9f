"""The premium sheet: what a contribution must be, step by step, and what a change would do to the expected result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, Sum

from jump.base import clock
from jump.base.actors import Actor
from jump.core.bounds import exact
from jump.core.calendars import RHYTHMS, Period, Unit
from jump.core.insurance import (
    ClaimState,
    Loadings,
    ServiceRisk,
    blended,
    credibility,
    family_premium_minor,
    half_year_factor,
    premium,
    pure_premium,
    reserve_needed,
    sensitivity,
    simulated_years,
)
from jump.core.money import Money
from jump.core.ratios import ratio
from jump.core.units import Ref
from jump.engines.finance.models import CoverClaimLine, CoverScheme
from jump.engines.finance.models.cover_refusals import NoPackage
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.cover import as_exact, scheme_row, share, version_on, version_row
from jump.engines.finance.types.cover import (
    ContributionPer,
)
from jump.engines.finance.types.cover_figures import (
    PremiumRow,
    PremiumSheet,
    WhatIf,
)
from jump.engines.ledger import api as ledger

# The same sheet gives the same figures on every showing.
SEED = 2010
RUNS = 10_000
# No more acts than this are drawn, so that the page of a large scheme takes no longer than that of a small one.
ACTS_DRAWN = 3_000_000
RUNS_LEAST = 200
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Experience:
    """What a scheme's own last twelve months say: years insured, acts and their cost by benefit."""

    insured_years: Fraction
    acts: Mapping[str, tuple[int, int]]


def premium_sheet(
    actor: Actor,
    *,
    scheme_ref: Ref,
    version_ref: Ref | None = None,
    changes: WhatIf | None = None,
    on: date | None = None,
) -> PremiumSheet:
    """The premium sheet of the package in force, or of another of the scheme; with changes to try, if given."""
    row = scheme_row(actor, scheme_ref)
    day = on or clock.today()
    version = version_row(actor, version_ref) if version_ref else version_on(row, day, needed=False)
    if version is None:
        raise NoPackage(on=day.isoformat(), scheme=row.ref)
    return sheet_of(row, version.terms, day, changes)


def sheet_of(row: CoverScheme, terms: Mapping[str, Any], day: date, changes: WhatIf | None = None) -> PremiumSheet:
    """Frequency x cost per benefit with the scheme's own experience as far as it counts, then loadings and reserve."""
    tried = changes or WhatIf()
    loads, asked = terms["loadings"], dict(terms["contribution"])
    if tried.contribution_minor is not None:
        asked["amount_minor"] = tried.contribution_minor
    known = experience(row, day)
    full_at = int(loads.get("full_credibility_claims", 1_082))
    loadings = Loadings(
        safety=share(loads, "safety", "0.10"),
        selection=share(loads, "selection", 0),
        inflation=share(loads, "inflation", 0),
        operating_minor=share(loads, "operating_minor", 0),
        surplus_minor=share(loads, "surplus_minor", 0),
    )
    rows = [_row(one, known, full_at, loadings, tried, row.currency) for one in terms["benefits"]]
    risks = [_risk(one) for one in rows]
    price = premium(risks, loadings)
    people, homes = _insured(row, day)
    mean_family = Fraction(people, homes) if homes else share(loads, "mean_family", 1)
    dues = _dues_in_year(asked["rhythm"])
    coin = int(asked.get("coin_minor", 1))
    per_family = asked["per"] == ContributionPer.FAMILY
    planned = people or row.target_population or 1
    payers = (homes or max(1, round(planned / mean_family))) if per_family else planned
    income = Fraction(int(asked["amount_minor"]) * payers * dues)
    claims, operating = price.pure * planned, price.operating * planned
    totals, runs = _simulated(risks, loadings, planned)
    deviation = round(float(totals.std(ddof=1)))
    reserve = terms["reserve"]
    needed = reserve_needed(
        mean_minor=claims,
        deviation_minor=deviation,
        factor=share(reserve, "factor", "1.65"),
        months_min=int(reserve["months_min"]),
    )
    left_for_claims = float(income - operating)
    held = ledger.balances(Ref(row.book)).get("reserve", 0)

    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return PremiumSheet(
        scheme_ref=Ref(row.ref),
        on=day,
        currency=row.currency,
        rows=tuple(rows),
        pure=price.pure,
        safety=price.safety,
        operating=price.operating,
        surplus=price.surplus,
        total=price.total,
        selection=exact(loadings.selection),
        inflation=exact(loadings.inflation),
        mean_family=mean_family,
        family=money(family_premium_minor(price.total, mean_insured=mean_family, coin_minor=coin)),
        needed_per_due=money(
            family_premium_minor(price.total / dues, mean_insured=mean_family if per_family else 1, coin_minor=coin)
        ),
        asked_per_due=money(int(asked["amount_minor"])),
        dues_in_year=dues,
        insured=planned,
        families=homes,
        expected_contributions=income,
        expected_claims=claims,
        expected_operating=operating,
        expected_result=income - claims - operating,
        deviation=money(deviation),
        reserve_needed=money(needed.needed_minor),
        reserve_held=money(-held),
        chance_of_loss=Fraction(int((totals > left_for_claims).sum()), runs),
        runs=runs,
        sensitivity={place: one.total for place, one in sensitivity(risks, loadings).items()},
    )


def experience(row: CoverScheme, day: date) -> Experience:
    """The twelve months before a day: years of insured people, and acts that were claimed and not rejected."""
    window = Period(day - timedelta(days=_YEAR_DAYS - 1), day)
    days = 0
    for joined, left in row.persons.filter(joined_on__lte=day).values_list("joined_on", "left_on"):
        inside = Period(joined, max(left or day, joined)).overlap(window)
        days += inside.days if inside else 0
    lines = CoverClaimLine.objects.filter(
        claim__scheme=row, claim__event_on__gte=window.start, claim__event_on__lte=window.end
    ).exclude(claim__state=ClaimState.REJECTED)
    found = lines.values_list("benefit").annotate(Count("id"), Sum("asked_minor")).order_by()
    acts = {code: (int(count), int(cost)) for code, count, cost in found}
    return Experience(Fraction(days, _YEAR_DAYS), acts)


def frozen(sheet: PremiumSheet) -> dict[str, Any]:
    """The figures of a sheet as they are kept with a proposal: exact numbers as text."""
    return {
        "on": sheet.on.isoformat(),
        "insured": sheet.insured,
        "pure": str(sheet.pure),
        "safety": str(sheet.safety),
        "operating": str(sheet.operating),
        "surplus": str(sheet.surplus),
        "total": str(sheet.total),
        "needed_per_due_minor": sheet.needed_per_due.amount_minor,
        "asked_per_due_minor": sheet.asked_per_due.amount_minor,
        "expected_result": str(sheet.expected_result),
        "reserve_needed_minor": sheet.reserve_needed.amount_minor,
        "reserve_held_minor": sheet.reserve_held.amount_minor,
        "chance_of_loss": str(sheet.chance_of_loss),
        "runs": sheet.runs,
    }


def _row(
    benefit: Mapping[str, Any], known: Experience, full_at: int, loadings: Loadings, tried: WhatIf, currency: str
) -> PremiumRow:
    code = benefit["id"]
    acts, cost = known.acts.get(code, (0, 0))
    assumed, assumed_cost = as_exact(benefit["frequency"]), as_exact(benefit["cost_minor"])
    weight = credibility(acts, full_at=full_at) if known.insured_years and acts else Fraction(0)
    frequency, mean_cost = assumed, assumed_cost
    if weight:
        frequency = blended(own=acts / known.insured_years, assumed=assumed, weight=weight)
        mean_cost = blended(own=Fraction(cost, acts), assumed=assumed_cost, weight=weight)
    if tried.frequency_factor is not None and tried.benefit in ("", code):
        frequency *= tried.frequency_factor
    copay, ceiling = as_exact(benefit["copay"]), benefit.get("ceiling_event_minor")
    if tried.benefit == code:
        copay = tried.copay if tried.copay is not None else copay
        ceiling = tried.ceiling_event_minor if tried.ceiling_event_minor is not None else ceiling
    risk = ServiceRisk(code, frequency, mean_cost, copay, ceiling)
    return PremiumRow(
        benefit=code,
        title=title_of(benefit["title"]),
        assumed_from=benefit["assumed_from"],
        assumed_frequency=assumed,
        own_claims=acts,
        own_frequency=ratio(acts, known.insured_years),
        weight=weight,
        frequency=frequency,
        cost_minor=mean_cost,
        copay=copay,
        ceiling=None if ceiling is None else Money(ceiling, currency),
        pure=pure_premium(risk, selection=loadings.selection, inflation=loadings.inflation),
    )


def _risk(row: PremiumRow) -> ServiceRisk:
    ceiling = None if row.ceiling is None else row.ceiling.amount_minor
    return ServiceRisk(row.benefit, row.frequency, row.cost_minor, row.copay, ceiling)


def _simulated(risks: Sequence[ServiceRisk], loadings: Loadings, insured: int) -> tuple[Any, int]:
    """Years of claims with the uplift and the prices that the premium is counted with."""
    uplift, dearer = 1 + exact(loadings.selection), half_year_factor(loadings.inflation)
    raised = [
        ServiceRisk(
            one.code, exact(one.frequency) * uplift, exact(one.cost_minor) * dearer, one.copay, one.ceiling_minor
        )
        for one in risks
    ]
    acts = float(sum((exact(one.frequency) for one in raised), Fraction(0))) * insured
    runs = max(RUNS_LEAST, min(RUNS, int(ACTS_DRAWN / max(acts, 1))))
    return simulated_years(raised, insured=insured, runs=runs, seed=SEED), runs


def _insured(row: CoverScheme, day: date) -> tuple[int, int]:
    still = Q(left_on__isnull=True) | Q(left_on__gte=day)
    homes = row.families.filter(joined_on__lte=day).filter(Q(ended_on__isnull=True) | Q(ended_on__gte=day))
    return row.persons.filter(joined_on__lte=day).filter(still).count(), homes.count()


def _dues_in_year(rhythm: str) -> int:
    count, unit = RHYTHMS[rhythm]
    whole = {Unit.MONTHS: 12, Unit.WEEKS: 52, Unit.DAYS: _YEAR_DAYS}[unit]
    return max(1, whole // count)
