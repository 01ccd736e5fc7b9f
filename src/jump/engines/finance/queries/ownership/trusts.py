"""Trusts that hold shares for employees: loans and what they release, people and what is theirs, a year's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from jump.base.actors import Actor
from jump.base.packages import definitions
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.ownership import (
    LoanPayment,
    ReleaseBy,
    Vesting,
    cliff,
    graded,
    leave,
    releases,
    trust_year,
    vesting_years,
)
from jump.core.units import Ref
from jump.engines.finance.models import EsopTrust, OwnershipStep, TrustLoan, TrustPerson
from jump.engines.finance.queries.ownership.registers import one_share
from jump.engines.finance.types.ownership import (
    ReleaseRow,
    StepKind,
    StepState,
    TrustLoanView,
    TrustPersonView,
    TrustStatement,
    TrustView,
)
from jump.engines.ledger import api as ledger


def trust_row(actor: Actor, ref: Ref) -> EsopTrust:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: EsopTrust | None = EsopTrust.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def trusts(actor: Actor, *, scope: str = "") -> list[TrustView]:
    """Trusts that this actor may see, the newest first."""
    rows = EsopTrust.objects.visible_to(actor).under(scope).select_related("scope").order_by("-opened_on", "-id")
    return [_view(row) for row in rows]


def trust(actor: Actor, ref: Ref) -> TrustView:
    """A trust as it stands: shares by where they are, loans with their release table, people with what is theirs."""
    return _view(trust_row(actor, ref))


def _view(row: EsopTrust) -> TrustView:
    held = ledger.balances(Ref(row.book))
    loans = list(row.loans.order_by("id"))
    given = _given(row)
    people = [_person(row, one, held) for one in row.people.prefetch_related("years").order_by("joined_on", "id")]

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return TrustView(
        ref=Ref(row.ref),
        enterprise_ref=Ref(row.enterprise),
        title=row.title,
        scope=row.scope.path,
        currency=row.currency,
        terms=row.terms,
        opened_on=row.opened_on,
        book_ref=Ref(row.book),
        one_share=one_share(),
        bought=sum(one.shares for one in loans),
        suspense=sum(held.get(suspense_code(one), 0) for one in loans),
        pool=0,
        allocated=sum(one.shares for one in people),
        forfeited=held.get("forfeited", 0),
        distributed=given,
        owed=money(-sum(held.get(f"loan:{one.ref}", 0) for one in loans)),
        cash=money(held.get("cash", 0)),
        loans=tuple(_loan(row, one, held) for one in loans),
        people=tuple(people),
        closed_until=row.closed_until,
    )


def trust_statement(actor: Actor, *, trust_ref: Ref, year: int) -> TrustStatement:
    """The figures of a closed plan year: shares in suspense and released, values, loans, people, distributions.

    Source: finance rules, section 3, "Form 5500 figures needed per year".
    """
    row = trust_row(actor, trust_ref)
    closed = _steps(row, StepKind.TRUST_YEAR).filter(year=year).first()
    if closed is None:
        raise NotFound(ref=f"{trust_ref} {year}")
    held = ledger.balances(Ref(row.book), closed.on)
    loans = list(row.loans.filter(opened_on__lte=closed.on))
    people = list(row.people.filter(joined_on__lte=date(year, 12, 31)))
    bought, price, unit = sum(one.shares for one in loans), int(closed.asked["price_minor"]), one_share()
    waiting = sum(held.get(suspense_code(one), 0) for one in loans)
    found = trust_year(
        bought=bought,
        released=bought - waiting,
        allocated={str(one.ref): held.get(person_code(one), 0) for one in people},
        price_minor=price,
        loan_owed_minor=-sum(held.get(f"loan:{one.ref}", 0) for one in loans),
        status={str(one.ref): _status(one, date(year, 12, 31)) for one in people},
    )
    told = closed.figures

    def money(amount_minor: int) -> Money:
        return Money(int(amount_minor), row.currency)

    return TrustStatement(
        year=year,
        figures=replace(
            found,
            unallocated_value_minor=round(Fraction(found.unallocated_value_minor, unit)),
            allocated_value_minor=round(Fraction(found.allocated_value_minor, unit)),
        ),
        released_in_year=told["released"],
        allocated_in_year=sum(one["shares"] for one in told["rows"]),
        forfeited_in_year=sum(
            one.figures["forfeited"] for one in _steps(row, StepKind.TRUST_LEAVE).filter(on__year=year)
        ),
        distributed_in_year=_sum(_steps(row, StepKind.DISTRIBUTE).filter(on__year=year)),
        contribution=money(told["contribution_minor"]),
        principal_paid=money(told["principal_minor"]),
        interest_paid=money(told["interest_minor"]),
        price=money(price),
        one_share=unit,
    )


# --- rules, for the services of this engine ---------------------------------------------------------------------------


def suspense_code(loan: TrustLoan) -> str:
    return f"suspense:{loan.ref}"


def person_code(person: TrustPerson) -> str:
    return f"member:{person.ref}"


def vesting_of(terms: Mapping[str, Any]) -> Vesting:
    said = terms["vesting"]
    return cliff(int(said["years"])) if said["kind"] == "cliff" else graded(int(said["first"]), int(said["last"]))


def years_of(person: TrustPerson, terms: Mapping[str, Any]) -> int:
    """Years that count for vesting: those with enough hours."""
    worked = sorted((one.year, one.hours) for one in person.years.all())
    return vesting_years([hours for _year, hours in worked], hours_min=int(terms["vesting_hours_min"]))


def payments_of(loan: TrustLoan) -> list[LoanPayment]:
    return [LoanPayment(int(principal), int(interest)) for principal, interest in loan.payments]


def limits_of(jurisdiction: str, year: int) -> Mapping[str, Any] | None:
    """The yearly limits of a country's law on trusts, as an installed package declares them."""
    for country in definitions("countries"):
        if country.data["iso"] == jurisdiction:
            for said in country.data.get("trust_limits") or ():
                if int(said["year"]) == year:
                    found: Mapping[str, Any] = said
                    return found
    return None


# --- views ------------------------------------------------------------------------------------------------------------


def _steps(row: EsopTrust, kind: StepKind) -> Any:
    return OwnershipStep.objects.filter(subject=row.ref, kind=kind, state=StepState.BOOKED)


def _sum(rows: Any) -> int:
    return int(rows.aggregate(total=Sum("shares"))["total"] or 0)


def _given(row: EsopTrust) -> int:
    return _sum(_steps(row, StepKind.DISTRIBUTE))


def _loan(row: EsopTrust, loan: TrustLoan, held: Mapping[str, int]) -> TrustLoanView:
    payments, by = payments_of(loan), ReleaseBy(loan.release_by)
    waiting = held.get(suspense_code(loan), 0)
    told = {
        one["number"]: (step.year, one["released"])
        for step in _steps(row, StepKind.TRUST_YEAR)
        for one in step.figures["loans"]
        if one["loan"] == loan.ref
    }
    to_come = releases(suspense=waiting, payments=payments[loan.paid :], by=by) if waiting else ()
    first = (row.closed_until or loan.opened_on.year - 1) + 1
    table = []
    for number, payment in enumerate(payments, start=1):
        booked = number <= loan.paid
        ahead = number - loan.paid - 1
        year, released = told[number] if booked else (first + ahead, to_come[ahead] if to_come else 0)
        table.append(
            ReleaseRow(
                number=number,
                year=int(year),
                principal=Money(payment.principal_minor, row.currency),
                interest=Money(payment.interest_minor, row.currency),
                released=released,
                is_booked=booked,
            )
        )
    return TrustLoanView(
        ref=Ref(loan.ref),
        lender_ref=Ref(loan.lender) if loan.lender else None,
        principal=Money(loan.principal_minor, row.currency),
        shares=loan.shares,
        release_by=loan.release_by,
        opened_on=loan.opened_on,
        table=tuple(table),
        owed=Money(-held.get(f"loan:{loan.ref}", 0), row.currency),
        suspense=waiting,
    )


def _status(person: TrustPerson, on: date) -> str:
    return person.cause if person.left_on is not None and person.left_on <= on else "active"


def _person(row: EsopTrust, person: TrustPerson, held: Mapping[str, int]) -> TrustPersonView:
    shares = held.get(person_code(person), 0)
    years = years_of(person, row.terms)
    share = Fraction(1) if person.left_on else vesting_of(row.terms).after(years)
    return TrustPersonView(
        ref=Ref(person.ref),
        person_ref=Ref(person.person),
        joined_on=person.joined_on,
        years=years,
        vested_share=share,
        shares=shares,
        vested=leave(shares=shares, vested_share=share).vested,
        status=person.cause if person.left_on else "active",
        left_on=person.left_on,
        payment_by=person.payment_by,
    )
