"""Taking in a statement: whole, once, with its balances proved, or not at all."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce

from jump.base import clock, files
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.core.banking import Statement, line_digests
from jump.core.units import Ref
from jump.engines.ledger.models import Account
from jump.engines.ledger.models.bank_refusals import (
    StatementGap,
    StatementKnown,
    StatementRefused,
    StatementTooLarge,
)
from jump.engines.ledger.models.banking import BankAccount, BankLine, BankStatement
from jump.engines.ledger.queries.banking import statement_view
from jump.engines.ledger.services.banking.accounts import RECONCILE, locked_bank, seen_account
from jump.engines.ledger.services.banking.camt_statement import read_camt
from jump.engines.ledger.services.banking.csv_statement import read_table
from jump.engines.ledger.services.banking.problems import Problems
from jump.engines.ledger.services.banking.table import NoTable, open_table, view
from jump.engines.ledger.types.banking import BankForm, BankStatementView, Reading, Stated, TableView

BYTES_MAX = 10_000_000
_TYPES = files.DOCUMENTS | {"application/octet-stream"}


def looks_like_xml(data: bytes) -> bool:
    """Whether a file is read as XML: by its first mark, never by its name."""
    head = data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return head.startswith(b"<")


def read_head(actor: Actor, *, account_ref: Ref, data: bytes) -> TableView:
    """What a table of a bank looks like, with what its columns meant the last time or may mean. Changes nothing."""
    account = seen_account(actor, account_ref)
    require(actor, RECONCILE, account.book.scope.path)
    _check_size(len(data))
    try:
        found = view(open_table(data))
    except NoTable as problem:
        raise _refused_whole(problem) from None
    held = BankAccount.objects.filter(pk=account.pk).values_list("reading", flat=True).first()
    if held:
        known = Reading.from_data(held)
        names = [known.day, known.value_day, known.text, known.reference, known.amount, known.money_in]
        names += [known.money_out, known.direction, known.balance]
        if all(name in found.head for name in names if name):
            return TableView(found.head, found.rows, found.count, found.delimiter, found.encoding, known)
    return found


def take_statement(
    actor: Actor,
    *,
    account_ref: Ref,
    file_name: str,
    data: bytes,
    reading: Reading | None = None,
    stated: Stated | None = None,
) -> tuple[BankStatementView, ...]:
    """Take in a statement (a file of XML may hold several). `reading` says how a table is read, and is remembered.

    Raises StatementRefused with every problem (place, column, code, text) in its facts, StatementKnown for one that was
    taken in before, StatementGap where the balances of statements do not follow from each other, StatementTooLarge.
    Then nothing was taken in. Lines that another statement brought already are known again and counted, not doubled.
    """
    account = seen_account(actor, account_ref)
    require(actor, RECONCILE, account.book.scope.path)
    _check_size(len(data))
    sha256 = hashlib.sha256(data).hexdigest()
    form = BankForm.CAMT if looks_like_xml(data) else BankForm.CSV
    made = _read(account, data, form, reading or _remembered(account), stated or Stated())
    with write_transaction():
        bank = locked_bank(actor, account)
        _check_new(bank, made, sha256)
        _check_number(bank, made)
        kept = files.store(actor, io.BytesIO(data), name=file_name[-120:], max_bytes=BYTES_MAX, allowed=_TYPES)
        told = {"form": form.value, "sha256": sha256, "file": kept.ref, "file_name": file_name[-200:]}
        views = tuple(_take(actor, bank, account, one, told) for one in sorted(made, key=lambda one: one.opens_on))
        _remember(actor, bank, made, reading if form is BankForm.CSV else None)
        for one in views:
            record(actor, "ledger.statement_taken", one.ref, facts={"lines": one.lines_new, "number": one.number})
    return views


def _check_size(size: int) -> None:
    if size > BYTES_MAX:
        raise StatementTooLarge(size_mb=-(-size // 1_000_000), max_mb=BYTES_MAX // 1_000_000)


def _remembered(account: Account) -> Reading:
    held = BankAccount.objects.filter(pk=account.pk).values_list("reading", flat=True).first()
    return Reading.from_data(held or {})


def _refused(problems: Problems) -> StatementRefused:
    rows = [{"place": one.place, "column": one.column, "code": one.code, "text": one.text} for one in problems.found]
    return StatementRefused(count=problems.count, rows=rows)


def _refused_whole(problem: NoTable) -> StatementRefused:
    problems = Problems()
    problems.add("", "", str(problem.args[0]))
    return _refused(problems)


def _read(account: Account, data: bytes, form: BankForm, reading: Reading, stated: Stated) -> Sequence[Statement]:
    problems = Problems()
    made: list[Statement] = []
    if form is BankForm.CAMT:
        made = read_camt(data, currency=account.unit, today=clock.today(), problems=problems)
    else:
        try:
            table = open_table(data)
        except NoTable as problem:
            raise _refused_whole(problem) from None
        found = read_table(table, reading, currency=account.unit, today=clock.today(), stated=stated, problems=problems)
        made = [found] if found else []
    if problems:
        raise _refused(problems)
    return made


def _check_new(bank: BankAccount, made: Sequence[Statement], sha256: str) -> None:
    known = BankStatement.objects.filter(account=bank)
    for one in made:
        same = known.filter(number=one.number, closes_on=one.closes_on).first() or known.filter(sha256=sha256).first()
        if same is not None:
            raise StatementKnown(number=one.number, known=same.ref)


def _check_number(bank: BankAccount, made: Sequence[Statement]) -> None:
    """A file that names its account must name ours: the one of the first statement that named any."""
    numbers = [bank.number, *(one.account for one in made)]
    ours = next((number for number in numbers if number), "")
    problems = Problems()
    for one in made:
        if one.account and one.account != ours:
            problems.add("/Document/BkToCstmrStmt/Stmt/Acct/Id", "", "wrong_account", found=one.account, number=ours)
    if problems:
        raise _refused(problems)


def _remember(actor: Actor, bank: BankAccount, made: Sequence[Statement], reading: Reading | None) -> None:
    number = bank.number or next((one.account for one in made if one.account), "")
    data = reading.as_data() if reading else bank.reading
    if (number, data) != (bank.number, bank.reading):
        BankAccount.objects.filter(pk=bank.pk).update(number=number, reading=data, changed_at=clock.now(), by=actor.key)


def _take(actor: Actor, bank: BankAccount, account: Account, one: Statement, told: dict[str, Any]) -> BankStatementView:
    digests = line_digests(one.lines)
    known = set(BankLine.objects.filter(account=bank, digest__in=digests).values_list("digest", flat=True))
    fresh = [(line, digest) for line, digest in zip(one.lines, digests, strict=True) if digest not in known]
    if one.lines and not fresh:
        same = BankStatement.objects.filter(account=bank, bank_lines__digest__in=digests).order_by("id").first()
        raise StatementKnown(number=one.number, known=same.ref if same else "")
    _check_follows(bank, account, one, new_minor=sum(line.amount_minor for line, _digest in fresh))
    row = BankStatement.objects.create(
        account=bank,
        number=one.number,
        opens_on=one.opens_on,
        closes_on=one.closes_on,
        opening_minor=one.opening_minor,
        closing_minor=one.closing_minor,
        lines_new=len(fresh),
        lines_known=len(one.lines) - len(fresh),
        taken_at=clock.now(),
        by=actor.key,
        **told,
    )
    rows = [
        BankLine(
            account=bank,
            statement=row,
            position=position,
            booked_on=line.booked_on,
            value_on=line.value_on,
            amount_minor=line.amount_minor,
            reference=line.reference,
            text=line.text,
            digest=digest,
        )
        for position, (line, digest) in enumerate(fresh, start=1)
    ]
    BankLine.objects.bulk_create(rows, batch_size=200)
    return statement_view(row)


def _check_follows(bank: BankAccount, account: Account, one: Statement, *, new_minor: int) -> None:
    """The balances of statements follow from each other: what lies between two of them is not passed over."""
    statements = BankStatement.objects.filter(account=bank)
    first = statements.order_by("opens_on", "id").first()
    if first is None:
        return
    lines = BankLine.objects.filter(account=bank)

    def held_before(day: Any) -> int:
        summed = lines.filter(booked_on__lt=day).aggregate(total=Coalesce(Sum("amount_minor"), 0))
        return first.opening_minor + int(summed["total"])

    if one.opens_on >= first.opens_on:
        expected, found = held_before(one.opens_on), one.opening_minor
        # A bank may cut one day into two statements: then the second begins where the first ends.
        ends = statements.filter(closes_on=one.opens_on).order_by("-id").values_list("closing_minor", flat=True)
        if found != expected and found not in ends:
            raise StatementGap(
                opening_minor=found, expected_minor=expected, day=one.opens_on.isoformat(), currency=account.unit
            )
        return
    # An earlier one: with the lines that it brings it must lead to where the statements begin.
    expected = one.opening_minor + sum(line.amount_minor for line in one.lines if line.booked_on < first.opens_on)
    if first.opening_minor != expected:
        raise StatementGap(
            opening_minor=first.opening_minor,
            expected_minor=expected,
            day=first.opens_on.isoformat(),
            currency=account.unit,
        )
