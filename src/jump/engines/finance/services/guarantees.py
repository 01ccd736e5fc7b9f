"""Guarantees: standing for a loan, called when it is written off, paid with four eyes, released when it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.packages import Definition
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Contract, Fund, Guarantee, GuaranteePayment
from jump.engines.finance.models.refusals import (
    AboveLimit,
    DecisionMissing,
    GuaranteeExposure,
    GuarantorIsBorrower,
    KeyReused,
    MoreThanCalled,
    NotPrepared,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.contracts import contract_row
from jump.engines.finance.queries.funds import capital_minor, fund_row, rules_of
from jump.engines.finance.queries.rates import convert
from jump.engines.finance.queries.securities import guarantee, guarantee_row, standing_minor
from jump.engines.finance.services.funds import require_free
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types import ContractState
from jump.engines.finance.types.savings import MovementState, ProductKind
from jump.engines.finance.types.securities import GuaranteeState, GuaranteeView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def open_guarantee(
    actor: Actor,
    *,
    product: str,
    guarantor_ref: Ref,
    amount: Money,
    percent: Decimal | int,
    on: date,
    key: str,
    contract_ref: Ref | None = None,
    lender: str = "",
    borrower_ref: Ref | None = None,
    scope: str = "",
    jointly: Sequence[Ref] = (),
    proof_ref: Ref | None = None,
    ends_on: date | None = None,
) -> Ref:
    """Record that somebody stands for a loan: of one of our funds (`contract_ref`), or of another lender.

    Refused where the guarantor would stand for more than allowed: a fund by its rule `guarantee_exposure_max` (share
    of its capital), anybody by the product's `exposure_max_minor`. `jointly`: members who stand together.
    """
    declared = product_of(product, ProductKind.GUARANTEE)
    with ledger.posting_transaction():
        secured = _secured(actor, contract_ref)
        path = secured.scope.path if secured is not None else scope
        require(actor, "finance.prepare", path)
        known = Guarantee.objects.filter(key=key).first()
        if known is not None:
            if (known.guarantor, known.amount_minor, known.currency) != (
                str(guarantor_ref),
                amount.amount_minor,
                amount.currency,
            ):
                raise KeyReused(key=key)
            return Ref(known.ref)
        fund = fund_row(actor, guarantor_ref) if guarantor_ref.kind == "fnd" else None
        if fund is not None:
            require(actor, "finance.prepare", fund.scope.path)
            fund = Fund.objects.locked().get(pk=fund.pk)
        check_amount(amount, secured.currency if secured is not None else fund.currency if fund else amount.currency)
        if secured is None and (not lender or borrower_ref is None):
            raise NotFound(ref=lender or "lender and borrower")
        borrower = Ref(secured.party) if secured is not None else borrower_ref
        assert borrower is not None
        if guarantor_ref == borrower and not jointly:
            raise GuarantorIsBorrower(guarantor=guarantor_ref)
        _check_terms(declared, amount, Decimal(percent), secured)
        _check_exposure(declared, guarantor_ref, fund, amount, on)
        row = Guarantee.objects.create(
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            guarantor=guarantor_ref,
            fund=fund,
            contract=secured,
            lender="" if secured is not None else lender[:200],
            borrower=borrower,
            jointly=[str(one) for one in dict.fromkeys(jointly)],
            currency=amount.currency,
            amount_minor=amount.amount_minor,
            percent=Decimal(percent),
            opened_on=on,
            ends_on=ends_on,
            proof=proof_ref or "",
            by=actor.key,
            scope_id=node_id(path),
            key=key,
        )
        record(actor, "finance.open_guarantee", row.ref, facts={"amount_minor": row.amount_minor, "for": row.borrower})
    return Ref(row.ref)


def call_guarantee(
    actor: Actor, *, guarantee_ref: Ref, owed: Money, why: str, on: date, proof_ref: Ref | None = None
) -> GuaranteeView:
    """Another lender calls a guarantee for what its borrower owes. For a loan of our own, writing it off calls."""
    with ledger.posting_transaction():
        row = lock(guarantee_row(actor, guarantee_ref))
        require(actor, "finance.approve", row.scope.path)
        if row.contract_id is not None or row.state != GuaranteeState.OPEN:
            raise WrongState(state=row.state)
        if not why:
            raise DecisionMissing()
        check_amount(owed, row.currency)
        _call(row, owed.amount_minor, on)
        row.why, row.proof = why[:300], proof_ref or row.proof
        row.save()
        record(actor, "finance.call_guarantee", row.ref, why=why, facts={"called_minor": row.called_minor})
        return guarantee(actor, guarantee_ref)


def release_guarantee(actor: Actor, *, guarantee_ref: Ref, why: str, on: date) -> None:
    """End a guarantee for which nothing was called: the other lender was paid, or another security took its place."""
    with ledger.posting_transaction():
        row = lock(guarantee_row(actor, guarantee_ref))
        require(actor, "finance.approve", row.scope.path)
        if row.state == GuaranteeState.RELEASED:
            return
        if row.state != GuaranteeState.OPEN:
            raise WrongState(state=row.state)
        if not why:
            raise DecisionMissing()
        row.state, row.ended_on, row.why = GuaranteeState.RELEASED.value, on, why[:300]
        row.save(update_fields=["state", "ended_on", "why"])
        record(actor, "finance.release_guarantee", row.ref, why=why)


def prepare_guarantee_payment(
    actor: Actor, *, guarantee_ref: Ref, amount: Money, on: date, key: str, receipt: str = ""
) -> Ref:
    """Prepare what a guarantor pays of a called guarantee. Out of a fund a second person pays it; from anybody else it
    is received with `book_guarantee_payment`, by the same person too."""
    with ledger.posting_transaction():
        row = lock(guarantee_row(actor, guarantee_ref))
        require(actor, "finance.prepare" if row.fund_id else "finance.collect", row.scope.path)
        known = GuaranteePayment.objects.filter(key=key).first()
        if known is not None:
            if (known.guarantee_id, known.amount_minor) != (row.pk, amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        check_amount(amount, row.currency)
        _check_day(row, on)
        waiting = sum(row.payments.filter(state=MovementState.PREPARED).values_list("amount_minor", flat=True))
        left = row.called_minor - row.paid_minor - waiting
        if row.state != GuaranteeState.CALLED or amount.amount_minor > left:
            raise MoreThanCalled(asked_minor=amount.amount_minor, open_minor=max(left, 0), currency=row.currency)
        one = GuaranteePayment.objects.create(
            guarantee=row,
            amount_minor=amount.amount_minor,
            on=on,
            receipt=receipt,
            leaves_fund=row.fund_id is not None,
            state=MovementState.PREPARED.value,
            prepared_by=actor.key,
            key=key,
        )
        record(actor, "finance.prepare_guarantee_payment", one.ref, facts={"guarantee": row.ref})
    return Ref(one.ref)


def book_guarantee_payment(actor: Actor, *, payment_ref: Ref, on: date) -> GuaranteeView:
    """Pay (out of a fund) or receive (from anybody else) what was prepared. Asking twice books once.

    What is paid for a loan of one of our funds comes in there as recovered after writing off.
    """
    with ledger.posting_transaction():
        found = GuaranteePayment.objects.filter(ref=payment_ref).values_list("guarantee__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=payment_ref)
        row = lock(guarantee_row(actor, Ref(found)))
        one = row.payments.get(ref=payment_ref)
        if one.leaves_fund:
            if not can(actor, "finance.approve", row.scope.path):
                require(actor, "finance.release", row.scope.path)
        else:
            require(actor, "finance.collect", row.scope.path)
        if one.state == MovementState.BOOKED:
            return guarantee(actor, Ref(row.ref))
        if one.state != MovementState.PREPARED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.leaves_fund and one.prepared_by == actor.key:
            raise SamePerson(doing="pay", did="prepare", payment=one.ref)
        _check_day(row, on)
        if row.fund is not None:
            one.entry = _pay_out(actor, row, row.fund, one, on)
        if row.contract is not None:
            one.repayment = _receive(actor, row.contract, one, on)
        one.on, one.state, one.booked_by = on, MovementState.BOOKED.value, actor.key
        one.save()
        row.paid_minor += one.amount_minor
        if row.paid_minor == row.called_minor:
            row.state, row.ended_on = GuaranteeState.PAID.value, on
        row.save(update_fields=["paid_minor", "state", "ended_on"])
        record(actor, "finance.book_guarantee_payment", one.ref, facts={"guarantee": row.ref})
        return guarantee(actor, Ref(row.ref))


# --- for the services of this engine ------------------------------------------------------------------------


def call_for_written_off(contract: Contract, owed_minor: int, on: date) -> None:
    """A loan was written off: each guarantee is called for its part; together never for more than is owed."""
    left = owed_minor
    for row in _of_loan(contract, GuaranteeState.OPEN):
        _call(row, owed_minor, on, most_minor=left)
        left -= row.called_minor
        row.save()


def release_for_settled(contract: Contract, on: date) -> None:
    """A loan was paid back: nobody stands for it any more."""
    for row in _of_loan(contract, GuaranteeState.OPEN):
        row.state, row.ended_on = GuaranteeState.RELEASED.value, on
        row.save(update_fields=["state", "ended_on"])


def stand_again(contract: Contract) -> None:
    """The last repayment was taken back: those who stood for the loan stand for it again."""
    for row in _of_loan(contract, GuaranteeState.RELEASED):
        if row.ended_on == contract.settled_on and not row.why:
            row.state, row.ended_on = GuaranteeState.OPEN.value, None
            row.save(update_fields=["state", "ended_on"])


# --- inside -------------------------------------------------------------------------------------------------


def _secured(actor: Actor, contract_ref: Ref | None) -> Contract | None:
    if contract_ref is None:
        return None
    row = contract_row(actor, contract_ref)
    if row.kind != "loan" or row.state not in (ContractState.WAITING, ContractState.RUNNING):
        raise WrongState(state=row.state)
    return row


def _check_terms(declared: Definition, amount: Money, percent: Decimal, secured: Contract | None) -> None:
    most = Decimal(str(declared.data["percent_max"]))
    if not 0 < percent <= most:
        raise AboveLimit(
            asked_minor=int(percent), limit_minor=int(most), currency="", rule=f"{declared.id} percent_max"
        )
    if secured is not None and amount.amount_minor > secured.amount_minor:
        raise AboveLimit(
            asked_minor=amount.amount_minor,
            limit_minor=secured.amount_minor,
            currency=amount.currency,
            rule="amount of the loan",
        )


def _check_exposure(declared: Definition, guarantor: Ref, fund: Fund | None, amount: Money, on: date) -> None:
    """The guarantor's standing guarantees and this one, against the fund's rule and the product's limit."""
    limits: dict[str, int] = {}
    if fund is not None:
        share = rules_of(fund, on).get("guarantee_exposure_max")
        if share:
            limits["guarantee_exposure_max"] = int(capital_minor(fund) * share)
    product_limit = declared.data.get("exposure_max_minor")
    if product_limit is not None:
        given = Money(int(product_limit), str(declared.data.get("exposure_max_currency") or amount.currency))
        limits[f"{declared.id} exposure_max"] = convert(given, amount.currency, on).amount_minor
    standing = standing_minor(str(guarantor), amount.currency)
    for rule, limit in limits.items():
        if standing + amount.amount_minor > limit:
            raise GuaranteeExposure(
                asked_minor=amount.amount_minor,
                standing_minor=standing,
                limit_minor=limit,
                currency=amount.currency,
                rule=rule,
                guarantor=guarantor,
            )


def _call(row: Guarantee, owed_minor: int, on: date, most_minor: int | None = None) -> None:
    part = int(owed_minor * row.percent / 100)
    row.called_minor = min(row.amount_minor, part, owed_minor if most_minor is None else most_minor)
    row.called_on = on
    if row.called_minor:
        row.state = GuaranteeState.CALLED.value
    else:
        row.state, row.ended_on = GuaranteeState.RELEASED.value, on


def _of_loan(contract: Contract, state: GuaranteeState) -> list[Guarantee]:
    return list(Guarantee.objects.filter(contract=contract, state=state).order_by("id").locked())


def _check_day(row: Guarantee, on: date) -> None:
    check_day(on, earliest=row.called_on or row.opened_on)


def _pay_out(actor: Actor, row: Guarantee, fund: Fund, one: GuaranteePayment, on: date) -> Ref:
    """A called guarantee is a loss of the fund that gave it."""
    require_free(fund, one.amount_minor, besides_minor=one.amount_minor)
    cost = ledger.open_account(
        actor,
        book_ref=Ref(fund.book),
        code="guarantees",
        title="Guarantees paid",
        kind="expense",
        unit=fund.currency,
        floor_minor=0,
    )
    entry = ledger.post(
        actor,
        book_ref=Ref(fund.book),
        memo=f"Guarantee {row.ref} paid",
        occurred_on=on,
        lines=[
            Line(cost, one.amount_minor, {"place": row.scope.path}),
            Line(ledger.account(Ref(fund.book), "cash").ref, -one.amount_minor),
        ],
        source_ref=Ref(one.ref),
        key=f"guarantee:{one.ref}",
    )
    return entry.ref


def _receive(actor: Actor, contract: Contract, one: GuaranteePayment, on: date) -> Ref:
    from jump.engines.finance.services.repayments import repay

    done = repay(
        actor,
        contract_ref=Ref(contract.ref),
        amount=Money(one.amount_minor, contract.currency),
        on=on,
        receipt=one.receipt,
        key=f"guarantee:{one.ref}",
    )
    return done.ref
