"""The bank of the example: one month of a fund, as the bank states it, reconciled by the people who do it."""

from datetime import date, timedelta

from jump.base.db import write_transaction
from jump.cli.example.cast import CountryCast
from jump.core.calendars import month_end
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger

LINES_MAX = 400
CHARGE_MAJOR = 3


def reconcile_a_month(cast: CountryCast, fund_ref: Ref, month: date) -> None:
    """The bank's table of a month is taken in, matched, its charge booked by two people, and signed.

    The bank books what comes in on the last day of the month only on the next one: it is in transit.
    """
    fund = finance.fund(cast.fund_manager, fund_ref)
    account = ledger.account(fund.book_ref, "cash").ref
    since, until = month.replace(day=1), month_end(month)
    found = ledger.account_statement(cast.fund_manager, account_ref=account, since=since, until=until, limit=LINES_MAX)
    with write_transaction():
        ledger.take_statement(
            cast.fund_manager,
            account_ref=account,
            file_name=f"{fund.currency}-{since:%Y-%m}.csv",
            data=_table(found, fund.currency).encode(),
            reading=ledger.Reading(
                day="Date", text="Particulars", money_out="Debit", money_in="Credit", balance="Balance", dates="ymd"
            ),
            stated=ledger.Stated(since=since, until=until),
        )
        _match(cast, account)
        made = ledger.prepare_reconciliation(cast.fund_manager, account_ref=account, as_of=until)
        ledger.sign_reconciliation(cast.coordinator, reconciliation_ref=made)


def _match(cast: CountryCast, account: Ref) -> None:
    """Confirm what is proposed; what only the bank knows is booked by two people."""
    for made in ledger.match_proposals(cast.fund_manager, account_ref=account):
        ledger.confirm_match(
            cast.fund_manager,
            account_ref=account,
            bank_lines=[one.ref for one in made.bank],
            book_lines=[one.key for one in made.book],
        )
    for line in ledger.open_bank_lines(cast.fund_manager, account_ref=account):
        ref = ledger.prepare_bank_entry(
            cast.fund_manager, bank_line_ref=line.ref, other_code="bank_charges", memo="Charge of the bank"
        )
        ledger.approve_bank_entry(cast.coordinator, entry_ref=ref)


def _table(found: ledger.AccountStatement, currency: str) -> str:
    """The month as a bank writes it: its own words, money out and in, and the balance after each line."""
    scale = 10 ** Money.zero(currency).exponent
    booked = [
        (one.occurred_on, f"{'TRF' if one.amount_minor < 0 else 'CASH DEP'} {one.source_ref}", one.amount_minor)
        for one in found.lines
        if one.occurred_on < found.until or one.amount_minor < 0
    ]
    booked.append((found.until - timedelta(days=1), "MONTHLY CHARGE", -CHARGE_MAJOR * scale))
    held, rows = found.opening_minor, ["Date,Particulars,Debit,Credit,Balance"]
    for day, text, amount in sorted(booked, key=lambda one: one[0]):
        held += amount
        out, into = (abs(amount), "") if amount < 0 else ("", amount)
        rows.append(",".join([day.isoformat(), text, *(_written(one, scale) for one in (out, into, held))]))
    return "\n".join(rows) + "\n"


def _written(minor: int | str, scale: int) -> str:
    """An amount with as many decimals as its currency has; nothing stays nothing."""
    if isinstance(minor, str):
        return minor
    whole, rest = divmod(minor, scale)
    return f"{whole}.{rest:0{len(str(scale)) - 1}}" if scale > 1 else str(whole)
