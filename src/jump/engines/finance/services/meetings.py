"""A meeting's collection: written down by one person, counted by another, booked at once or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    Collection,
    CollectionLine,
    Contract,
    CoverFamily,
    GrantException,
    SavingsAccount,
)
from jump.engines.finance.models.refusals import (
    AmountNotPositive,
    CountDiffers,
    DayImpossible,
    DecisionMissing,
    KeyReused,
    LenderAvailable,
    SamePerson,
    WrongCurrency,
    WrongState,
)
from jump.engines.finance.queries.contracts import contract_row, preview_of
from jump.engines.finance.queries.cover_families import family_row
from jump.engines.finance.queries.meetings import collection, collection_row
from jump.engines.finance.queries.savings import check_deposit, savings_row
from jump.engines.finance.services.cover_families import book_contribution, check_contribution
from jump.engines.finance.services.repayments import book_repayment
from jump.engines.finance.services.savings import book_deposit, locked_savings
from jump.engines.finance.types.meetings import CollectionState, CollectionView, LenderRefusal
from jump.engines.ledger import api as ledger


def collect(actor: Actor, *, group_ref: Ref, amounts: Mapping[Ref, Money], on: date, key: str) -> Ref:
    """Write down what was collected at a meeting: for loans (`ctr-`), savings (`sav-`) and families' cover (`cvf-`).

    Every amount is checked as if it were booked, and nothing is: the money is provisional until it was counted.
    """
    with ledger.posting_transaction():
        known = Collection.objects.filter(key=key).first()
        if known is not None:
            before = {Ref(one.target): one.amount_minor for one in known.lines.all()}
            if before != {target: amount.amount_minor for target, amount in amounts.items() if amount}:
                raise KeyReused(key=key)
            return Ref(known.ref)
        given = [(target, amount) for target, amount in amounts.items() if amount]
        if not given:
            raise AmountNotPositive(amount_minor=0)
        if on > clock.today():
            raise DayImpossible(on=on.isoformat(), earliest="", latest=clock.today().isoformat())
        targets = [_checked(actor, target, amount, on) for target, amount in given]
        currencies = sorted({amount.currency for _target, amount in given})
        if len(currencies) > 1:
            raise WrongCurrency(expected=currencies[0], given=currencies[1])
        row = Collection.objects.create(
            group=group_ref,
            currency=currencies[0],
            on=on,
            entered_by=actor.key,
            entered_at=clock.now(),
            scope_id=targets[0].scope_id,
            key=key,
        )
        CollectionLine.objects.bulk_create(
            CollectionLine(
                collection=row,
                number=number,
                party=_payer(target),
                target=target.ref,
                amount_minor=amount.amount_minor,
            )
            for number, (target, (_ref, amount)) in enumerate(zip(targets, given, strict=True), start=1)
        )
        total = sum(amount.amount_minor for _target, amount in given)
        record(actor, "finance.collect", row.ref, facts={"group": str(group_ref), "amount_minor": total})
    return Ref(row.ref)


def count_collection(actor: Actor, *, collection_ref: Ref, counted: Money) -> CollectionView:
    """Book a collection: a second person counted the money and it is what was written down. All of it or nothing."""
    with ledger.posting_transaction():
        row = lock(collection_row(actor, collection_ref))
        _require_count(actor, row.scope.path)
        if row.state == CollectionState.BOOKED:
            return collection(actor, collection_ref)
        if row.state != CollectionState.PROVISIONAL:
            raise WrongState(state=row.state)
        if row.entered_by == actor.key:
            raise SamePerson(doing="count", did="collect", collection=row.ref)
        if counted.currency != row.currency:
            raise WrongCurrency(expected=row.currency, given=counted.currency)
        lines = list(row.lines.order_by("number"))
        total = sum(one.amount_minor for one in lines)
        if counted.amount_minor != total:
            raise CountDiffers(
                counted_minor=counted.amount_minor,
                written_minor=total,
                difference_minor=counted.amount_minor - total,
                currency=row.currency,
            )
        for one in lines:
            one.made = _book(actor, row, one)
        CollectionLine.objects.bulk_update(lines, ["made"])
        row.state, row.counted_by = CollectionState.BOOKED.value, actor.key
        row.counted_on, row.counted_minor = clock.today(), counted.amount_minor
        row.save()
        record(actor, "finance.count_collection", row.ref, facts={"amount_minor": total})
        return collection(actor, collection_ref)


def drop_collection(actor: Actor, *, collection_ref: Ref, why: str) -> None:
    """Give up a sheet that was not counted, because it is wrong: it stays on record and a new one is written."""
    with ledger.posting_transaction():
        row = lock(collection_row(actor, collection_ref))
        if row.entered_by != actor.key:
            _require_count(actor, row.scope.path)
        if row.state == CollectionState.DROPPED:
            return
        if row.state != CollectionState.PROVISIONAL:
            raise WrongState(state=row.state)
        if not why:
            raise DecisionMissing()
        row.state, row.why = CollectionState.DROPPED.value, why[:300]
        row.save(update_fields=["state", "why"])
        record(actor, "finance.drop_collection", row.ref, why=why)


def record_no_lender(
    actor: Actor,
    *,
    party_ref: Ref,
    scope: str,
    on: date,
    key: str,
    why: str,
    refusals: Sequence[LenderRefusal] = (),
    proof_ref: Ref | None = None,
) -> Ref:
    """Put on record that no lender will lend: refusals with their papers, or a paper that there is no lender at all.

    It is the proof that a start-up grant asks for (000, 11.1(8)).
    """
    require(actor, "finance.prepare", scope)
    proved = [one for one in refusals if one.lender and one.proof_ref]
    if not why or (not proved and not proof_ref) or len(proved) != len(refusals):
        raise LenderAvailable(party=party_ref)
    with ledger.posting_transaction():
        known = GrantException.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        row = GrantException.objects.create(
            party=party_ref,
            lenders=[{"lender": one.lender, "on": one.on.isoformat(), "proof": str(one.proof_ref)} for one in proved],
            no_lender_at_all=not proved,
            why=why[:600],
            proof=proof_ref or "",
            on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.record_no_lender", row.ref, facts={"party": str(party_ref), "refusals": len(proved)})
    return Ref(row.ref)


# --- inside -------------------------------------------------------------------------------------------------


def _require_count(actor: Actor, scope: str) -> None:
    if not can(actor, "finance.approve", scope):
        require(actor, "finance.collect", scope)


def _require_writing(actor: Actor, scope: str) -> None:
    """Who is at the meeting may write down what came in; it is provisional, and they cannot count it."""
    if not can(actor, "finance.write_down", scope):
        require(actor, "finance.collect", scope)


def _payer(target: Contract | SavingsAccount | CoverFamily) -> str:
    if isinstance(target, CoverFamily):
        return str(target.head)
    return str(target.party if isinstance(target, Contract) else target.owner)


def _checked(actor: Actor, target: Ref, amount: Money, on: date) -> Contract | SavingsAccount | CoverFamily:
    """The loan, account or family, after the refusals that booking would give."""
    if target.kind == "cvf":
        insured = family_row(actor, target)
        _require_writing(actor, insured.scope.path)
        check_contribution(insured, amount, on)
        return insured
    if target.kind == "ctr":
        loan = contract_row(actor, target)
        _require_writing(actor, loan.scope.path)
        preview_of(loan, amount=amount, on=on)
        return loan
    account = savings_row(actor, target)
    _require_writing(actor, account.scope.path)
    check_deposit(account, amount, on)
    return account


def _book(actor: Actor, row: Collection, one: CollectionLine) -> Ref:
    amount, target = Money(one.amount_minor, row.currency), Ref(one.target)
    receipt, key = f"{row.ref}/{one.number}", f"collection:{row.ref}:{one.number}"
    if target.kind == "ctr":
        loan = lock(contract_row(actor, target))
        return book_repayment(actor, loan, amount=amount, on=row.on, receipt=receipt, key=key).ref
    if target.kind == "cvf":
        insured = lock(family_row(actor, target))
        return book_contribution(actor, insured, amount=amount, on=row.on, receipt=receipt, key=key).ref
    account = locked_savings(actor, target)
    return book_deposit(actor, account, amount=amount, on=row.on, receipt=receipt, key=key).ref
