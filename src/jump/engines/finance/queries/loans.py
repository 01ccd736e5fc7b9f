"""A loan as `core.schedules` sees it: its stored schedule, and everything that happened, replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from jump.core.schedules import (
    Charge,
    Disbursement,
    Instalment,
    LoanEvent,
    LoanState,
    LoanTerms,
    Part,
    Repayment,
    Schedule,
    WriteOff,
    loan_state,
)
from jump.engines.finance.models import Contract
from jump.engines.finance.models import Instalment as InstalmentRow
from jump.engines.finance.models import Repayment as RepaymentRow
from jump.engines.finance.types import TrancheState


@dataclass(frozen=True, slots=True)
class LoanFile:
    """What is needed to say how a loan stands on any day."""

    schedule: Schedule
    repayments: tuple[Repayment, ...]
    written_off_on: date | None
    allocation: tuple[Part, ...]
    penalty_percent: Decimal
    penalty_after_days: int

    def events(self, as_of: date) -> list[LoanEvent]:
        """Repayments, late fees and write-off up to a day."""
        events: list[LoanEvent] = [event for event in self.repayments if event.on <= as_of]
        events.extend(self._late_fees(as_of))
        if self.written_off_on is not None and self.written_off_on <= as_of:
            events.append(WriteOff(self.written_off_on))
        return events

    def state(self, as_of: date) -> LoanState:
        return loan_state(self.schedule, self.events(as_of), as_of=as_of, allocation=self.allocation)

    def _late_fees(self, as_of: date) -> list[Charge]:
        """Once per instalment, a percentage of what was open of it so many days after it fell due.

        Computed and never stored: the same payments always give the same fees.
        """
        if not self.penalty_percent:
            return []
        fees: list[Charge] = []
        due_minor = 0  # up to and including this instalment, with every fee so far
        last = min(as_of, self.written_off_on) if self.written_off_on else as_of
        for line in self.schedule.instalments:
            day = line.due_on + timedelta(days=self.penalty_after_days + 1)
            if day > last:
                break
            due_minor += line.principal_minor + line.interest_minor + line.fee_minor
            paid = [event for event in self.repayments if event.on < day]
            if sum(event.amount_minor for event in paid) >= due_minor:
                continue  # the oldest instalment is paid first: nothing of this one can be open
            known: list[LoanEvent] = [*paid, *fees]
            then = loan_state(self.schedule, known, as_of=day - timedelta(days=1), allocation=self.allocation)
            open_minor = next(row.open_minor for row in then.instalments if row.number == line.number)
            fee_minor = round(open_minor * self.penalty_percent / 100)
            if fee_minor > 0:
                fees.append(Charge(day, fee_minor, Part.PENALTY))
                due_minor += fee_minor
        return fees


def terms_of(contract: Contract, released_minor: int) -> LoanTerms:
    """The terms of a contract for what was paid out of it."""
    terms = contract.terms
    return LoanTerms.of_product(
        principal_minor=released_minor,
        currency=contract.currency,
        rate_yearly=Decimal(str(terms["rate_yearly"])),
        instalments=int(terms["instalments"]),
        method=str(terms["method"]),
        rhythm=str(terms["rhythm"]),
        grace_instalments=int(terms.get("grace_instalments", 0)),
        fee_percent=Decimal(str(terms.get("fee_percent", 0))),
    )


def loan_file(
    contract: Contract,
    *,
    instalments: Sequence[InstalmentRow] | None = None,
    repayments: Sequence[RepaymentRow] | None = None,
    disbursements: Sequence[tuple[date, int]] | None = None,
    written_off_on: date | None = None,
    written_off_known: bool = False,
) -> LoanFile | None:
    """The file of a loan that was paid out; None before that. Rows read in bulk may be given."""
    rows = list(contract.instalments.order_by("number")) if instalments is None else list(instalments)
    if not rows:
        return None
    paid = (
        list(contract.repayments.filter(undone_entry="").order_by("on", "id"))
        if repayments is None
        else [row for row in repayments if not row.undone_entry]
    )
    if disbursements is None:
        released = contract.tranches.filter(state=TrancheState.RELEASED).order_by("number")
        days = released.values_list("released_on", "amount_minor")
        disbursements = [(on, amount) for on, amount in days if on is not None]
    if not written_off_known:
        row = getattr(contract, "write_off", None)
        written_off_on = row.on if row is not None and row.entry else None
    lent = tuple(Disbursement(on, amount) for on, amount in disbursements)
    terms = terms_of(contract, sum(one.amount_minor for one in lent))
    lines = tuple(
        Instalment(
            row.number,
            row.from_on,
            row.due_on,
            row.principal_minor,
            row.interest_minor,
            row.fee_minor,
            row.balance_minor,
        )
        for row in rows
    )
    return LoanFile(
        schedule=Schedule(terms, lent, lines),
        repayments=tuple(Repayment(row.on, row.amount_minor, row.ref) for row in paid),
        written_off_on=written_off_on,
        allocation=tuple(Part(part) for part in contract.terms.get("allocation", [part.value for part in Part])),
        penalty_percent=Decimal(str(contract.terms.get("penalty_percent", 0))),
        penalty_after_days=int(contract.terms.get("penalty_after_days", 7)),
    )


def loan_files(contracts: Iterable[Contract]) -> dict[int, LoanFile]:
    """The files of many loans, by row; four statements for all of them."""
    chosen = list(contracts)
    ids = [contract.pk for contract in chosen]
    lines: dict[int, list[InstalmentRow]] = {pk: [] for pk in ids}
    for line in InstalmentRow.objects.filter(contract_id__in=ids).order_by("contract_id", "number"):
        lines[line.contract_id].append(line)
    paid: dict[int, list[RepaymentRow]] = {pk: [] for pk in ids}
    for row in RepaymentRow.objects.filter(contract_id__in=ids, undone_entry="").order_by("on", "id"):
        paid[row.contract_id].append(row)
    from jump.engines.finance.models import Tranche
    from jump.engines.finance.models import WriteOff as WriteOffRow

    lent: dict[int, list[tuple[date, int]]] = {pk: [] for pk in ids}
    released = Tranche.objects.filter(contract_id__in=ids, state=TrancheState.RELEASED).order_by("number")
    for pk, on, amount in released.values_list("contract_id", "released_on", "amount_minor"):
        if on is not None:
            lent[pk].append((on, amount))
    gone = dict(WriteOffRow.objects.filter(contract_id__in=ids).exclude(entry="").values_list("contract_id", "on"))
    files: dict[int, LoanFile] = {}
    for contract in chosen:
        file = loan_file(
            contract,
            instalments=lines[contract.pk],
            repayments=paid[contract.pk],
            disbursements=lent[contract.pk],
            written_off_on=gone.get(contract.pk),
            written_off_known=True,
        )
        if file is not None:
            files[contract.pk] = file
    return files
