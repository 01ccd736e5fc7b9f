"""Muster rolls and what they become: an invoice to the client and wages to the workers, each posted once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput, NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import BelowPayFloor, CannotNow, MusterWrong
from jump.engines.finance.models.pay_runs import (
    ClientContract,
    ClientInvoice,
    InvoicePayment,
    MusterRoll,
    MusterRow,
    PayRun,
    PayRunLine,
)
from jump.engines.finance.models.refusals import (
    DayImpossible,
    KeyReused,
    MoreThanOwed,
    NotPrepared,
    SamePerson,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.pay_runs import (
    bill_lines,
    charges_on,
    check_entries,
    client_contract_row,
    days_on_other_rolls,
    entries_of,
    invoice,
    invoice_view,
    muster,
    next_number,
    pay_days,
    pay_lines,
    run_view,
)
from jump.engines.finance.services.own_accounts import Declared, own_account
from jump.engines.finance.types.pay_runs import (
    ClientContractState,
    InvoiceView,
    MusterEntry,
    MusterState,
    MusterView,
    PayRunState,
    PayRunView,
)
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

# Accounts of one contract in the co-operative's book: code before the colon, title, kind, the least it may hold.
_ACCOUNTS: Declared = {
    "client_owes": ("Owed by the client", "asset", 0),
    "client_keeps": ("Kept back by the client", "asset", 0),
    "work": ("Work done for the client", "income", None),
    "wages": ("Wages", "expense", None),
}


def write_muster(
    actor: Actor,
    *,
    contract_ref: Ref,
    period_from: date,
    period_to: date,
    entries: Sequence[MusterEntry],
    key: str,
    cause_ref: Ref | None = None,
) -> Ref:
    """Write down who worked when, on what. Every line is checked; nothing is owed before a second person accepts it.

    A worker's day on one task stands on one roll only, so nobody is paid twice for it.
    """
    with ledger.posting_transaction():
        row = lock(client_contract_row(actor, contract_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = MusterRoll.objects.filter(key=key).first()
        if known is not None:
            if known.contract_id != row.pk or known.rows.count() != len(entries):
                raise KeyReused(key=key)
            return Ref(known.ref)
        _check_period(row, period_from, period_to)
        if not entries:
            raise BadInput({"lines": [_("Write at least one line.")]})
        check_entries(row, entries, period_from, period_to)
        named = {(str(one.worker_ref), one.on, one.task) for one in entries if one.worker_ref}
        already = days_on_other_rolls(row, named)
        for number, one in enumerate(entries, start=1):
            other = already.get((str(one.worker_ref), one.on, one.task))
            if other is not None:
                raise MusterWrong(line=number, why=_("this day already stands on %(roll)s") % {"roll": other})
        roll = MusterRoll.objects.create(
            contract=row,
            period_from=period_from,
            period_to=period_to,
            written_by=actor.key,
            cause=cause_ref or "",
            key=key,
        )
        MusterRow.objects.bulk_create(
            MusterRow(
                roll=roll,
                number=number,
                on=one.on,
                task=one.task,
                worker=one.worker_ref or "",
                hours=one.hours,
                pieces=one.pieces,
                is_member=one.is_member,
            )
            for number, one in enumerate(entries, start=1)
        )
        record(actor, "finance.write_muster", roll.ref, facts={"contract": row.ref, "lines": len(entries)})
    return Ref(roll.ref)


def accept_muster(actor: Actor, *, muster_ref: Ref, on: date, proof_ref: Ref) -> MusterView:
    """Accept a muster roll as the second person, with what the client signed: it becomes an invoice, which is
    booked, and a wage sheet, which waits for approval. Once.
    """
    with ledger.posting_transaction():
        row, roll = _locked_roll(actor, muster_ref)
        _require_second(actor, row)
        if roll.state == MusterState.ACCEPTED:
            return muster(actor, muster_ref)
        if roll.state != MusterState.WRITTEN:
            raise NotPrepared(state=roll.state, tranche=roll.ref)
        if roll.written_by == actor.key:
            raise SamePerson(doing="accept", did="write", muster=roll.ref)
        if not proof_ref:
            raise BadInput({"proof": [_("Name the paper that the client signed.")]})
        check_day(on, earliest=roll.period_to)
        entries = entries_of(roll)
        _bill(actor, row, roll, entries, on)
        _prepare_run(actor, row, roll, entries)
        roll.state, roll.accepted_by, roll.client_proof = MusterState.ACCEPTED.value, actor.key, proof_ref
        roll.save(update_fields=["state", "accepted_by", "client_proof"])
        record(actor, "finance.accept_muster", roll.ref, facts={"contract": row.ref})
        return muster(actor, muster_ref)


def drop_muster(actor: Actor, *, muster_ref: Ref, why: str) -> None:
    """Give up a muster roll that nobody accepted; its days may be written again."""
    with ledger.posting_transaction():
        row, roll = _locked_roll(actor, muster_ref)
        require(actor, "finance.prepare", row.scope.path)
        if roll.state == MusterState.DROPPED:
            return
        if roll.state != MusterState.WRITTEN:
            raise NotPrepared(state=roll.state, tranche=roll.ref)
        roll.state, roll.why = MusterState.DROPPED.value, why[:300]
        roll.save(update_fields=["state", "why"])
        record(actor, "finance.drop_muster", roll.ref, why=why)


def approve_pay_run(actor: Actor, *, pay_run_ref: Ref, on: date, why: str = "") -> PayRunView:
    """Approve a wage sheet as the second person: wages, contributions, what is left with the co-operative and what the
    workers are owed are posted together, once. Pay below the lowest pay is refused unless a reason goes on record.
    """
    with ledger.posting_transaction():
        row, run = _locked_run(actor, pay_run_ref)
        _require_second(actor, row)
        if run.state != PayRunState.PREPARED:
            return run_view(run)
        if run.prepared_by == actor.key:
            raise SamePerson(doing="approve", did="prepare", run=run.ref)
        check_day(on, earliest=run.roll.period_to)
        low = run.lines.filter(is_below_floor=True).order_by("id").first()
        if low is not None and not why.strip():
            days = Fraction(low.hours) / Fraction(Decimal(row.terms["hours_per_day"]))
            raise BelowPayFloor(
                rate_minor=int((low.gross_minor - low.cooperative_minor) / days) if days else 0,
                floor_minor=row.floor_daily_minor,
                who=low.worker,
                currency=row.currency,
            )
        run.account = ledger.open_account(
            actor,
            book_ref=Ref(row.book),
            code=f"wages_owed:{run.ref}",
            title=f"Wages owed, {run.ref}",
            kind="liability",
            unit=row.currency,
            floor_minor=0,
        )
        sides = [
            (_account(actor, row, "wages"), run.gross_minor),
            (
                _shared_account(actor, row, "contributions", "Contributions to pay", "liability"),
                -run.contribution_minor,
            ),
            (
                _shared_account(actor, row, "left_by_members", "Left with the co-operative", "equity"),
                -run.cooperative_minor,
            ),
            (Ref(run.account), -run.net_minor),
        ]
        run.entry = _post(actor, row, f"Wages {run.ref}", on, sides, f"wages:{run.ref}", Ref(run.ref))
        run.state, run.approved_by, run.approved_on = PayRunState.APPROVED.value, actor.key, on
        run.why = why[:300]
        run.save()
        record(actor, "finance.approve_pay_run", run.ref, why=why, facts={"net_minor": run.net_minor})
        return run_view(run)


def pay_wages(actor: Actor, *, pay_run_ref: Ref, on: date) -> PayRunView:
    """Pay an approved wage sheet out of the cash box, once. Who prepared it does not pay it."""
    with ledger.posting_transaction():
        row, run = _locked_run(actor, pay_run_ref)
        require(actor, "finance.release", row.scope.path)
        if run.state == PayRunState.PAID:
            return run_view(run)
        if run.state != PayRunState.APPROVED or run.approved_on is None:
            raise CannotNow(why=_("the wage sheet is not approved"))
        if run.prepared_by == actor.key:
            raise SamePerson(doing="pay", did="prepare", run=run.ref)
        check_day(on, earliest=run.approved_on)
        cash = ledger.account(Ref(row.book), "cash").ref
        sides = [(Ref(run.account), run.net_minor), (cash, -run.net_minor)]
        run.paid_entry = _post(actor, row, f"Payment of wages {run.ref}", on, sides, f"paid:{run.ref}", Ref(run.ref))
        run.state, run.paid_by, run.paid_on = PayRunState.PAID.value, actor.key, on
        run.save(update_fields=["paid_entry", "state", "paid_by", "paid_on"])
        record(actor, "finance.pay_wages", run.ref, facts={"net_minor": run.net_minor})
        return run_view(run)


def receive_invoice_payment(
    actor: Actor,
    *,
    invoice_ref: Ref,
    amount: Money,
    on: date,
    key: str,
    receipt: str = "",
    is_retention: bool = False,
) -> InvoiceView:
    """Money that the client pays on an invoice, or gives back of what it kept until the end. No more than is open."""
    with ledger.posting_transaction():
        found = ClientInvoice.objects.filter(ref=invoice_ref).values_list("contract__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=invoice_ref)
        row = lock(client_contract_row(actor, Ref(found)))
        require(actor, "finance.collect", row.scope.path)
        one = row.invoices.get(ref=invoice_ref)
        known = InvoicePayment.objects.filter(key=key).first()
        if known is not None:
            if (known.invoice_id, known.amount_minor, known.is_retention) != (
                one.pk,
                amount.amount_minor,
                is_retention,
            ):
                raise KeyReused(key=key)
            return invoice(actor, invoice_ref)
        check_amount(amount, row.currency)
        check_day(on, earliest=one.on)
        view = invoice_view(one)
        left = view.retention_open if is_retention else view.open
        if amount.amount_minor > left.amount_minor:
            raise MoreThanOwed(owed_minor=left.amount_minor, asked_minor=amount.amount_minor, currency=row.currency)
        made = InvoicePayment(
            invoice=one,
            on=on,
            amount_minor=amount.amount_minor,
            receipt=receipt,
            is_retention=is_retention,
            by=actor.key,
            key=key,
        )
        cash = ledger.account(Ref(row.book), "cash").ref
        owed = _account(actor, row, "client_keeps" if is_retention else "client_owes")
        sides = [(cash, amount.amount_minor), (owed, -amount.amount_minor)]
        made.entry = _post(actor, row, f"Payment {made.ref} of {one.ref}", on, sides, f"in:{made.ref}", Ref(made.ref))
        made.save()
        record(actor, "finance.invoice_payment", made.ref, facts={"invoice": one.ref, "minor": amount.amount_minor})
        return invoice(actor, invoice_ref)


# --- inside -------------------------------------------------------------------------------------------------


def _check_period(row: ClientContract, first: date, last: date) -> None:
    if row.state != ClientContractState.SIGNED:
        raise CannotNow(why=_("the contract is not signed"))
    latest = min(row.ends_on, clock.today())
    if not row.starts_on <= first <= last <= latest:
        raise DayImpossible(
            on=(last if last > latest else first).isoformat(),
            earliest=row.starts_on.isoformat(),
            latest=latest.isoformat(),
        )


def _locked_roll(actor: Actor, ref: Ref) -> tuple[ClientContract, MusterRoll]:
    found = MusterRoll.objects.filter(ref=ref).values_list("contract__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = lock(client_contract_row(actor, Ref(found)))
    return row, row.musters.prefetch_related("rows").get(ref=ref)


def _locked_run(actor: Actor, ref: Ref) -> tuple[ClientContract, PayRun]:
    found = PayRun.objects.filter(ref=ref).values_list("roll__contract__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = lock(client_contract_row(actor, Ref(found)))
    return row, PayRun.objects.select_related("roll__contract__scope").get(ref=ref)


def _require_second(actor: Actor, row: ClientContract) -> None:
    if not can(actor, "finance.approve", row.scope.path):
        require(actor, "finance.release", row.scope.path)


def _bill(actor: Actor, row: ClientContract, roll: MusterRoll, entries: Sequence[MusterEntry], on: date) -> None:
    """The invoice of a roll: work and charges, what the client keeps back, and what is owed now."""
    lines = bill_lines(row, entries)
    work = sum(line.amount.amount_minor for line in lines)
    charges = charges_on(row, work)
    total = work + sum(one.amount.amount_minor for one in charges)
    retention = rules.retention_minor(bills_minor=[work], share=Decimal(row.terms["retention_share"]))
    ledger.balance_locked(ledger.account(Ref(row.book), "cash").ref)  # one number at a time in a book
    made = ClientInvoice(
        roll=roll,
        contract=row,
        book=row.book,
        number=next_number(row.book),
        on=on,
        due_on=on + timedelta(days=int(row.terms["payment_days"])),
        lines=[
            {
                "task": line.task,
                "basis": line.basis.value,
                "quantity": str(line.quantity),
                "rate_minor": line.rate.amount_minor,
                "amount_minor": line.amount.amount_minor,
            }
            for line in lines
        ],
        charges=[
            {
                "id": one.id,
                "title": next(said["title"] for said in row.charges if said["id"] == one.id),
                "percent": str(one.percent),
                "amount_minor": one.amount.amount_minor,
            }
            for one in charges
        ],
        work_minor=work,
        total_minor=total,
        retention_minor=retention,
    )
    sides = [
        (_account(actor, row, "client_owes"), total - retention),
        (_account(actor, row, "client_keeps"), retention),
        (_account(actor, row, "work"), -work),
    ]
    for one in charges:
        account = _shared_account(actor, row, f"charge_{one.id}", f"To pay on: {one.id}", "liability")
        sides.append((account, -one.amount.amount_minor))
    made.entry = _post(actor, row, f"Invoice {made.ref}", on, sides, f"invoice:{made.ref}", Ref(made.ref))
    made.save()


def _prepare_run(actor: Actor, row: ClientContract, roll: MusterRoll, entries: Sequence[MusterEntry]) -> None:
    lines = pay_lines(row, entries)
    run = PayRun.objects.create(
        roll=roll,
        pay_by=rules.pay_by(period_end=roll.period_to, days=pay_days(row)),
        gross_minor=sum(line.gross.amount_minor for line in lines),
        contribution_minor=sum(line.contribution.amount_minor for line in lines),
        cooperative_minor=sum(line.cooperative.amount_minor for line in lines),
        net_minor=sum(line.net.amount_minor for line in lines),
        prepared_by=actor.key,
    )
    PayRunLine.objects.bulk_create(
        PayRunLine(
            run=run,
            worker=line.worker_ref,
            hours=line.hours,
            gross_minor=line.gross.amount_minor,
            contribution_minor=line.contribution.amount_minor,
            cooperative_minor=line.cooperative.amount_minor,
            net_minor=line.net.amount_minor,
            floor_minor=line.floor.amount_minor,
            is_below_floor=line.is_below_floor,
        )
        for line in lines
    )


def _post(
    actor: Actor,
    row: ClientContract,
    memo: str,
    on: date,
    sides: Sequence[tuple[Ref, int]],
    key: str,
    source: Ref,
) -> Ref:
    place = {"place": row.scope.path}
    entry = ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=memo,
        occurred_on=on,
        lines=[Line(account, amount, place) for account, amount in sides if amount],
        source_ref=source,
        key=f"work:{key}",
    )
    return entry.ref


def _account(actor: Actor, row: ClientContract, name: str) -> Ref:
    return own_account(actor, row, name, _ACCOUNTS)


def _shared_account(actor: Actor, row: ClientContract, code: str, title: str, kind: str) -> Ref:
    return ledger.open_account(
        actor, book_ref=Ref(row.book), code=code, title=title, kind=kind, unit=row.currency, floor_minor=None
    )
