"""A fund passes to its owner: what was counted agrees with the books, one person prepares, another signs (000, 2.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock, write_transaction
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.finance.models import Fund, FundHandOver
from jump.engines.finance.models.refusals import (
    AlreadyOwner,
    BalancesDiffer,
    DecisionMissing,
    KeyReused,
    SamePerson,
    WrongCurrency,
    WrongState,
)
from jump.engines.finance.queries.checks import check_day
from jump.engines.finance.queries.funds import compare_balances, fund_row, hand_over_view
from jump.engines.finance.types import HandOverView

_WORDS = {
    "cash": _("Cash and bank"),
    "loans": _("Loans owed"),
    "savings": _("Savings held"),
    "borrowed": _("Owed to banks"),
    "capital": _("Put into the fund"),
}


def balances_agree(actor: Actor, *, fund_ref: Ref, counted: Mapping[str, Money], on: date) -> None:
    """Refuse unless every figure counted is, to the cent, what the fund's book shows at the end of that day."""
    row = fund_row(actor, fund_ref)
    require(actor, "finance.read", row.scope.path)
    _require_agreed(actor, row, counted, on)


def prepare_hand_over(
    actor: Actor,
    *,
    fund_ref: Ref,
    to_ref: Ref,
    counted: Mapping[str, Money],
    on: date,
    key: str,
    count_ref: Ref | None = None,
) -> Ref:
    """Prepare the hand-over of a fund to a new owner, with what was counted on a day. It must agree with the books.

    Prepared it is by whoever wrote the count (`count_ref`, a form), without one by whoever asks. What was prepared
    before and not signed is dropped: the last count is the one that holds.
    """
    with write_transaction():
        fund = lock(fund_row(actor, fund_ref))
        require(actor, "finance.prepare", fund.scope.path)
        known = FundHandOver.objects.filter(key=key).first()
        if known is not None:
            if (known.fund_id, known.to_owner, known.counted_on) != (fund.pk, to_ref, on):
                raise KeyReused(key=key)
            return Ref(known.ref)
        check_day(on, earliest=fund.opened_on)
        if fund.owner == to_ref:
            raise AlreadyOwner(fund=fund.ref, owner=to_ref)
        _require_agreed(actor, fund, counted, on)
        fund.hand_overs.filter(state=FundHandOver.PREPARED).update(state=FundHandOver.DROPPED)
        row = FundHandOver.objects.create(
            fund=fund,
            from_owner=fund.owner,
            to_owner=to_ref,
            counted_on=on,
            counted={figure: amount.amount_minor for figure, amount in counted.items()},
            count=count_ref or "",
            prepared_by=_author(actor, count_ref),
            key=key,
        )
        record(actor, "finance.prepare_hand_over", row.ref, facts={"fund": fund.ref, "to": to_ref})
    return Ref(row.ref)


def hand_over_fund(actor: Actor, *, hand_over_ref: Ref, deed_ref: Ref, on: date) -> HandOverView:
    """Pass the fund to the new owner, by its deed. By a second person, and while the books still show what was counted.

    The former owner, the day and the deed stay on the record. The fund keeps its place, its book and its rules: the
    roles at that place see and do what they did before. Asking again with the same deed changes nothing.
    """
    with write_transaction():
        found = FundHandOver.objects.filter(ref=hand_over_ref).values_list("fund__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=hand_over_ref)
        fund = lock(fund_row(actor, Ref(found)))
        require(actor, "finance.approve", fund.scope.path)
        row = fund.hand_overs.select_related("fund").get(ref=hand_over_ref)
        if row.state == FundHandOver.DONE and row.deed == deed_ref:
            return hand_over_view(row)
        if row.state != FundHandOver.PREPARED:
            raise WrongState(state=row.state)
        if not deed_ref:
            raise DecisionMissing()
        signer = _author(actor, deed_ref)
        if signer == row.prepared_by:
            raise SamePerson(doing="sign", did="count", hand_over=row.ref)
        check_day(on, earliest=row.counted_on)
        counted = {figure: Money(int(amount), fund.currency) for figure, amount in row.counted.items()}
        for day in sorted({row.counted_on, on}):
            _require_agreed(actor, fund, counted, day)
        row.deed, row.on, row.state, row.approved_by = deed_ref, on, FundHandOver.DONE, signer
        row.save(update_fields=["deed", "on", "state", "approved_by"])
        fund.owner = row.to_owner
        fund.save(update_fields=["owner"])
        record(
            actor,
            "finance.hand_over_fund",
            fund.ref,
            facts={"from": row.from_owner, "to": row.to_owner, "deed": deed_ref, "hand_over": row.ref},
        )
        return hand_over_view(row)


def _require_agreed(actor: Actor, fund: Fund, counted: Mapping[str, Money], on: date) -> None:
    for amount in counted.values():
        if amount.currency != fund.currency:
            raise WrongCurrency(expected=fund.currency, given=amount.currency)
    lines = compare_balances(actor, fund_ref=Ref(fund.ref), counted=counted, on=on)
    differing = [line for line in lines if not line.agrees]
    if differing:
        first = differing[0]
        raise BalancesDiffer(
            figure=str(_WORDS[first.figure]),
            ledger_minor=first.ledger.amount_minor,
            counted_minor=first.counted.amount_minor,
            difference_minor=first.difference.amount_minor,
            currency=fund.currency,
            fund=fund.ref,
            on=on.isoformat(),
            differing=[line.figure for line in differing],
        )


def _author(actor: Actor, form_ref: Ref | None) -> str:
    """Who wrote the form that this rests on; without a form, whoever asks."""
    written = evidence.author_of(form_ref) if form_ref is not None and form_ref.kind == "sub" else ""
    return written or actor.key
