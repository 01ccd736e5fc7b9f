"""A loan as `core.schedules` sees it: its terms and everything that happened, followed day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.prepared import Prepared
from jump.core import schedules
from jump.core.schedules import (
    ChargedOff,
    Disbursed,
    Disbursement,
    Fact,
    LoanAccount,
    LoanState,
    LoanTerms,
    Paid,
    Part,
    PaymentKind,
    Refunded,
    Rescheduled,
    Schedule,
    Waived,
    WrittenOff,
)
from jump.engines.finance.models import Contract, LoanFact, Tranche
from jump.engines.finance.models import Repayment as RepaymentRow
from jump.engines.finance.models import WriteOff as WriteOffRow
from jump.engines.finance.types import TrancheState
from jump.engines.finance.types.loans import LoanFactKind, LoanFactState, NewPlan


@dataclass(frozen=True, slots=True)
class LoanFile:
    """What is needed to say how a loan stands on any day."""

    terms: LoanTerms
    facts: tuple[Fact, ...]
    words: Mapping[str, Any]  # of the product, as agreed

    @property
    def disbursements(self) -> tuple[Disbursement, ...]:
        lent = (Disbursement(fact.on, fact.amount_minor) for fact in self.facts if isinstance(fact, Disbursed))
        return tuple(sorted(lent, key=lambda one: one.on))

    @property
    def first_on(self) -> date:
        return self.disbursements[0].on

    @property
    def changes(self) -> tuple[Rescheduled, ...]:
        return tuple(fact for fact in self.facts if isinstance(fact, Rescheduled))

    def plan(self) -> Schedule:
        """The table of instalments in force, with every change that was agreed."""
        return schedules.schedule(self.terms, disbursements=self.disbursements, changes=self.changes)

    def day(self, on: date) -> date:
        """The day, or that of the latest fact where one came later."""
        return max([on, *(schedules.day_of(fact) for fact in self.facts)])

    def has_later(self, on: date) -> bool:
        return self.day(on) > on

    def with_facts(self, *facts: Fact) -> LoanFile:
        return replace(self, facts=(*self.facts, *facts))

    def account(self, as_of: date) -> LoanAccount:
        return schedules.followed_account(
            self.terms,
            self.facts,
            as_of=as_of,
            late_fee=schedules.late_fee_of(self.words),
            practice=schedules.practice_of(self.words),
        )

    def state(self, as_of: date) -> LoanState:
        return schedules.state_of(self.account(as_of), as_of)

    def is_rescheduled(self, as_of: date) -> bool:
        return any(change.entered_on <= as_of for change in self.changes)


def terms_of(contract: Contract, released_minor: int, lent_on: date) -> LoanTerms:
    """The terms of a contract for what was paid out of it, the first of it on a day."""
    return schedules.product_terms(
        contract.terms, principal_minor=released_minor, currency=contract.currency, lent_on=lent_on
    )


def plan_from(change: Mapping[str, Any]) -> NewPlan:
    """A new plan as it was kept."""
    rate, due_on = change.get("rate_yearly"), change.get("due_on")
    return NewPlan(
        from_on=date.fromisoformat(change["from_on"]),
        due_on=date.fromisoformat(due_on) if due_on else None,
        extra_terms=int(change.get("extra_terms", 0)),
        rate_yearly=None if rate is None else Decimal(str(rate)),
        grace_principal=int(change.get("grace_principal", 0)),
        grace_interest=int(change.get("grace_interest", 0)),
    )


def rescheduled(plan: NewPlan, *, on: date, ref: str) -> Rescheduled:
    """A new plan as a fact of the loan, agreed on a day."""
    return Rescheduled(
        from_on=plan.from_on,
        entered_on=on,
        due_on=plan.due_on,
        extra_terms=plan.extra_terms,
        rate_yearly=plan.rate_yearly,
        grace_principal=plan.grace_principal,
        grace_interest=plan.grace_interest,
        ref=ref,
    )


def fact_of(row: LoanFact) -> Fact | None:
    """A row as a fact; none for one that only takes another back."""
    on, ref, amount = row.on, str(row.ref), row.amount_minor
    match LoanFactKind(row.kind):
        case LoanFactKind.WAIVER:
            return Waived(on=on, amount_minor=amount, part=Part(row.part), entered_on=on, ref=ref)
        case LoanFactKind.REFUND:
            return Refunded(on=on, amount_minor=amount, entered_on=on, ref=ref)
        case LoanFactKind.CHARGE_OFF:
            return ChargedOff(on=on, entered_on=on, ref=ref)
        case LoanFactKind.RESCHEDULE:
            return rescheduled(plan_from(row.change), on=on, ref=ref)
        case LoanFactKind.UNDONE:
            return None


def paid_fact(row: RepaymentRow, written_off_on: date | None) -> Paid:
    """What comes after a write-off is recovered; on the day itself, what was entered after it."""
    is_after = written_off_on is not None and (
        row.on > written_off_on or (row.on == written_off_on and row.recovered_minor > 0)
    )
    kind = PaymentKind.RECOVERY if is_after else PaymentKind.REPAYMENT
    return Paid(on=row.on, amount_minor=row.amount_minor, entered_on=row.on, kind=kind, ref=str(row.ref))


@dataclass(frozen=True, slots=True)
class LoanRows:
    """The rows that tell of one contract, each read once: tranches by number, the others by their days."""

    tranches: Sequence[Tranche] = ()
    repayments: Sequence[RepaymentRow] = ()
    facts: Sequence[LoanFact] = ()
    write_off: WriteOffRow | None = None


def rows_of(contract: Contract) -> LoanRows:
    """Everything that is written down about one contract."""
    return _rows_of_all([contract.pk])[contract.pk]


def loan_file(contract: Contract) -> LoanFile | None:
    """The file of a loan that was paid out; None before that."""
    return file_from(contract, rows_of(contract))


def loan_files(contracts: Iterable[Contract]) -> dict[int, LoanFile]:
    """The files of many loans, by row; four statements for all of them."""
    chosen = list(contracts)
    rows = _rows_of_all([contract.pk for contract in chosen])
    files = {contract.pk: file_from(contract, rows[contract.pk]) for contract in chosen}
    return {pk: file for pk, file in files.items() if file is not None}


def file_from(contract: Contract, rows: LoanRows) -> LoanFile | None:
    """The file that these rows make; None before the loan was paid out."""
    lent = [
        Disbursed(on=one.released_on, amount_minor=one.amount_minor, entered_on=one.released_on, ref=str(one.ref))
        for one in rows.tranches
        if one.state == TrancheState.RELEASED and one.released_on is not None
    ]
    if not lent:
        return None
    terms = terms_of(contract, sum(one.amount_minor for one in lent), min(one.on for one in lent))
    gone_on = rows.write_off.on if rows.write_off is not None and rows.write_off.entry else None
    facts: list[Fact] = [*lent]
    facts += (paid_fact(one, gone_on) for one in rows.repayments if not one.undone_entry)
    facts += _happened(rows.facts)
    if gone_on is not None:
        facts.append(WrittenOff(on=gone_on, entered_on=gone_on, ref="write-off"))
    return LoanFile(terms=terms, facts=tuple(facts), words=contract.terms)


_TRANCHES = Prepared(lambda pk: Tranche.objects.filter(contract_id=pk).order_by("number"))
_REPAYMENTS = Prepared(lambda pk: RepaymentRow.objects.filter(contract_id=pk).order_by("on", "id"))
_FACTS = Prepared(lambda pk: LoanFact.objects.filter(contract_id=pk).order_by("on", "id"))
_GONE = Prepared(lambda pk: WriteOffRow.objects.filter(contract_id=pk))


def _rows_of_all(ids: Sequence[int]) -> dict[int, LoanRows]:
    found: dict[int, tuple[list[Tranche], list[RepaymentRow], list[LoanFact]]] = {pk: ([], [], []) for pk in ids}
    if len(ids) == 1:
        pk = ids[0]
        gone_of_one = _GONE.first(pk)
        return {pk: LoanRows(_TRANCHES.rows(pk), _REPAYMENTS.rows(pk), _FACTS.rows(pk), write_off=gone_of_one)}
    for tranche in Tranche.objects.filter(contract_id__in=ids).order_by("number"):
        found[tranche.contract_id][0].append(tranche)
    for repayment in RepaymentRow.objects.filter(contract_id__in=ids).order_by("on", "id"):
        found[repayment.contract_id][1].append(repayment)
    for fact in LoanFact.objects.filter(contract_id__in=ids).order_by("on", "id"):
        found[fact.contract_id][2].append(fact)
    gone = {one.contract_id: one for one in WriteOffRow.objects.filter(contract_id__in=ids)}
    return {pk: LoanRows(*rows, write_off=gone.get(pk)) for pk, rows in found.items()}


def _happened(rows: Sequence[LoanFact]) -> Iterator[Fact]:
    """What was agreed and not taken back."""
    agreed = [row for row in rows if row.state == LoanFactState.AGREED]
    undone = {row.target for row in agreed if row.kind == LoanFactKind.UNDONE}
    for row in agreed:
        fact = fact_of(row) if row.ref not in undone else None
        if fact is not None:
            yield fact
