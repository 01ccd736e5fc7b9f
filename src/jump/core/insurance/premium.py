"""What a premium must be: frequency x cost for each service, loadings, credibility, and the reserve behind it.

Amounts are whole minor units of one currency, frequencies acts per insured and year. Premiums are exact until they are
rounded up to a coin. The simulation of the reserve works with floats, since it is chance and not money booked.

Source: methods 07, section 7.2 (names of the parts after the STEP management guide; numbers are our defaults).
Credibility is limited-fluctuation credibility, a standard method not spelled out in the sources; its full standard is a
parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from jump.core.bounds import Rate, exact, exact_not_negative, exact_share, not_negative, positive
from jump.core.insurance.cover import InsuranceRefused


@dataclass(frozen=True, slots=True)
class ServiceRisk:
    """One service: acts per insured and year, mean cost of an act, co-payment, ceiling of what is paid per act."""

    code: str
    frequency: Rate
    cost_minor: Rate
    copay: Rate = 0
    ceiling_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Loadings:
    """What comes on top of expected claims. Safety 10 %, selection 20 % in voluntary schemes are our defaults."""

    safety: Rate = Decimal("0.10")
    selection: Rate = 0
    inflation: Rate = 0
    operating_minor: Rate = 0  # per insured and year
    surplus_minor: Rate = 0  # per insured and year


@dataclass(frozen=True, slots=True)
class Premium:
    """The parts of a yearly premium for one insured, exact minor units."""

    pure: Fraction
    safety: Fraction
    operating: Fraction
    surplus: Fraction

    @property
    def total(self) -> Fraction:
        return self.pure + self.safety + self.operating + self.surplus


def half_year_factor(inflation: Rate) -> Fraction:
    """(1 + i) ^ 0.5 to 28 digits: costs of the coming year lie half a year ahead on average.

    >>> half_year_factor(Decimal("0.21"))
    Fraction(11, 10)
    """
    base = 1 + exact(inflation, name="inflation")
    if base <= 0:
        raise InsuranceRefused("prices cannot fall by everything", inflation=str(inflation))
    return _root(base)


def pure_premium(service: ServiceRisk, *, selection: Rate = 0, inflation: Rate = 0) -> Fraction:
    """frequency x (1 + selection) x min(cost x inflation x (1 - co-payment), ceiling), in minor units a year.

    Source: methods 07, 7.2. Costs are taken at their mean, so a ceiling that cuts only dear acts is not seen here.

    >>> pure_premium(ServiceRisk("ward", Decimal("0.05"), 40_000, Decimal("0.2")))
    Fraction(1600, 1)
    """
    frequency = exact_not_negative(service.frequency, name="frequency")
    cost = exact_not_negative(service.cost_minor, name="cost_minor") * half_year_factor(inflation)
    paid = cost * (1 - exact_share(service.copay, name="copay"))
    if service.ceiling_minor is not None:
        not_negative(ceiling_minor=service.ceiling_minor)
        paid = min(paid, Fraction(service.ceiling_minor))
    return frequency * (1 + exact_not_negative(selection, name="selection")) * paid


def premium(services: Sequence[ServiceRisk], loadings: Loadings | None = None) -> Premium:
    """P = sum of pure premiums x (1 + safety) + operating cost + surplus, per insured and year.

    The order of services does not matter. Source: methods 07, 7.2; requirement MICROINS-05.

    >>> services = [ServiceRisk("visit", 1, 500), ServiceRisk("ward", Decimal("0.05"), 40_000, Decimal("0.2"))]
    >>> premium(services, Loadings(operating_minor=350, surplus_minor=100)).total
    Fraction(2760, 1)
    """
    used = loadings or Loadings()
    pure = sum(
        (pure_premium(service, selection=used.selection, inflation=used.inflation) for service in services),
        Fraction(0),
    )
    return Premium(
        pure,
        pure * exact_not_negative(used.safety, name="safety"),
        exact_not_negative(used.operating_minor, name="operating_minor"),
        exact_not_negative(used.surplus_minor, name="surplus_minor"),
    )


def family_premium_minor(total: Rate, *, mean_insured: Rate, coin_minor: int = 1) -> int:
    """Premium x mean insured per family, rounded up to a payable coin (methods 07, 7.2).

    >>> family_premium_minor(Fraction(2_760), mean_insured=Decimal("5.5"), coin_minor=500)
    15500
    """
    positive(coin_minor=coin_minor)
    asked = exact_not_negative(total, name="total") * exact_not_negative(mean_insured, name="mean_insured")
    coins = asked / coin_minor
    return -(-coins.numerator // coins.denominator) * coin_minor


def sensitivity(
    services: Sequence[ServiceRisk], loadings: Loadings | None = None, *, change: Rate = Decimal("0.20")
) -> dict[tuple[int, int], Premium]:
    """The premium with frequency and cost each lower, as assumed and higher by `change`: (-1|0|1, -1|0|1) -> premium.

    Source: methods 07, 7.7, premium sheet ("sensitivity at +-20 % frequency and cost").
    """
    step = exact_share(change, name="change")
    return {
        (by_frequency, by_cost): premium(
            [
                replace(
                    service,
                    frequency=exact(service.frequency) * (1 + by_frequency * step),
                    cost_minor=exact(service.cost_minor) * (1 + by_cost * step),
                )
                for service in services
            ],
            loadings,
        )
        for by_frequency in (-1, 0, 1)
        for by_cost in (-1, 0, 1)
    }


# --- credibility ------------------------------------------------------------------------------------------------------


def credibility(claims: int, *, full_at: int = 1_082) -> Fraction:
    """How far own experience counts: square root of claims / full standard, at most 1, to 28 digits.

    1,082 claims keep the frequency within 5 % in 90 of 100 years; a default of ours, not of the sources.

    >>> credibility(400, full_at=1_600), credibility(2_000)
    (Fraction(1, 2), Fraction(1, 1))
    """
    not_negative(claims=claims)
    positive(full_at=full_at)
    return Fraction(1) if claims >= full_at else _root(Fraction(claims, full_at))


def blended(*, own: Rate, assumed: Rate, weight: Rate) -> Fraction:
    """weight x own experience + (1 - weight) x what was assumed.

    >>> blended(own=Fraction(12, 10), assumed=1, weight=Fraction(1, 2))
    Fraction(11, 10)
    """
    part = exact_share(weight, name="weight")
    return part * exact(own, name="own") + (1 - part) * exact(assumed, name="assumed")


# --- reserve ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reserve:
    """What must lie in reserve, and the figures it comes from, in whole minor units."""

    needed_minor: int
    mean_minor: int
    deviation_minor: int
    six_months_minor: int


def reserve_needed(
    *, mean_minor: Rate, deviation_minor: Rate, factor: Rate = Decimal("1.65"), months_min: int = 6
) -> Reserve:
    """Mean + 1.65 x standard deviation of yearly claims, at least six months of expected claims, rounded up.

    Source: methods 07, 7.2, "Reserve needed" (our defaults).

    >>> reserve_needed(mean_minor=100_000, deviation_minor=20_000).needed_minor
    133000
    """
    average = exact_not_negative(mean_minor, name="mean_minor")
    deviation = exact_not_negative(deviation_minor, name="deviation_minor")
    not_negative(months_min=months_min)
    spread = average + exact_not_negative(factor, name="factor") * deviation
    least = average * months_min / 12
    return Reserve(_up(max(spread, least)), _up(average), _up(deviation), _up(least))


def simulated_years(
    services: Sequence[ServiceRisk], *, insured: int, cost_spread: float = 1.0, runs: int = 10_000, seed: int
) -> NDArray[np.float64]:
    """What claims of a year may cost, one simulated year in each place, in minor units.

    Acts of each service are Poisson with insured x frequency; costs are lognormal with the given mean and
    `cost_spread` (standard deviation over mean), less co-payment, each cut at the ceiling. The same seed gives the same
    answer. Source: methods 07, 7.2 (10,000 runs, Poisson frequency, lognormal cost).
    """
    positive(insured=insured, runs=runs)
    if not cost_spread > 0:
        raise InsuranceRefused("a spread is above zero", cost_spread=cost_spread)
    rng = np.random.default_rng(seed)
    totals = np.zeros(runs)
    log_variance = np.log1p(cost_spread**2)
    for service in services:
        cost = float(exact_not_negative(service.cost_minor, name="cost_minor"))
        acts = rng.poisson(insured * float(exact_not_negative(service.frequency, name="frequency")), size=runs)
        if cost <= 0:
            continue
        for start in range(0, runs, 500):  # a few runs at a time keep memory small
            counts = acts[start : start + 500]
            costs = rng.lognormal(np.log(cost) - log_variance / 2, np.sqrt(log_variance), size=int(counts.sum()))
            paid = costs * (1 - float(exact_share(service.copay, name="copay")))
            if service.ceiling_minor is not None:
                paid = np.minimum(paid, service.ceiling_minor)
            owner = np.repeat(np.arange(counts.size), counts)
            totals[start : start + 500] += np.bincount(owner, weights=paid, minlength=counts.size)
    return totals


def simulated_claims(
    services: Sequence[ServiceRisk], *, insured: int, cost_spread: float = 1.0, runs: int = 10_000, seed: int
) -> tuple[int, int]:
    """Mean and standard deviation of a year's claims by simulation, in whole minor units."""
    totals = simulated_years(services, insured=insured, cost_spread=cost_spread, runs=runs, seed=seed)
    return round(float(totals.mean())), round(float(totals.std(ddof=1))) if runs > 1 else 0


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _root(value: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = 28
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())
