"""How much work the contracts with clients brought: people, days of work, full-time years."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from django.db.models import Sum

from jump.base.actors import Actor, require
from jump.core.calendars import Period
from jump.core.jobs import FTE_DAYS_PER_YEAR, fte_by_days
from jump.core.units import Ref, rounded_fraction
from jump.engines.finance.models.pay_runs import ClientContract, MusterRow
from jump.engines.finance.types.pay_runs import MusterState, WorkDone
from jump.engines.parties import api as parties


def work_done(actor: Actor, *, year: int, scope: str = "", contract_ref: Ref | None = None) -> list[WorkDone]:
    """Work of one calendar year by co-operative, as accepted muster rolls say it (000, 2.1 and 7.2).

    A day of work is the hours that the contract calls a day; a full-time year is the days that its product declares. A
    person counts once in each co-operative, under all her records, and as one full-time year at most. Lines in pieces
    without hours are told apart: nobody knows how long they took.
    """
    require(actor, "finance.read", scope or None)
    contracts = ClientContract.objects.visible_to(actor).under(scope)
    if contract_ref is not None:
        contracts = contracts.filter(ref=contract_ref)
    terms = {row.pk: row for row in contracts.only("pk", "cooperative", "terms")}
    of_year = Period(date(year, 1, 1), date(year, 12, 31))
    rows = MusterRow.objects.filter(
        roll__contract__in=list(terms), roll__state=MusterState.ACCEPTED, on__range=(of_year.start, of_year.end)
    )
    worked = rows.exclude(worker="").filter(hours__gt=0).values_list("roll__contract", "worker")
    sums = list(worked.annotate(hours=Sum("hours")).order_by("roll__contract", "worker"))
    same = parties.cluster_of(sorted({worker for _, worker, _ in sums}))
    days: dict[str, Fraction] = defaultdict(Fraction)
    years: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for contract, worker, hours in sums:
        said = terms[contract].terms
        done = Fraction(hours) / Fraction(said["hours_per_day"])
        full = int(said.get("full_time_days", FTE_DAYS_PER_YEAR))  # contracts from before the term existed
        days[terms[contract].cooperative] += done
        years[terms[contract].cooperative][same[worker]] += fte_by_days(done, days_per_year=full, capped=False)
    unknown: dict[str, int] = defaultdict(int)
    for contract in rows.filter(hours=0).exclude(worker="").values_list("roll__contract", flat=True):
        unknown[terms[contract].cooperative] += 1
    return [
        WorkDone(
            cooperative_ref=Ref(one),
            year=year,
            people=len(years[one]),
            days=rounded_fraction(days[one], 2),
            full_time=rounded_fraction(sum((min(part, Fraction(1)) for part in years[one].values()), Fraction(0)), 2),
            lines_without_hours=unknown[one],
        )
        for one in sorted({*years, *unknown})
    ]


def years_of_work(actor: Actor) -> list[int]:
    """The calendar years in which somebody worked under a contract that this actor sees, the latest first."""
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = MusterRow.objects.filter(roll__contract__in=seen, roll__state=MusterState.ACCEPTED)
    return [day.year for day in rows.dates("on", "year", order="DESC")]
