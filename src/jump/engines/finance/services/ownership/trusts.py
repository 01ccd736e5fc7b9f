"""A trust that buys shares with a loan and gives them to employees: borrowing, the plan year, leaving, handing out.

Shares in suspense, given to people and forfeited are accounts in the unit `share` of the trust's own book; no more can
be given than was released, because the ledger lets none of them fall below zero. Sources: finance rules, section 3;
requirement CONVERT-05. Limits of the law are data of a country and a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.refs import new_ref
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.ownership import (
    Cause,
    LoanPayment,
    ReleaseBy,
    allocate_contribution,
    allocate_shares,
    counted_pay,
    leave,
    payment_begins_by,
    principal_contribution_max_minor,
    principal_only_fails,
    release,
)
from jump.core.units import Ref
from jump.engines.finance.models import EsopTrust, OwnershipStep, TrustLoan, TrustPerson, TrustPersonYear
from jump.engines.finance.models.ownership_refusals import (
    AlreadyKept,
    ContributionShort,
    LawMissing,
    PrincipalOnlyRefused,
    SharesShort,
    StakeUnknown,
    StepImpossible,
    YearOrder,
)
from jump.engines.finance.models.refusals import AboveLimit, AmountNotPositive, KeyReused
from jump.engines.finance.queries.ownership.registers import one_share
from jump.engines.finance.queries.ownership.trusts import (
    limits_of,
    payments_of,
    person_code,
    suspense_code,
    trust_row,
    vesting_of,
    years_of,
)
from jump.engines.finance.services.ownership.steps import (
    RULES,
    Asked,
    Move,
    Rule,
    Worked,
    last_year,
    prepare_step,
    rules_said,
)
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types.ownership import SHARE_UNIT, StepKind
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger

TERMS: Mapping[str, Any] = {
    "release_by": ReleaseBy.PRINCIPAL_AND_INTEREST.value,
    "vesting": {"kind": "graded", "first": 2, "last": 6},
    "vesting_hours_min": 1000,
    "full_vesting_causes": ["retirement"],
    "contribution_share_max": "0.25",
    "addition_share_of_pay_max": "1",
    "term_years_max": 10,
    "payment_plan_years": {"retirement": 1, "death": 1, "disability": 1, "other": 6},
}


def open_trust(
    actor: Actor,
    *,
    product: str,
    enterprise_ref: Ref,
    title: str,
    scope: str,
    currency: str,
    jurisdiction: str,
    on: date,
    key: str,
    terms: Mapping[str, Any] | None = None,
) -> Ref:
    """Open a trust for the employees of an enterprise, with a book of its own."""
    declared = product_of(product, ProductKind.TRUST)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = EsopTrust.objects.filter(key=key).first()
        if known is not None:
            if (known.enterprise, known.currency) != (str(enterprise_ref), currency):
                raise KeyReused(key=key)
            return Ref(known.ref)
        Money.zero(currency)
        ledger.unit(SHARE_UNIT)
        agreed = {name: declared.data.get(name, usual) for name, usual in TERMS.items()}
        agreed |= {name: value for name, value in (terms or {}).items() if name in TERMS}
        with rules_said():
            vesting_of(agreed)
        row = EsopTrust(
            enterprise=enterprise_ref,
            title=title,
            product=declared.id,
            product_version=declared.version,
            terms=agreed,
            jurisdiction=jurisdiction.upper(),
            currency=currency,
            opened_on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        row.book = ledger.open_book(actor, ref_owner=Ref(row.ref), title=title, scope=scope)
        row.save()
        record(actor, "finance.open_trust", row.ref, facts={"enterprise": str(enterprise_ref)})
    return Ref(row.ref)


def join_trust(actor: Actor, *, trust_ref: Ref, person_ref: Ref, joined_on: date, key: str) -> Ref:
    """An employee takes part from a day on."""
    with ledger.posting_transaction():
        row = EsopTrust.objects.locked().get(pk=trust_row(actor, trust_ref).pk)
        require(actor, "finance.prepare", row.scope.path)
        known = TrustPerson.objects.filter(key=key).first()
        if known is not None:
            if (known.trust_id, known.person) != (row.pk, str(person_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        other = row.people.filter(person=person_ref, left_on=None).first()
        if other is not None:
            raise AlreadyKept(ref=other.ref)
        one = TrustPerson(trust=row, person=person_ref, joined_on=joined_on, by=actor.key, key=key)
        one.account = ledger.open_account(
            actor,
            book_ref=Ref(row.book),
            code=person_code(one),
            title=f"Shares of {one.ref}",
            kind="asset",
            unit=SHARE_UNIT,
            floor_minor=0,
        )
        one.save()
        record(actor, "finance.join_trust", one.ref, facts={"trust": row.ref})
    return Ref(one.ref)


# --- steps ------------------------------------------------------------------------------------------------------------


def _borrow(asked: Asked) -> Worked:
    """A loan buys shares; they wait in suspense. Release by principal alone only where the conditions are met."""
    row, given = asked.subject, asked.given
    shares = int(given["shares"])
    payments = [LoanPayment(int(principal), int(interest)) for principal, interest in given["payments"]]
    principal = sum(one.principal_minor for one in payments)
    if shares <= 0 or principal <= 0:
        raise AmountNotPositive(amount_minor=min(shares, principal))
    by = ReleaseBy(given.get("release_by") or row.terms["release_by"])
    if by is ReleaseBy.PRINCIPAL:
        fails = principal_only_fails(
            payments=payments,
            is_standard_table=bool(given.get("is_standard_table", False)),
            years_max=int(row.terms["term_years_max"]),
        )
        if fails:
            raise PrincipalOnlyRefused(why=", ".join(sorted(one.value.replace("_", " ") for one in fails)))
    loan = str(given["loan"])
    return Worked(
        moves=(
            Move("shares_at_cost", "Shares at cost", "asset", row.currency, principal, None),
            Move(f"loan:{loan}", f"Loan {loan}", "liability", row.currency, -principal),
            Move(f"suspense:{loan}", f"Shares in suspense for {loan}", "asset", SHARE_UNIT, shares),
            Move("trust_shares", "Shares of the trust", "equity", SHARE_UNIT, -shares),
        ),
        figures={"principal_minor": principal, "years": len(payments), "release_by": by.value},
        amount_minor=principal,
        shares=shares,
        party=str(given.get("lender", "")),
        about=loan,
    )


def prepare_trust_loan(
    actor: Actor,
    *,
    trust_ref: Ref,
    payments: Sequence[tuple[int, int]],
    shares: int,
    on: date,
    key: str,
    release_by: str = "",
    is_standard_table: bool = False,
    lender_ref: Ref | None = None,
) -> Ref:
    """Prepare a loan of a trust: yearly payments of (principal, interest), and the shares that it buys.

    The loan has its number from the first moment, so that its accounts can be named.
    """
    asked = trust_loan_asked(
        payments=payments,
        shares=shares,
        release_by=release_by,
        is_standard_table=is_standard_table,
        lender_ref=lender_ref,
        key=key,
    )
    return prepare_step(actor, subject_ref=trust_ref, kind=StepKind.BORROW, asked=asked, on=on, key=key)


def trust_loan_asked(
    *,
    payments: Sequence[tuple[int, int]],
    shares: int,
    release_by: str,
    is_standard_table: bool,
    lender_ref: Ref | None,
    key: str,
) -> dict[str, Any]:
    """What is asked of a step that borrows. The same key keeps the number of the loan."""
    known = OwnershipStep.objects.filter(key=key, kind=StepKind.BORROW).first()
    return {
        "loan": known.asked["loan"] if known is not None else new_ref("tln"),
        "payments": [list(payment) for payment in payments],
        "shares": shares,
        "release_by": release_by,
        "is_standard_table": is_standard_table,
        "lender": str(lender_ref or ""),
    }


def _keep_loan(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    given = asked.given
    TrustLoan.objects.create(
        ref=step.about,
        trust=asked.subject,
        lender=given.get("lender", ""),
        principal_minor=step.amount_minor,
        shares=step.shares,
        release_by=step.figures["release_by"],
        opened_on=step.on,
        payments=[[int(principal), int(interest)] for principal, interest in given["payments"]],
        step=step,
    )


def _undo_loan(row: EsopTrust, step: OwnershipStep, by: OwnershipStep) -> None:
    """The loan is gone; what had been agreed still stands on the step."""
    row.loans.filter(step=step).delete()


def _trust_year(asked: Asked) -> Worked:
    """A plan year: contribution, the year's loan payments, what they release, who gets it.

    A person's addition is her part of the contribution by capped pay, within the limits of the law; shares follow the
    additions; forfeited shares are given out with the released ones.
    """
    row, given = asked.subject, asked.given
    year, contribution = int(given["year"]), int(given["contribution_minor"])
    _check_year(row, year, asked.on)
    limits = limits_of(row.jurisdiction, year)
    if limits is None:
        raise LawMissing(country=row.jurisdiction, on=date(year, 12, 31).isoformat())
    held = ledger.balances(Ref(row.book))
    loans = [_loan_of_year(loan, held) for loan in row.loans.order_by("id") if loan.paid < len(loan.payments)]
    principal, interest = sum(one["principal_minor"] for one in loans), sum(one["interest_minor"] for one in loans)
    cash = held.get("cash", 0) + contribution
    if principal + interest > cash:
        raise ContributionShort(asked_minor=principal + interest, free_minor=cash, currency=row.currency)
    people = _people(row, given["people"])
    pay = {str(one.ref): int(told["pay_minor"]) for one, told in people}
    counted = counted_pay(pay, cap_minor=int(limits["pay_cap_minor"]))
    _check_principal(row, principal, sum(counted.values()))
    additions, left = allocate_contribution(
        contribution,
        pay_minor=pay,
        cap_minor=int(limits["pay_cap_minor"]),
        addition_max_minor=int(limits["addition_max_minor"]),
        share_of_pay_max=_number(row.terms["addition_share_of_pay_max"]),
    )
    if left:
        raise AboveLimit(
            asked_minor=contribution,
            limit_minor=contribution - left,
            currency=row.currency,
            rule="what may be added for each person in a year",
        )
    released, forfeited = sum(one["released"] for one in loans), held.get("forfeited", 0)
    shares = allocate_shares(released + forfeited, pay_minor=additions if any(additions.values()) else counted)
    return Worked(
        moves=(
            _cash(row, contribution - principal - interest),
            Move("contributions", "Contributions of the enterprise", "income", row.currency, -contribution, None),
            Move("interest", "Interest on loans", "expense", row.currency, interest, None),
            *(_money_of(row, one) for one in loans),
            *(_shares_of(one) for one in loans),
            Move("forfeited", "Forfeited shares", "asset", SHARE_UNIT, -forfeited),
            *(_person(one, shares[str(one.ref)]) for one, _told in people),
        ),
        figures={
            "contribution_minor": contribution,
            "principal_minor": principal,
            "interest_minor": interest,
            "price_minor": int(given["price_minor"]),
            "released": released,
            "forfeitures": forfeited,
            "loans": loans,
            "rows": [
                {
                    "person": str(one.ref),
                    "who": one.person,
                    "pay_minor": int(told["pay_minor"]),
                    "counted_minor": counted[str(one.ref)],
                    "hours": int(told["hours"]),
                    "addition_minor": additions[str(one.ref)],
                    "shares": shares[str(one.ref)],
                    "after": held.get(person_code(one), 0) + shares[str(one.ref)],
                }
                for one, told in people
            ],
        },
        amount_minor=contribution,
        shares=released + forfeited,
        year=year,
    )


def _keep_trust_year(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    row = asked.subject
    for told in step.figures["loans"]:
        row.loans.filter(ref=told["loan"]).update(paid=told["number"])
    people = {one.ref: one for one in row.people.all()}
    assert step.year is not None
    TrustPersonYear.objects.bulk_create(
        TrustPersonYear(
            person=people[told["person"]],
            step=step,
            year=step.year,
            pay_minor=told["pay_minor"],
            hours=told["hours"],
            addition_minor=told["addition_minor"],
            shares=told["shares"],
        )
        for told in step.figures["rows"]
    )
    row.closed_until = step.year
    row.save(update_fields=["closed_until"])


def _undo_trust_year(row: EsopTrust, step: OwnershipStep, by: OwnershipStep) -> None:
    for told in step.figures["loans"]:
        row.loans.filter(ref=told["loan"]).update(paid=told["number"] - 1)
    step.person_years.all().delete()
    row.closed_until = last_year(row.ref, StepKind.TRUST_YEAR)
    row.save(update_fields=["closed_until"])


def _leave_trust(asked: Asked) -> Worked:
    """Somebody leaves: what is vested stays hers, the rest is forfeited and given out with the next plan year."""
    row, given = asked.subject, asked.given
    person = _active(row, given["person"])
    cause = Cause(given["cause"])
    years = years_of(person, row.terms)
    share = vesting_of(row.terms).after(years, is_full=cause.value in row.terms["full_vesting_causes"])
    held = ledger.balance(Ref(person.account))
    split = leave(shares=held, vested_share=share)
    begins = payment_begins_by(
        plan_year_end=date(asked.on.year, 12, 31),
        cause=cause,
        plan_years={Cause(name): int(count) for name, count in row.terms["payment_plan_years"].items()},
    )
    return Worked(
        moves=(
            _person(person, -split.forfeited),
            Move("forfeited", "Forfeited shares", "asset", SHARE_UNIT, split.forfeited),
        ),
        figures={
            "held": held,
            "years": years,
            "vested_share": str(share),
            "vested": split.vested,
            "forfeited": split.forfeited,
            "payment_by": begins.isoformat(),
        },
        shares=split.forfeited,
        party=person.person,
        about=str(person.ref),
    )


def _keep_trust_leaving(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    asked.subject.people.filter(ref=step.about).update(
        left_on=step.on, cause=asked.given["cause"], payment_by=date.fromisoformat(step.figures["payment_by"])
    )


def _undo_trust_leaving(row: EsopTrust, step: OwnershipStep, by: OwnershipStep) -> None:
    person = row.people.get(ref=step.about)
    again = row.people.filter(person=person.person, left_on=None).first()
    if again is not None:
        raise AlreadyKept(ref=again.ref)
    person.left_on, person.cause, person.payment_by = None, "", None
    person.save(update_fields=["left_on", "cause", "payment_by"])


def _distribute(asked: Asked) -> Worked:
    """Vested shares of somebody who left are handed out, or bought back by the enterprise at the price given."""
    row, given = asked.subject, asked.given
    person = row.people.filter(ref=given["person"]).exclude(left_on=None).first()
    if person is None:
        raise StakeUnknown(given=given["person"])
    parts, price = int(given["shares"]), int(given["price_minor"])
    held, unit = ledger.balance(Ref(person.account)), one_share()
    if parts <= 0 or price < 0:
        raise AmountNotPositive(amount_minor=min(parts, price))
    if parts > held:
        raise SharesShort(free=f"{Decimal(held) / unit:f}", asked=f"{Decimal(parts) / unit:f}", holder=person.ref)
    value = round(Fraction(parts * price, unit))
    return Worked(
        moves=(
            _person(person, -parts),
            Move("trust_shares", "Shares of the trust", "equity", SHARE_UNIT, parts),
        ),
        figures={"value_minor": value, "held_after": held - parts},
        amount_minor=value,
        shares=parts,
        party=person.person,
        about=str(person.ref),
    )


RULES.update(
    {
        StepKind.BORROW: Rule(_borrow, "loan shares payments", _keep_loan, _undo_loan),
        StepKind.TRUST_YEAR: Rule(
            _trust_year, "year contribution_minor price_minor people", _keep_trust_year, _undo_trust_year
        ),
        StepKind.TRUST_LEAVE: Rule(_leave_trust, "person cause", _keep_trust_leaving, _undo_trust_leaving),
        StepKind.DISTRIBUTE: Rule(_distribute, "person shares price_minor"),
    }
)


# --- lines and checks -------------------------------------------------------------------------------------------------


def _loan_of_year(loan: TrustLoan, held: Mapping[str, int]) -> dict[str, Any]:
    """The next payment of a loan and the shares that it releases. Shares in suspense belong to their own loan."""
    payments = payments_of(loan)
    now, later = payments[loan.paid], payments[loan.paid + 1 :]
    waiting = held.get(suspense_code(loan), 0)
    released = release(suspense=waiting, now=now, later=later, by=ReleaseBy(loan.release_by)) if waiting else 0
    return {
        "loan": str(loan.ref),
        "number": loan.paid + 1,
        "principal_minor": now.principal_minor,
        "interest_minor": now.interest_minor,
        "released": released,
        "suspense_after": waiting - released,
    }


def _cash(row: EsopTrust, amount_minor: int) -> Move:
    return Move("cash", "Cash and bank", "asset", row.currency, amount_minor)


def _money_of(row: EsopTrust, told: Mapping[str, Any]) -> Move:
    ref = told["loan"]
    return Move(f"loan:{ref}", f"Loan {ref}", "liability", row.currency, told["principal_minor"])


def _shares_of(told: Mapping[str, Any]) -> Move:
    ref = told["loan"]
    return Move(f"suspense:{ref}", f"Shares in suspense for {ref}", "asset", SHARE_UNIT, -told["released"])


def _person(person: TrustPerson, parts: int) -> Move:
    return Move(person_code(person), f"Shares of {person.ref}", "asset", SHARE_UNIT, parts)


def _active(row: EsopTrust, ref: str) -> TrustPerson:
    person: TrustPerson | None = row.people.filter(ref=ref, left_on=None).first()
    if person is None:
        raise StakeUnknown(given=ref)
    return person


def _people(row: EsopTrust, told: Sequence[Mapping[str, Any]]) -> list[tuple[TrustPerson, Mapping[str, Any]]]:
    known = {str(one.ref): one for one in row.people.filter(left_on=None)}
    given = [str(one["person"]) for one in told]
    strange = next((ref for ref in given if ref not in known or given.count(ref) > 1), None)
    if strange is not None:
        raise StakeUnknown(given=strange)
    if any(int(one["pay_minor"]) < 0 or int(one["hours"]) < 0 for one in told):
        raise StepImpossible(why="pay and hours are at least nothing")
    return sorted(((known[str(one["person"])], one) for one in told), key=lambda pair: pair[0].pk)


def _check_year(row: EsopTrust, year: int, on: date) -> None:
    following = row.closed_until + 1 if row.closed_until else row.opened_on.year
    is_first = row.closed_until is None and year >= following
    if not (is_first or year == following) or date(year, 12, 31) > on:
        raise YearOrder(year=year, next=following)


def _check_principal(row: EsopTrust, principal: int, covered: int) -> None:
    most = principal_contribution_max_minor(
        covered_pay_minor=covered, share=_number(row.terms["contribution_share_max"])
    )
    if principal > most:
        raise AboveLimit(
            asked_minor=principal,
            limit_minor=most,
            currency=row.currency,
            rule="share of covered pay for principal of loans",
        )


def _number(text: Any) -> Fraction:
    return Fraction(Decimal(str(text)))
