"""Contracts as they stand on a day, and what a repayment would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case as When_
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import schedules
from jump.core.money import Money
from jump.core.schedules import LoanAccount, LoanState, Movement, Paid, Part, PaymentKind, WrittenOff
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanFact, Repayment, Tranche, WriteOff
from jump.engines.finance.models.refusals import MoreThanOwed, WrongState
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.loans import LoanFile, file_from, loan_file, plan_from, rows_of
from jump.engines.finance.types import (
    ConditionView,
    ContractKind,
    ContractRow,
    ContractState,
    ContractView,
    InstalmentMark,
    InstalmentView,
    LoansAtPlace,
    RepaymentPreview,
    RepaymentView,
    SpendProofView,
    TrancheState,
    TrancheView,
    WriteOffView,
)
from jump.engines.finance.types.donors import GrantAccount, RefundView
from jump.engines.finance.types.loans import LoanFactKind, LoanFactState, LoanFactView


def contract_row(actor: Actor, ref: Ref, *also: str) -> Contract:
    """The row behind a reference, if this actor may see it, with its place and its fund. For this engine alone."""
    rows = Contract.objects.visible_to(actor).select_related("scope", "fund", *also)
    row: Contract | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def title_of(texts: Mapping[str, str]) -> str:
    language = (get_language() or "en").split("-")[0]
    return texts.get(language) or texts.get("en") or ""


def contract(actor: Actor, ref: Ref, as_of: date | None = None) -> ContractView:
    """A contract with conditions, tranches, schedule and repayments as they stand on a day (today if none)."""
    row = contract_row(actor, ref, "cell__budget")
    day = as_of or clock.today()
    rows = rows_of(row)
    file = file_from(row, rows) if row.kind == ContractKind.LOAN else None
    account = file.account(day) if file else None
    state = schedules.state_of(account, day) if account else None
    released = sum(
        one.amount_minor
        for one in rows.tranches
        if one.state == TrancheState.RELEASED and one.released_on is not None and one.released_on <= day
    )
    proofs = tuple(
        SpendProofView(Ref(proof.ref), Money(proof.amount_minor, row.currency), Ref(proof.proof), proof.on, proof.use)
        for proof in row.proofs.filter(on__lte=day).order_by("on", "id")
    )
    money = _money(row.currency)
    grant = _grant_account(row, released, proofs, day) if row.kind == ContractKind.GRANT else None
    proved = sum(proof.amount.amount_minor for proof in proofs)
    outstanding = state.principal_minor if state else grant.open.amount_minor if grant else released - proved
    conditions = _conditions(row)
    return ContractView(
        ref=Ref(row.ref),
        kind=ContractKind(row.kind),
        product=row.product,
        product_title=title_of(row.product_title),
        party_ref=Ref(row.party),
        fund_ref=Ref(row.fund.ref) if row.fund else None,
        budget_ref=Ref(row.cell.budget.ref) if row.cell else None,
        scope=row.scope.path,
        purpose=row.purpose,
        amount=money(row.amount_minor),
        state=ContractState(row.state),
        opened_on=row.opened_on,
        cause_ref=Ref(row.cause) if row.cause else None,
        terms={name: value for name, value in row.terms.items() if isinstance(value, str | int)},
        prepared_by=row.prepared_by,
        as_of=day,
        released=money(released),
        outstanding=money(outstanding),
        due_now=money(state.due_minor if state else 0),
        owed=money(state.owed_minor if state else 0),
        paid=money(state.paid_minor if state else 0),
        written_off=money(state.written_off_minor if state else 0),
        recovered=money(state.recovered_minor if state else 0),
        days_late=state.days_late if state else 0,
        late_since=state.late_since if state else None,
        next_due_on=state.next_due_on if state else None,
        next_due=money(state.next_due_minor if state else 0),
        conditions=conditions,
        tranches=_tranches(row, rows.tranches, conditions),
        schedule=_schedule(account, state, day) if account and state else (),
        repayments=tuple(_repayment(one, row) for one in reversed(rows.repayments) if one.on <= day),
        proofs=proofs,
        account_ref=Ref(row.account) if row.account else None,
        write_off=_write_off(row, rows.write_off),
        overpaid=money(state.overpaid_minor if state else 0),
        interest_open=money(state.interest_minor if state else 0),
        fee_open=money(state.fee_minor if state else 0),
        penalty_open=money(state.penalty_minor if state else 0),
        is_rescheduled=file.is_rescheduled(day) if file else False,
        loan_facts=loan_facts_of(row, rows.facts) if row.kind == ContractKind.LOAN else (),
        grant=grant,
    )


def loan_facts_of(row: Contract, rows: Sequence[LoanFact]) -> tuple[LoanFactView, ...]:
    """Waivers, refunds, new plans and what was taken back, in the order of their days."""
    undone = {one.target for one in rows if one.kind == LoanFactKind.UNDONE}
    return tuple(fact_view(one, row, is_undone=one.ref in undone) for one in rows)


def fact_view(one: LoanFact, row: Contract, *, is_undone: bool = False) -> LoanFactView:
    """For this engine alone."""
    return LoanFactView(
        ref=Ref(one.ref),
        contract_ref=Ref(row.ref),
        kind=LoanFactKind(one.kind),
        state=LoanFactState(one.state),
        on=one.on,
        amount=Money(one.amount_minor, row.currency),
        part=one.part,
        why=one.why,
        plan=plan_from(one.change) if one.change else None,
        target_ref=Ref(one.target) if one.target else None,
        prepared_by=one.prepared_by,
        agreed_by=one.agreed_by,
        agreed_on=one.agreed_on,
        entry_ref=Ref(one.entry) if one.entry else None,
        is_undone=is_undone,
    )


def _grant_account(row: Contract, released: int, proofs: tuple[SpendProofView, ...], day: date) -> GrantAccount:
    """What of a grant is paid, accounted for by use, paid back, and neither."""
    money = _money(row.currency)
    refunds = tuple(
        RefundView(Ref(one.ref), money(one.amount_minor), one.on, one.receipt, one.why, Ref(one.entry), one.by)
        for one in row.refunds.filter(on__lte=day).order_by("on", "id")
    )
    proved = sum(one.amount.amount_minor for one in proofs)
    back = sum(one.amount.amount_minor for one in refunds)
    allowed: Mapping[str, Mapping[str, str]] = row.terms.get("uses") or {}
    uses = tuple(
        (code, title_of(title), money(sum(one.amount.amount_minor for one in proofs if one.use == code)))
        for code, title in allowed.items()
    )
    return GrantAccount(
        contract_ref=Ref(row.ref),
        paid=money(released),
        proved=money(proved),
        refunded=money(back),
        open=money(released - proved - back),
        unpaid=money(row.amount_minor - released),
        uses=uses,
        refunds=refunds,
    )


def asks_for(contract_ref: Ref, condition: str) -> bool:
    """Whether a contract has this condition, met or not."""
    return Contract.objects.filter(ref=contract_ref, conditions__code=condition).exists()


def contracts(
    actor: Actor,
    *,
    scope: str = "",
    kind: str = "",
    state: str = "",
    product: str = "",
    party_ref: Ref | None = None,
    fund_ref: Ref | None = None,
    late_on: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[ContractRow]:
    """Contracts, those unpaid longest first, then the newest. One statement."""
    rows = _chosen(actor, scope, kind, state, product, party_ref, fund_ref, late_on)
    day = late_on or clock.today()
    released: Any = Coalesce(Sum("tranches__amount_minor", filter=Q(tranches__state=TrancheState.RELEASED)), 0)
    ordered = rows.annotate(
        released_minor=released,
        returned_minor=_returned(),
        left_minor=F("standing__principal_minor"),
        unpaid_rank=When_(When(first_unpaid_on__lt=day, state=ContractState.RUNNING, then=Value(0)), default=Value(1)),
    ).order_by("unpaid_rank", F("first_unpaid_on").asc(nulls_last=True), "-opened_on", "-id")
    page = ordered.select_related("scope", "fund")[offset : offset + limit]
    return [_row(row, day) for row in page]


def count_contracts(
    actor: Actor,
    *,
    scope: str = "",
    kind: str = "",
    state: str = "",
    product: str = "",
    party_ref: Ref | None = None,
    fund_ref: Ref | None = None,
    late_on: date | None = None,
) -> int:
    """How many there are for `contracts`."""
    return int(_chosen(actor, scope, kind, state, product, party_ref, fund_ref, late_on).count())


def who_owes(actor: Actor, *, as_of: date, scope: str = "", limit: int = 50, offset: int = 0) -> list[ContractRow]:
    """Loans with an instalment that should have been paid, oldest first."""
    return contracts(actor, scope=scope, kind="loan", state="running", late_on=as_of, limit=limit, offset=offset)


def loans_at(actor: Actor, places: Iterable[str], *, as_of: date) -> dict[str, LoansAtPlace]:
    """Running loans and late ones at and under each place. One statement, however many places.

    A place of which the reader may see only a part, or nothing, is left out: a part would look like the whole.
    """
    paths = actor.paths_viewing(Contract.data_class)
    whole = [place for place in places if any(place.startswith(path) for path in paths)]
    if not whole:
        return {}
    rows = Contract.objects.filter(kind=ContractKind.LOAN, state=ContractState.RUNNING).order_by()
    counted = list(
        rows.values_list("scope__path").annotate(Count("pk"), late=Count("pk", filter=Q(first_unpaid_on__lt=as_of)))
    )
    return {
        place: LoansAtPlace(
            running=sum(number for path, number, _late in counted if path.startswith(place)),
            late=sum(late for path, _number, late in counted if path.startswith(place)),
        )
        for place in whole
    }


def _chosen(
    actor: Actor,
    scope: str,
    kind: str,
    state: str,
    product: str,
    party_ref: Ref | None,
    fund_ref: Ref | None,
    late_on: date | None,
) -> Any:
    rows = Contract.objects.visible_to(actor).under(scope)
    wanted: dict[str, Any] = {
        "kind": kind,
        "state": state,
        "product": product,
        "party": party_ref,
        "fund__ref": fund_ref,
        "first_unpaid_on__lt": late_on,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def _returned() -> Any:
    """Principal that came back, or was accounted for, as a column of contracts."""
    from jump.engines.finance.models import Refund, SpendProof

    def total(rows: Any, column: str) -> Any:
        summed = rows.filter(contract=OuterRef("pk")).order_by().values("contract").annotate(total=Sum(column))
        return Coalesce(Subquery(summed.values("total")), 0)

    return (
        total(Repayment.objects.filter(undone_entry=""), "principal_minor")
        + total(SpendProof.objects.all(), "amount_minor")
        + total(Refund.objects.all(), "amount_minor")
        + total(WriteOff.objects.exclude(entry=""), "amount_minor")
    )


def _row(row: Any, day: date) -> ContractRow:
    money = _money(row.currency)
    left = row.left_minor
    if left is None:  # no loan, or none that anybody looked at since it was paid out
        left = row.released_minor - row.returned_minor
    unpaid = row.first_unpaid_on if row.state == ContractState.RUNNING else None
    return ContractRow(
        ref=Ref(row.ref),
        kind=ContractKind(row.kind),
        product_title=title_of(row.product_title),
        party_ref=Ref(row.party),
        fund_ref=Ref(row.fund.ref) if row.fund else None,
        scope=row.scope.path,
        purpose=row.purpose,
        amount=money(row.amount_minor),
        released=money(row.released_minor),
        outstanding=money(left),
        state=ContractState(row.state),
        opened_on=row.opened_on,
        first_unpaid_on=unpaid,
        days_late=max((day - unpaid).days, 0) if unpaid else 0,
    )


def preview_repayment(actor: Actor, *, contract_ref: Ref, amount: Money, on: date) -> RepaymentPreview:
    """What a repayment would be used for, and what would be left. Saves nothing.

    Refuses as `repay` would: more than owed, another currency, zero or less.
    """
    row = contract_row(actor, contract_ref)
    return preview_of(row, amount=amount, on=on)


def preview_of(row: Contract, *, amount: Money, on: date) -> RepaymentPreview:
    return payment_of(row, checked_file(row, amount), amount, on).preview


@dataclass(frozen=True, slots=True)
class PaymentTried:
    """A payment as it would be used: the fact, what it does, and how to say so."""

    fact: Paid
    movement: Movement
    preview: RepaymentPreview


_TRIED = "tried"


def payment_of(row: Contract, file: LoanFile, amount: Money, on: date) -> PaymentTried:
    """What a payment would be used for. Refuses more than is owed, unless the product keeps it for the borrower."""
    day, money = file.day(on), _money(row.currency)
    gone_on = next((known.on for known in file.facts if isinstance(known, WrittenOff)), None)
    is_gone = gone_on is not None
    kind = PaymentKind.RECOVERY if gone_on is not None and on >= gone_on else PaymentKind.REPAYMENT
    fact = Paid(on=on, amount_minor=amount.amount_minor, entered_on=on, kind=kind, ref=_TRIED)
    before = file.state(day)
    then = before if day == on else file.state(on)
    account = file.with_facts(fact).account(day)
    after, movement = schedules.state_of(account, day), account.movement(_TRIED)
    if kind is PaymentKind.RECOVERY:
        owed = before.written_off_minor - before.recovered_minor
        over, left = amount.amount_minor - owed, owed - amount.amount_minor
    else:
        over, left = after.overpaid_minor - before.overpaid_minor, after.owed_minor
        owed = amount.amount_minor - max(0, over)
    if over > 0 and (is_gone or not schedules.keeps_overpaid(row.terms)):
        raise MoreThanOwed(asked_minor=amount.amount_minor, owed_minor=owed, currency=row.currency)
    is_loss = kind is PaymentKind.RECOVERY or movement.is_after_charge_off
    used = {part: money(0 if is_loss else movement.parts[part]) for part in Part}
    return PaymentTried(
        fact,
        movement,
        RepaymentPreview(
            on=on,
            amount=amount,
            fee=used[Part.FEE],
            penalty=used[Part.PENALTY],
            interest=used[Part.INTEREST],
            principal=used[Part.PRINCIPAL],
            owed_after=money(left),
            principal_after=money(after.principal_minor),
            days_late=then.days_late,
            next_due_on=after.next_due_on,
            next_due=money(after.next_due_minor),
            due_now=money(then.due_minor),
            owed_before=money(owed if is_loss else before.owed_minor),
            overpaid=money(movement.overpaid_minor),
            is_late=day > on,
        ),
    )


def checked_file(row: Contract, amount: Money) -> LoanFile:
    """The loan's file, after what can be said of the amount at once."""
    check_amount(amount, row.currency)
    file = loan_file(row) if row.kind == ContractKind.LOAN and row.fund is not None else None
    if file is None or row.state in (ContractState.WAITING, ContractState.CANCELLED):
        raise WrongState(state=row.state)
    return file


def repayment(actor: Actor, ref: Ref) -> RepaymentView:
    one = Repayment.objects.filter(ref=ref, contract__in=Contract.objects.visible_to(actor).values("pk"))
    found = one.select_related("contract").first()
    if found is None:
        raise NotFound(ref=ref)
    return _repayment(found, found.contract)


def repayments(
    actor: Actor, *, scope: str = "", fund_ref: Ref | None = None, limit: int = 50, offset: int = 0
) -> list[RepaymentView]:
    """Repayments, latest first."""
    rows = Repayment.objects.filter(contract__in=Contract.objects.visible_to(actor).under(scope).values("pk"))
    if fund_ref is not None:
        rows = rows.filter(fund__ref=fund_ref)
    page = rows.select_related("contract").order_by("-on", "-id")[offset : offset + limit]
    return [_repayment(one, one.contract) for one in page]


# --- parts of a view ----------------------------------------------------------------------------------------


def _money(currency: str) -> Any:
    return lambda amount_minor: Money(int(amount_minor), currency)


def _conditions(row: Contract) -> tuple[ConditionView, ...]:
    return tuple(
        ConditionView(
            Ref(one.ref),
            one.code,
            title_of(one.text),
            one.tranche,
            one.met_on,
            Ref(one.proof) if one.proof else None,
            tuple(one.decided_by),
        )
        for one in row.conditions.order_by("tranche", "id")
    )


def _write_off(row: Contract, proposed: WriteOff | None) -> WriteOffView | None:
    if proposed is None:
        return None
    return WriteOffView(
        why=proposed.why,
        prepared_by=proposed.prepared_by,
        approved_by=proposed.approved_by,
        on=proposed.on,
        amount=Money(proposed.amount_minor, row.currency),
        entry_ref=Ref(proposed.entry) if proposed.entry else None,
    )


def open_for(conditions: tuple[ConditionView, ...], number: int) -> tuple[str, ...]:
    """The codes of conditions that keep a tranche from being paid."""
    return tuple(one.code for one in conditions if not one.is_met and (one.tranche is None or one.tranche <= number))


def _tranches(
    row: Contract, tranches: Sequence[Tranche], conditions: tuple[ConditionView, ...]
) -> tuple[TrancheView, ...]:
    return tuple(
        TrancheView(
            ref=Ref(one.ref),
            number=one.number,
            amount=Money(one.amount_minor, row.currency),
            state=TrancheState(one.state),
            prepared_by=one.prepared_by,
            prepared_on=one.prepared_on,
            released_by=one.released_by,
            released_on=one.released_on,
            entry_ref=Ref(one.entry) if one.entry else None,
            waits_for=() if one.state == TrancheState.RELEASED else open_for(conditions, one.number),
        )
        for one in tranches
    )


def _schedule(account: LoanAccount, state: LoanState, day: date) -> tuple[InstalmentView, ...]:
    balances = schedules.with_balances(account.instalments, account.disbursements)
    left_after = {line.number: balance for line, balance in balances}
    found = []
    for line in state.instalments:
        if line.open_minor == 0:
            mark = InstalmentMark.PAID
        elif line.due_on < day:
            mark = InstalmentMark.LATE
        elif line.due_on == day:
            mark = InstalmentMark.DUE
        else:
            mark = InstalmentMark.TO_COME
        found.append(
            InstalmentView(
                number=line.number,
                due_on=line.due_on,
                principal_minor=line.due[Part.PRINCIPAL],
                interest_minor=line.due[Part.INTEREST],
                fee_minor=line.due[Part.FEE],
                penalty_minor=line.due[Part.PENALTY],
                paid_minor=line.paid_minor,
                left_after_minor=left_after.get(line.number, 0),
                mark=mark,
                days_late=(day - line.due_on).days if mark is InstalmentMark.LATE else 0,
                paid_on=line.paid_on,
                waived_minor=line.waived_minor,
                is_extra=line.is_extra,
            )
        )
    return tuple(found)


def _repayment(one: Repayment, row: Contract) -> RepaymentView:
    money = _money(row.currency)
    return RepaymentView(
        ref=Ref(one.ref),
        contract_ref=Ref(row.ref),
        on=one.on,
        amount=money(one.amount_minor),
        fee=money(one.fee_minor),
        penalty=money(one.penalty_minor),
        interest=money(one.interest_minor),
        principal=money(one.principal_minor),
        owed_after=money(one.owed_after_minor),
        overpaid=money(one.overpaid_minor),
        receipt=one.receipt,
        entry_ref=Ref(one.entry),
        by=one.by,
        undone_by=Ref(one.undone_entry) if one.undone_entry else None,
    )


def view_of(one: Repayment) -> RepaymentView:
    """The view of a repayment just saved."""
    return _repayment(one, one.contract)
