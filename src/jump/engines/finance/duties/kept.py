"""Finance's answers about what is kept, secured and collected: savings, guarantees, lines with banks, meetings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    BankLine,
    BankLineMove,
    Collection,
    Contract,
    GrantException,
    Guarantee,
    GuaranteePayment,
    LoanFact,
    MatchingPledge,
    SavingsAccount,
    SavingsMovement,
)
from jump.engines.finance.models.funds import Fund
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.loans import LoanFactKind, LoanFactState
from jump.engines.finance.types.meetings import CollectionState
from jump.engines.finance.types.savings import MovementKind, MovementState

_CHUNK = 500
_LOAN_FACTS: Mapping[LoanFactKind, Any] = {
    LoanFactKind.WAIVER: gettext_lazy("a waiver"),
    LoanFactKind.REFUND: gettext_lazy("money to give back"),
    LoanFactKind.RESCHEDULE: gettext_lazy("a new plan of payments"),
    LoanFactKind.CHARGE_OFF: gettext_lazy("a loan booked as lost"),
    LoanFactKind.UNDONE: gettext_lazy("what was taken back on a loan"),
}


def _refs(*texts: str | None) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(Ref(text) for text in texts if text))


def _accounts(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in SavingsAccount.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("savings account"),
            title_of(row.product_title),
            detail=row.currency,
            on=row.opened_on,
            place=row.scope.title,
            url_name="money:savings_account",
            url_args=(row.ref,),
            sources=_refs(row.owner, row.group, row.holder),
        )


def _movements(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = SavingsAccount.objects.visible_to(actor).values("pk")
    rows = SavingsMovement.objects.filter(ref__in=refs, account__in=seen).select_related("account__scope")
    for row in rows:
        words = {
            MovementKind.DEPOSIT: _("savings paid in"),
            MovementKind.WITHDRAWAL: _("savings taken out"),
            MovementKind.INTEREST: _("interest on savings"),
        }
        yield Description(
            Ref(row.ref),
            words[MovementKind(row.kind)],
            str(Money(row.amount_minor, row.account.currency)),
            detail=_("Receipt %(receipt)s") % {"receipt": row.receipt} if row.receipt else "",
            on=row.on,
            place=row.account.scope.title,
            url_name="money:savings_account",
            url_args=(row.account.ref,),
            sources=_refs(row.account.ref),
        )


def _loan_facts(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Contract.objects.visible_to(actor).values("pk")
    for row in LoanFact.objects.filter(ref__in=refs, contract__in=seen).select_related("contract__scope"):
        yield Description(
            Ref(row.ref),
            str(_LOAN_FACTS[LoanFactKind(row.kind)]),
            str(Money(row.amount_minor, row.contract.currency)) if row.amount_minor else "",
            detail=row.why,
            on=row.on,
            place=row.contract.scope.title,
            url_name="money:contract",
            url_args=(row.contract.ref,),
            sources=_refs(row.contract.ref, row.target, row.entry),
        )


def _guarantees(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Guarantee.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "contract")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("guarantee"),
            title_of(row.product_title),
            detail=str(Money(row.amount_minor, row.currency)),
            on=row.opened_on,
            place=row.scope.title,
            url_name="money:guarantee",
            url_args=(row.ref,),
            sources=_refs(row.contract.ref if row.contract else None, row.guarantor, row.borrower, row.proof),
        )


def _guarantee_payments(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Guarantee.objects.visible_to(actor).values("pk")
    rows = GuaranteePayment.objects.filter(ref__in=refs, guarantee__in=seen).select_related("guarantee__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("guarantee paid"),
            str(Money(row.amount_minor, row.guarantee.currency)),
            on=row.on,
            place=row.guarantee.scope.title,
            url_name="money:guarantee",
            url_args=(row.guarantee.ref,),
            sources=_refs(row.guarantee.ref, row.repayment),
        )


def _pledges(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = MatchingPledge.objects.filter(ref__in=refs, fund__in=Fund.objects.visible_to(actor).values("pk"))
    for row in rows.select_related("fund__scope"):
        yield Description(
            Ref(row.ref),
            _("matching pledge"),
            str(Money(row.amount_minor, row.fund.currency)),
            on=row.on,
            place=row.fund.scope.title,
            url_name="money:fund",
            url_args=(row.fund.ref,),
            sources=_refs(row.fund.ref, row.party, row.proof),
        )


def _lines(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in BankLine.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("link with a bank"),
            row.bank_name,
            detail=title_of(row.product_title),
            on=row.opened_on,
            place=row.scope.title,
            url_name="money:bank_line",
            url_args=(row.ref,),
            sources=_refs(row.party, row.bank, row.proof),
        )


def _line_moves(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = BankLine.objects.visible_to(actor).values("pk")
    for row in BankLineMove.objects.filter(ref__in=refs, line__in=seen).select_related("line__scope"):
        yield Description(
            Ref(row.ref),
            _("movement with a bank"),
            str(Money(row.amount_minor, row.line.currency)),
            on=row.on,
            place=row.line.scope.title,
            url_name="money:bank_line",
            url_args=(row.line.ref,),
            sources=_refs(row.line.ref),
        )


def _collections(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Collection.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("collection of a meeting"),
            row.on.isoformat(),
            on=row.on,
            place=row.scope.title,
            url_name="money:collection",
            url_args=(row.ref,),
            sources=_refs(row.group),
        )


def _exceptions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in GrantException.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("no lender will lend"),
            row.why,
            on=row.on,
            place=row.scope.title,
            sources=_refs(row.party, row.proof, *(one["proof"] for one in row.lenders)),
        )


DESCRIBERS: dict[str, Callable[[Actor, Sequence[Ref]], Iterator[Description]]] = {
    "sav": _accounts,
    "smv": _movements,
    "lnf": _loan_facts,
    "gua": _guarantees,
    "gpy": _guarantee_payments,
    "mat": _pledges,
    "lin": _lines,
    "lmv": _line_moves,
    "col": _collections,
    "gex": _exceptions,
}


def waiting(actor: Actor, limit: int) -> Iterator[Waiting]:
    """What a second person has to do: pay a withdrawal, count a collection."""
    if can(actor, "finance.release") or can(actor, "finance.approve"):
        yield _to_pay(actor, limit)
        yield _to_agree(actor, limit)
    if can(actor, "finance.collect") or can(actor, "finance.approve"):
        yield _to_count(actor, limit)


def _to_pay(actor: Actor, limit: int) -> Waiting:
    seen = SavingsAccount.objects.visible_to(actor).values("pk")
    rows = SavingsMovement.objects.filter(state=MovementState.PREPARED, account__in=seen)
    rows = rows.exclude(prepared_by=actor.key).order_by("on", "id")

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["ref"]),
                _("A withdrawal waits for the second person"),
                f"{Money(row['amount_minor'], row['account__currency'])}, {row['account__ref']}",
                row["on"],
                "warn",
                "money:savings_account",
                (row["account__ref"],),
            )

    columns = ("ref", "on", "amount_minor", "account__ref", "account__currency")
    return Waiting((Question(rows[:limit], columns),), tell)


def _to_agree(actor: Actor, limit: int) -> Waiting:
    seen = Contract.objects.visible_to(actor).values("pk")
    rows = LoanFact.objects.filter(state=LoanFactState.PREPARED, contract__in=seen)
    rows = rows.exclude(prepared_by=actor.key).order_by("on", "id")

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["ref"]),
                _("A change of a loan waits for the second person"),
                f"{_LOAN_FACTS[LoanFactKind(row['kind'])]}, {row['contract__ref']}",
                row["on"],
                "warn",
                "money:loan_fact_agree",
                (row["ref"],),
            )

    return Waiting((Question(rows[:limit], ("ref", "on", "kind", "contract__ref")),), tell)


def _to_count(actor: Actor, limit: int) -> Waiting:
    rows = Collection.objects.visible_to(actor).filter(state=CollectionState.PROVISIONAL)
    rows = rows.exclude(entered_by=actor.key).order_by("on", "id")

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["ref"]),
                _("Money of a meeting waits to be counted"),
                row["scope__title"],
                row["on"],
                "warn",
                "money:collection",
                (row["ref"],),
            )

    return Waiting((Question(rows[:limit], ("ref", "on", "scope__title")),), tell)


def savings_facts(as_of: date) -> Iterator[Fact]:
    """Savings accounts as they stand on a day, in major units, with what was paid in and taken out so far."""
    rows = SavingsAccount.objects.filter(opened_on__lte=as_of).select_related("scope", "fund").order_by("id")
    ids = list(rows.values_list("id", flat=True))
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        sums = _sums(chunk, as_of)
        for row in rows.filter(id__in=chunk):
            paid_in, taken_out = sums.get(row.pk, (0, 0))
            yield Fact(
                kind="finance.savings",
                ref=Ref(row.ref),
                party=Ref(row.owner),
                scope=row.scope.path,
                on=row.opened_on,
                until=row.closed_on if row.closed_on and row.closed_on <= as_of else None,
                value=Money(paid_in - taken_out, row.currency).major,
                codes={
                    "currency": row.currency,
                    "product": row.product,
                    "form": row.form,
                    "saved_minor": paid_in - taken_out,
                    "paid_in_minor": paid_in,
                    "taken_out_minor": taken_out,
                    "is_group": row.owner.startswith("grp-"),
                },
                sources=_refs(row.ref, row.fund.ref if row.fund else None),
            )


def _sums(ids: Sequence[int], as_of: date) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    rows = SavingsMovement.objects.filter(account_id__in=ids, state=MovementState.BOOKED, on__lte=as_of)
    for pk, kind, amount in rows.values_list("account_id", "kind", "amount_minor"):
        came, went = found.get(pk, (0, 0))
        found[pk] = (came, went + amount) if kind == MovementKind.WITHDRAWAL else (came + amount, went)
    return found


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Savings accounts and guarantees at and under a node, for hand-over."""
    accounts = SavingsAccount.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id")
    for row in accounts.iterator(_CHUNK):
        yield {
            "kind": "savings_account",
            "ref": row.ref,
            "product": row.product,
            "owner": row.owner,
            "currency": row.currency,
            "state": row.state,
            "opened_on": row.opened_on.isoformat(),
        }
    standing = Guarantee.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id")
    for one in standing.iterator(_CHUNK):
        yield {
            "kind": "guarantee",
            "ref": one.ref,
            "guarantor": one.guarantor,
            "amount_minor": one.amount_minor,
            "currency": one.currency,
            "state": one.state,
        }
    lines = BankLine.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id")
    for line in lines.iterator(_CHUNK):
        yield {
            "kind": "bank_line",
            "ref": line.ref,
            "bank": line.bank_name,
            "currency": line.currency,
            "limit_minor": line.limit_minor,
            "opened_on": line.opened_on.isoformat(),
        }
