"""Work for clients as it stands: contracts, muster rolls, what they are worth, wage sheets and invoices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Prefetch, Sum
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref, rounded_fraction
from jump.engines.finance.models.in_kind_refusals import MusterWrong
from jump.engines.finance.models.pay_runs import (
    ClientContract,
    ClientInvoice,
    InvoicePayment,
    MusterRoll,
    MusterRow,
    PayRun,
    PayRunLine,
)
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.pay_runs import (
    ChecklistItem,
    ClientContractRow,
    ClientContractState,
    ClientContractView,
    InvoiceCharge,
    InvoiceLine,
    InvoicePaymentView,
    InvoiceView,
    MusterEntry,
    MusterRowView,
    MusterState,
    MusterView,
    PayBasis,
    PayLineView,
    PayRunState,
    PayRunView,
    TaskRate,
)
from jump.engines.ledger import api as ledger

NO_REF = Ref("")


def client_contract_row(actor: Actor, ref: Ref) -> ClientContract:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    rows = ClientContract.objects.visible_to(actor).select_related("scope")
    row: ClientContract | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def client_contract(actor: Actor, ref: Ref) -> ClientContractView:
    """One contract with what it brought so far, what the client owes and what workers are owed."""
    row = client_contract_row(actor, ref)

    def money(amount: int | None) -> Money:
        return Money(int(amount or 0), row.currency)

    paid = PayRun.objects.filter(roll__contract=row)
    return ClientContractView(
        ref=Ref(row.ref),
        product=row.product,
        product_title=title_of(row.product_title),
        title=row.title,
        work=row.work,
        safety=row.safety,
        cooperative_ref=Ref(row.cooperative),
        client_ref=Ref(row.client),
        scope=row.scope.path,
        currency=row.currency,
        state=ClientContractState(row.state),
        rates=rates_of(row),
        checklist=checklist_of(row),
        terms=row.terms,
        floor_daily=money(row.floor_daily_minor),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        signed_on=row.signed_on,
        paper_ref=Ref(row.paper) if row.paper else None,
        prepared_by=row.prepared_by,
        signed_by=row.signed_by,
        book_ref=Ref(row.book),
        billed=money(row.invoices.aggregate(total=Sum("total_minor"))["total"]),
        owed_by_client=money(_held(row, f"client_owes:{row.ref}")),
        kept_by_client=money(_held(row, f"client_keeps:{row.ref}")),
        paid_to_workers=money(paid.filter(state=PayRunState.PAID).aggregate(total=Sum("net_minor"))["total"]),
        owed_to_workers=money(paid.filter(state=PayRunState.APPROVED).aggregate(total=Sum("net_minor"))["total"]),
        cash=money(_held(row, "cash")),
    )


def client_contracts(
    actor: Actor, *, scope: str = "", state: str = "", cooperative_ref: Ref | None = None, limit: int = 50
) -> list[ClientContractRow]:
    """Contracts with clients, the newest first. One statement."""
    rows = ClientContract.objects.visible_to(actor).under(scope).select_related("scope")
    if state:
        rows = rows.filter(state=state)
    if cooperative_ref is not None:
        rows = rows.filter(cooperative=cooperative_ref)
    return [
        ClientContractRow(
            ref=Ref(one.ref),
            title=one.title,
            cooperative_ref=Ref(one.cooperative),
            client_ref=Ref(one.client),
            scope=one.scope.path,
            state=ClientContractState(one.state),
            starts_on=one.starts_on,
            ends_on=one.ends_on,
        )
        for one in rows.order_by("-starts_on", "-id")[:limit]
    ]


def musters(actor: Actor, *, contract_ref: Ref, limit: int = 20) -> list[MusterView]:
    """Muster rolls of a contract, the latest first, each with its lines."""
    row = client_contract_row(actor, contract_ref)
    rolls = row.musters.exclude(state=MusterState.DROPPED).select_related("contract", "invoice", "pay_run")
    ordered = Prefetch("rows", MusterRow.objects.order_by("number"))
    return [_muster_view(one) for one in rolls.prefetch_related(ordered).order_by("-period_to", "-id")[:limit]]


def muster(actor: Actor, ref: Ref) -> MusterView:
    return _muster_view(muster_row(actor, ref))


def preview_pay_run(actor: Actor, *, muster_ref: Ref) -> PayRunView:
    """The wage sheet that a muster roll would become. Saves nothing."""
    roll = muster_row(actor, muster_ref)
    return _sheet_view(roll, pay_lines(roll.contract, entries_of(roll)))


def preview_invoice(actor: Actor, *, muster_ref: Ref) -> tuple[tuple[InvoiceLine, ...], tuple[InvoiceCharge, ...]]:
    """What the client would be billed for a muster roll. Saves nothing."""
    roll = muster_row(actor, muster_ref)
    lines = bill_lines(roll.contract, entries_of(roll))
    return lines, charges_on(roll.contract, sum(one.amount.amount_minor for one in lines))


def pay_run(actor: Actor, ref: Ref) -> PayRunView:
    """One wage sheet with its workers."""
    seen = ClientContract.objects.visible_to(actor).values("pk")
    run = PayRun.objects.filter(ref=ref, roll__contract__in=seen).select_related("roll__contract__scope").first()
    if run is None:
        raise NotFound(ref=ref)
    return run_view(run)


def pay_runs_waiting(actor: Actor, *, scope: str = "") -> list[tuple[Ref, str, Money, date]]:
    """Wage sheets that wait to be approved or paid: reference, contract, net, last day to pay; most urgent first."""
    seen = ClientContract.objects.visible_to(actor).under(scope).values("pk")
    rows = PayRun.objects.filter(roll__contract__in=seen).exclude(state=PayRunState.PAID)
    values = rows.order_by("pay_by", "id").values_list(
        "ref", "roll__contract__title", "net_minor", "roll__contract__currency", "pay_by"
    )
    return [(Ref(ref), title, Money(net, currency), day) for ref, title, net, currency, day in values]


def invoice(actor: Actor, ref: Ref) -> InvoiceView:
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = ClientInvoice.objects.filter(ref=ref, contract__in=seen).select_related("contract__scope", "roll")
    one = rows.prefetch_related("payments").first()
    if one is None:
        raise NotFound(ref=ref)
    return invoice_view(one)


def invoices(
    actor: Actor, *, scope: str = "", contract_ref: Ref | None = None, open_only: bool = False, limit: int = 50
) -> list[InvoiceView]:
    """Invoices to clients, the latest first."""
    seen = ClientContract.objects.visible_to(actor).under(scope).values("pk")
    rows = ClientInvoice.objects.filter(contract__in=seen).select_related("contract__scope", "roll")
    if contract_ref is not None:
        rows = rows.filter(contract__ref=contract_ref)
    page = rows.prefetch_related("payments").order_by("-on", "-id")[:limit]
    found = [invoice_view(one) for one in page]
    return [one for one in found if one.open.amount_minor or not open_only]


# --- what a muster roll is worth, for the services of this engine ----------------------------------------------


def hours_per_day(row: ClientContract) -> Decimal:
    return Decimal(row.terms["hours_per_day"])


def check_entries(row: ClientContract, entries: Sequence[MusterEntry], first: date, last: date) -> None:
    """Whether every line can be: a known task, a day of the period, hours or pieces as the task is paid.

    Errors: MusterWrong with the number of the line.
    """
    rates = {one.task: one for one in rates_of(row)}

    def wrong(number: int, why: str) -> MusterWrong:
        return MusterWrong(line=number, why=why)

    by_day: dict[tuple[Ref, date], Decimal] = defaultdict(Decimal)
    team_tasks: dict[str, int] = {}
    worked: dict[str, Decimal] = defaultdict(Decimal)
    for number, one in enumerate(entries, start=1):
        rate = rates.get(one.task)
        if rate is None:
            raise wrong(number, _("the contract has no task %(task)s") % {"task": one.task})
        if not first <= one.on <= last:
            raise wrong(number, _("its day is outside the pay period"))
        if one.hours < 0 or one.pieces < 0 or (not one.hours and not one.pieces):
            raise wrong(number, _("it has neither hours nor pieces"))
        if one.pieces and rate.basis is not PayBasis.PIECE:
            raise wrong(number, _("this task is not paid by the piece"))
        if one.worker_ref is None:
            if one.hours or rate.basis is not PayBasis.PIECE:
                raise wrong(number, _("nobody is named"))
            team_tasks.setdefault(one.task, number)
            continue
        by_day[one.worker_ref, one.on] += one.hours
        worked[one.task] += one.hours
        if by_day[one.worker_ref, one.on] > 24:
            raise wrong(number, _("a day has 24 hours"))
    for task, number in team_tasks.items():
        if not worked[task]:
            raise wrong(number, _("nobody has hours on this task, so its pieces cannot be shared"))


def pay_lines(row: ClientContract, entries: Sequence[MusterEntry]) -> tuple[PayLineView, ...]:
    """What every worker gets, by `core.in_kind.wage_sheet`. Pieces of the whole team are shared by hours, to the cent.

    Below the floor is whoever, after what is left with the co-operative, has less than the lowest pay for her hours
    (our default: social contributions do not count against the floor).
    """
    day = hours_per_day(row)
    rates = {one.task: one for one in rates_of(row)}
    lines: list[rules.MusterLine] = []
    hours: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    pots: dict[str, int] = defaultdict(int)
    for one in entries:
        rate = rates[one.task]
        if one.worker_ref is None:
            pots[one.task] += one.pieces * rate.pay.amount_minor
            continue
        hours[one.task][one.worker_ref] += Fraction(one.hours)
        lines.append(
            rules.MusterLine(
                worker=one.worker_ref,
                on=one.on,
                hours=one.hours,
                rate_hourly_minor=_hourly(rate.basis, rate.pay, day),
                task=one.task,
                is_member=one.is_member,
                pieces=one.pieces,
                rate_piece_minor=rate.pay.amount_minor if rate.basis is PayBasis.PIECE else 0,
            )
        )
    last = max((one.on for one in entries), default=clock.today())
    for task, pot in pots.items():
        for worker, part in rules.team_pay(pot, hours=hours[task]).items():
            lines.append(rules.MusterLine(worker, last, 0, 0, task=task, pieces=1, rate_piece_minor=part))
    sheet = rules.wage_sheet(
        lines,
        contribution_share=Decimal(row.terms["contribution_share"]),
        cooperative_share=Decimal(row.terms["cooperative_share"]),
    )
    floor = Fraction(row.floor_daily_minor) / Fraction(day)
    return tuple(_pay_line(row, line, floor) for line in sheet.lines)


def _hourly(basis: PayBasis, pay: Money, day: Decimal) -> Fraction:
    if basis is PayBasis.DAY:
        return Fraction(pay.amount_minor) / Fraction(day)
    return Fraction(pay.amount_minor if basis is PayBasis.HOUR else 0)


def _pay_line(row: ClientContract, line: rules.WageLine, floor_hourly: Fraction) -> PayLineView:
    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    left = line.deducted_minor[rules.Deduction.COOPERATIVE]
    floor = floor_hourly * line.hours
    return PayLineView(
        worker_ref=Ref(line.worker),
        hours=rounded_fraction(line.hours, 2),
        gross=money(line.gross_minor),
        contribution=money(line.deducted_minor[rules.Deduction.CONTRIBUTION]),
        cooperative=money(left),
        net=money(line.net_minor),
        floor=money(round(floor)),
        is_below_floor=line.gross_minor - left < floor,
    )


def bill_lines(row: ClientContract, entries: Iterable[MusterEntry]) -> tuple[InvoiceLine, ...]:
    """What the client is billed, one line a task, rounded once a line, halves to even."""
    day = Fraction(hours_per_day(row))
    quantities: dict[str, Fraction] = defaultdict(Fraction)
    rates = {one.task: one for one in rates_of(row)}
    for one in entries:
        basis = rates[one.task].basis
        hours = Fraction(one.hours)
        quantities[one.task] += {
            PayBasis.DAY: hours / day,
            PayBasis.HOUR: hours,
            PayBasis.PIECE: Fraction(one.pieces),
        }[basis]
    return tuple(
        InvoiceLine(
            task=task,
            basis=rates[task].basis,
            quantity=rounded_fraction(quantities[task], 4),
            rate=rates[task].bill,
            amount=Money(round(quantities[task] * rates[task].bill.amount_minor), row.currency),
        )
        for task in rates
        if quantities.get(task)
    )


def charges_on(row: ClientContract, work_minor: int) -> tuple[InvoiceCharge, ...]:
    """Taxes and other charges on the work, each rounded once, as the contract's product declares them."""
    return tuple(
        InvoiceCharge(
            id=one["id"],
            title=title_of(one["title"]),
            percent=Decimal(str(one["percent"])),
            amount=Money(round(Fraction(str(one["percent"])) * work_minor / 100), row.currency),
        )
        for one in row.charges
    )


def rates_of(row: ClientContract) -> tuple[TaskRate, ...]:
    return tuple(
        TaskRate(
            one["task"],
            PayBasis(one["basis"]),
            Money(int(one["pay_minor"]), row.currency),
            Money(int(one["bill_minor"]), row.currency),
        )
        for one in row.rates
    )


def checklist_of(row: ClientContract) -> tuple[ChecklistItem, ...]:
    return tuple(
        ChecklistItem(one["id"], title_of(one["text"]), str(row.agreed.get(one["id"], ""))) for one in row.checklist
    )


def muster_row(actor: Actor, ref: Ref) -> MusterRoll:
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = MusterRoll.objects.filter(ref=ref, contract__in=seen).select_related("contract__scope", "invoice", "pay_run")
    one = rows.prefetch_related(Prefetch("rows", MusterRow.objects.order_by("number"))).first()
    if one is None:
        raise NotFound(ref=ref)
    return one


def entries_of(roll: MusterRoll) -> list[MusterEntry]:
    return [
        MusterEntry(
            on=one.on,
            task=one.task,
            worker_ref=Ref(one.worker) if one.worker else None,
            hours=one.hours,
            pieces=one.pieces,
            is_member=one.is_member,
        )
        for one in roll.rows.all()
    ]


# --- views ----------------------------------------------------------------------------------------------------


def _held(row: ClientContract, code: str) -> int:
    """What an account of the co-operative's book holds; nothing where it was never needed."""
    try:
        return ledger.balance(ledger.account(Ref(row.book), code).ref)
    except ledger.AccountUnknown:
        return 0


def _muster_view(one: MusterRoll) -> MusterView:
    rows = tuple(
        MusterRowView(
            row.number, row.on, row.task, Ref(row.worker) if row.worker else None, row.hours, row.pieces, row.is_member
        )
        for row in one.rows.all()
    )
    billed, run = getattr(one, "invoice", None), getattr(one, "pay_run", None)
    return MusterView(
        ref=Ref(one.ref),
        contract_ref=Ref(one.contract.ref),
        state=MusterState(one.state),
        period_from=one.period_from,
        period_to=one.period_to,
        rows=rows,
        hours=sum((row.hours for row in rows), Decimal(0)),
        workers=len({row.worker_ref for row in rows if row.worker_ref}),
        written_by=one.written_by,
        accepted_by=one.accepted_by,
        proof_ref=Ref(one.client_proof) if one.client_proof else None,
        invoice_ref=Ref(billed.ref) if billed is not None else None,
        pay_run_ref=Ref(run.ref) if run is not None else None,
    )


def _sheet_view(roll: MusterRoll, lines: tuple[PayLineView, ...], run: PayRun | None = None) -> PayRunView:
    row = roll.contract
    hours = sum((line.hours for line in lines), Decimal(0))

    def total(amounts: Iterable[Money]) -> Money:
        return sum(amounts, Money.zero(row.currency))

    return PayRunView(
        ref=Ref(run.ref) if run is not None else NO_REF,
        contract_ref=Ref(row.ref),
        contract_title=row.title,
        muster_ref=Ref(roll.ref),
        scope=row.scope.path,
        state=PayRunState(run.state) if run is not None else PayRunState.PREPARED,
        period_from=roll.period_from,
        period_to=roll.period_to,
        pay_by=run.pay_by if run is not None else rules.pay_by(period_end=roll.period_to, days=pay_days(row)),
        lines=lines,
        hours=hours,
        gross=total(line.gross for line in lines),
        contribution=total(line.contribution for line in lines),
        cooperative=total(line.cooperative for line in lines),
        net=total(line.net for line in lines),
        labour_days=rounded_fraction(Fraction(hours) / Fraction(hours_per_day(row)), 2),
        prepared_by=run.prepared_by if run is not None else "",
        approved_by=run.approved_by if run is not None else "",
        paid_by=run.paid_by if run is not None else "",
        approved_on=run.approved_on if run is not None else None,
        paid_on=run.paid_on if run is not None else None,
        entry_ref=Ref(run.entry) if run is not None and run.entry else None,
        paid_entry_ref=Ref(run.paid_entry) if run is not None and run.paid_entry else None,
    )


def pay_days(row: ClientContract) -> int:
    return int(row.terms["pay_within_days"])


def run_view(run: PayRun) -> PayRunView:
    currency = run.roll.contract.currency

    def money(amount: int) -> Money:
        return Money(amount, currency)

    lines = tuple(
        PayLineView(
            worker_ref=Ref(one.worker),
            hours=one.hours,
            gross=money(one.gross_minor),
            contribution=money(one.contribution_minor),
            cooperative=money(one.cooperative_minor),
            net=money(one.net_minor),
            floor=money(one.floor_minor),
            is_below_floor=one.is_below_floor,
        )
        for one in PayRunLine.objects.filter(run=run).order_by("id")
    )
    return _sheet_view(run.roll, lines, run)


def invoice_view(one: ClientInvoice) -> InvoiceView:
    row = one.contract

    def money(amount: int) -> Money:
        return Money(int(amount), row.currency)

    payments = sorted(one.payments.all(), key=lambda paid: (paid.on, paid.pk))
    paid = sum(each.amount_minor for each in payments if not each.is_retention)
    given_back = sum(each.amount_minor for each in payments if each.is_retention)
    to_pay = one.total_minor - one.retention_minor
    return InvoiceView(
        ref=Ref(one.ref),
        number=f"{one.on.year}-{one.number:04}",
        contract_ref=Ref(row.ref),
        contract_title=row.title,
        client_ref=Ref(row.client),
        cooperative_ref=Ref(row.cooperative),
        muster_ref=Ref(one.roll.ref),
        scope=row.scope.path,
        period_from=one.roll.period_from,
        period_to=one.roll.period_to,
        on=one.on,
        due_on=one.due_on,
        lines=tuple(_invoice_line(line, row.currency) for line in one.lines),
        charges=tuple(
            InvoiceCharge(said["id"], title_of(said["title"]), Decimal(said["percent"]), money(said["amount_minor"]))
            for said in one.charges
        ),
        work=money(one.work_minor),
        total=money(one.total_minor),
        retention=money(one.retention_minor),
        to_pay=money(to_pay),
        paid=money(paid),
        open=money(to_pay - paid),
        retention_open=money(one.retention_minor - given_back),
        is_late=one.due_on < clock.today() and paid < to_pay,
        payments=tuple(_payment_view(each, row.currency) for each in payments),
        entry_ref=Ref(one.entry),
    )


def _invoice_line(said: Any, currency: str) -> InvoiceLine:
    return InvoiceLine(
        task=said["task"],
        basis=PayBasis(said["basis"]),
        quantity=Decimal(said["quantity"]),
        rate=Money(int(said["rate_minor"]), currency),
        amount=Money(int(said["amount_minor"]), currency),
    )


def _payment_view(one: InvoicePayment, currency: str) -> InvoicePaymentView:
    return InvoicePaymentView(
        ref=Ref(one.ref),
        on=one.on,
        amount=Money(one.amount_minor, currency),
        receipt=one.receipt,
        is_retention=one.is_retention,
        entry_ref=Ref(one.entry),
        by=one.by,
    )


def days_on_other_rolls(row: ClientContract, keys: set[tuple[str, date, str]]) -> dict[tuple[str, date, str], Ref]:
    """Worker, day and task that stand on another roll of this contract already."""
    days = sorted({day for _worker, day, _task in keys})
    if not days:
        return {}
    rows = MusterRow.objects.filter(roll__contract=row, on__gte=days[0], on__lte=days[-1])
    rows = rows.exclude(roll__state=MusterState.DROPPED).exclude(worker="")
    values = rows.values_list("worker", "on", "task", "roll__ref")
    return {(who, on, task): Ref(ref) for who, on, task, ref in values if (who, on, task) in keys}


def next_number(book: str) -> int:
    return int(ClientInvoice.objects.filter(book=book).aggregate(count=Count("pk"))["count"]) + 1
