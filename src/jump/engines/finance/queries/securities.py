"""Guarantees, matching funds and lines with banks as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    BankLine,
    BankLineMove,
    Fund,
    Guarantee,
    GuaranteePayment,
    MatchingPledge,
    MatchingReceipt,
)
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.funds import fund_row
from jump.engines.finance.types import Contributor
from jump.engines.finance.types.savings import MovementState
from jump.engines.finance.types.securities import (
    BankLineKind,
    BankLineView,
    GuaranteePaymentView,
    GuaranteeState,
    GuaranteeView,
    LineMoveKind,
    LineMoveView,
    MatchingView,
)

STANDING = (GuaranteeState.OPEN.value, GuaranteeState.CALLED.value)


def guarantee_row(actor: Actor, ref: Ref) -> Guarantee:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    rows = Guarantee.objects.visible_to(actor).select_related("scope", "fund__scope", "contract__scope")
    row: Guarantee | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def guarantee(actor: Actor, ref: Ref) -> GuaranteeView:
    return guarantee_views([guarantee_row(actor, ref)])[0]


def guarantees(
    actor: Actor,
    *,
    scope: str = "",
    contract_ref: Ref | None = None,
    fund_ref: Ref | None = None,
    guarantor_ref: Ref | None = None,
    state: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[GuaranteeView]:
    """Guarantees, those still standing first, then the newest. `fund_ref`: given by this fund, or for its loans."""
    rows = Guarantee.objects.visible_to(actor).under(scope)
    if fund_ref is not None:
        rows = rows.filter(Q(fund__ref=fund_ref) | Q(contract__fund__ref=fund_ref))
    wanted: dict[str, Any] = {"contract__ref": contract_ref, "guarantor": guarantor_ref, "state": state}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    page = rows.select_related("scope", "fund", "contract").order_by(F("ended_on").asc(nulls_first=True), "-id")
    return guarantee_views(list(page[offset : offset + limit]))


def standing_minor(guarantor: str, currency: str) -> int:
    """What guarantees of one guarantor still stand for: promised and not paid."""
    rows = Guarantee.objects.filter(guarantor=guarantor, currency=currency, state__in=STANDING)
    return int(rows.aggregate(total=Coalesce(Sum(F("amount_minor") - F("paid_minor")), 0))["total"])


def called_minor(fund: Fund) -> int:
    """What the fund owes to lenders under guarantees that were called: promised, so not free."""
    rows = Guarantee.objects.filter(fund=fund, state=GuaranteeState.CALLED)
    return int(rows.aggregate(total=Coalesce(Sum(F("called_minor") - F("paid_minor")), 0))["total"])


def guarantee_views(rows: Iterable[Guarantee]) -> list[GuaranteeView]:
    """Views of several guarantees; one statement for all their payments."""
    chosen = list(rows)
    paid: dict[int, list[GuaranteePayment]] = defaultdict(list)
    for one in GuaranteePayment.objects.filter(guarantee__in=chosen).order_by("on", "id"):
        paid[one.guarantee_id].append(one)
    return [_guarantee(row, paid[row.pk]) for row in chosen]


def _guarantee(row: Guarantee, paid: list[GuaranteePayment]) -> GuaranteeView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return GuaranteeView(
        ref=Ref(row.ref),
        product_title=title_of(row.product_title),
        guarantor_ref=Ref(row.guarantor),
        fund_ref=Ref(row.fund.ref) if row.fund else None,
        contract_ref=Ref(row.contract.ref) if row.contract else None,
        lender=row.lender,
        borrower_ref=Ref(row.borrower),
        jointly=tuple(Ref(one) for one in row.jointly),
        scope=row.scope.path,
        amount=money(row.amount_minor),
        percent=row.percent,
        called=money(row.called_minor),
        paid=money(row.paid_minor),
        state=GuaranteeState(row.state),
        opened_on=row.opened_on,
        ends_on=row.ends_on,
        called_on=row.called_on,
        ended_on=row.ended_on,
        why=row.why,
        by=row.by,
        payments=tuple(
            GuaranteePaymentView(
                Ref(one.ref),
                money(one.amount_minor),
                one.on,
                one.receipt,
                one.state == MovementState.BOOKED,
                one.prepared_by,
                one.booked_by,
                Ref(one.entry) if one.entry else None,
            )
            for one in paid
        ),
    )


# --- matching funds -------------------------------------------------------------------------------------------


def matching(actor: Actor, *, fund_ref: Ref) -> list[MatchingView]:
    """What was pledged beside the seed of a fund, and what came in. Three statements."""
    fund = fund_row(actor, fund_ref)
    pledges = list(MatchingPledge.objects.filter(fund=fund).order_by("on", "id"))
    came = MatchingReceipt.objects.filter(pledge__in=pledges).values_list("pledge_id")
    received = {pk: int(total) for pk, total in came.annotate(Sum("contribution__amount_minor")).order_by()}
    return [matching_view(one, fund, received.get(one.pk, 0)) for one in pledges]


def matching_view(one: MatchingPledge, fund: Fund, received_minor: int) -> MatchingView:
    return MatchingView(
        ref=Ref(one.ref),
        fund_ref=Ref(fund.ref),
        party_ref=Ref(one.party),
        source=Contributor(one.source),
        pledged=Money(one.amount_minor, fund.currency),
        received=Money(received_minor, fund.currency),
        on=one.on,
        until=one.until,
        note=one.note,
    )


def received_minor(pledge: MatchingPledge) -> int:
    total = pledge.receipts.aggregate(total=Coalesce(Sum("contribution__amount_minor"), 0))["total"]
    return int(total)


# --- lines with banks -----------------------------------------------------------------------------------------


def line_row(actor: Actor, ref: Ref) -> BankLine:
    rows = BankLine.objects.visible_to(actor).select_related("scope", "fund__scope")
    row: BankLine | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def bank_line(actor: Actor, ref: Ref) -> BankLineView:
    return _lines([line_row(actor, ref)])[0]


def bank_lines(
    actor: Actor, *, scope: str = "", fund_ref: Ref | None = None, party_ref: Ref | None = None, kind: str = ""
) -> list[BankLineView]:
    """Links with banks, those open first, then the newest. Two statements."""
    rows = BankLine.objects.visible_to(actor).under(scope)
    wanted: dict[str, Any] = {"fund__ref": fund_ref, "party": party_ref, "kind": kind}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    ordered = rows.select_related("scope", "fund").order_by(F("closed_on").asc(nulls_first=True), "-opened_on", "-id")
    return _lines(list(ordered))


def used_of_line(row: BankLine) -> int:
    """Drawn and not repaid; of an account, paid in and not taken out. Prepared repayments count as made."""
    sums = {kind: int(total) for kind, total in row.moves.values_list("kind").annotate(Sum("amount_minor")).order_by()}
    into = sums.get(LineMoveKind.DRAWN, 0) + sums.get(LineMoveKind.PAID_IN, 0)
    return into - sums.get(LineMoveKind.REPAID, 0) - sums.get(LineMoveKind.TAKEN_OUT, 0)


def _lines(rows: list[BankLine]) -> list[BankLineView]:
    moves: dict[int, list[BankLineMove]] = defaultdict(list)
    for one in BankLineMove.objects.filter(line__in=rows).order_by("on", "id"):
        moves[one.line_id].append(one)
    return [_line(row, moves[row.pk]) for row in rows]


def _line(row: BankLine, moves: list[BankLineMove]) -> BankLineView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    def total(*kinds: LineMoveKind) -> Money:
        return money(sum(one.amount_minor for one in moves if one.state == "booked" and one.kind in kinds))

    return BankLineView(
        ref=Ref(row.ref),
        kind=BankLineKind(row.kind),
        product_title=title_of(row.product_title),
        bank_ref=Ref(row.bank) if row.bank else None,
        bank_name=row.bank_name,
        party_ref=Ref(row.party),
        fund_ref=Ref(row.fund.ref) if row.fund else None,
        scope=row.scope.path,
        number=row.number,
        limit=money(row.limit_minor),
        drawn=total(LineMoveKind.DRAWN, LineMoveKind.PAID_IN),
        repaid=total(LineMoveKind.REPAID, LineMoveKind.TAKEN_OUT),
        opened_on=row.opened_on,
        ends_on=row.ends_on,
        closed_on=row.closed_on,
        moves=tuple(
            LineMoveView(
                Ref(one.ref),
                LineMoveKind(one.kind),
                money(one.amount_minor),
                one.on,
                one.receipt,
                one.state == MovementState.BOOKED,
                one.prepared_by,
                one.booked_by,
                Ref(one.entry) if one.entry else None,
            )
            for one in moves
        ),
    )
