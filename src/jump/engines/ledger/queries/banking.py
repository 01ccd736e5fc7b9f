"""What banks say beside the books: accounts and how far they are reconciled, statements, lines that are still open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, Max, Min, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.banking import BankSide, BookSide, Window, propose
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Book, Line
from jump.engines.ledger.models.bank_refusals import NotCovered
from jump.engines.ledger.models.banking import (
    BankAccount,
    BankEntry,
    BankLine,
    BankMatch,
    BankMatchPart,
    BankStatement,
    Reconciliation,
    ReconciliationItem,
)
from jump.engines.ledger.models.refusals import AccountUnknown
from jump.engines.ledger.queries.accounts import balance
from jump.engines.ledger.types import AccountKind
from jump.engines.ledger.types.banking import (
    Agreement,
    BankAccountView,
    BankEntryView,
    BankForm,
    BankLineView,
    BankStatementView,
    BookLineView,
    MatchState,
    MatchView,
    PrepareState,
    ProposalView,
    Reading,
    ReconciliationView,
)

PROPOSED_MAX = 200  # lines of the bank looked at for one page of proposals
_KINDS = (AccountKind.ASSET.value, AccountKind.LIABILITY.value)


# Accounts -----------------------------------------------------------------------------------------------


def bank_accounts(actor: Actor, *, book_ref: Ref | None = None) -> list[BankAccountView]:
    """Accounts that a bank sends statements of, and those of money that it may; five statements for all of them."""
    rows = Account.objects.filter(book__in=Book.objects.visible_to(actor).values("pk"), kind__in=_KINDS)
    rows = rows.filter(Q(bank__isnull=False) | Q(code="cash") | Q(code__startswith="bank"))
    if book_ref is not None:
        rows = rows.filter(book__ref=book_ref)
    found = list(rows.select_related("book__scope", "bank").order_by("book_id", "code")[:200])
    return _account_views([row for row in found if row.unit in CURRENCY_EXPONENTS])


def bank_account(actor: Actor, account_ref: Ref) -> BankAccountView:
    """One account and how far it is reconciled. Raises AccountUnknown."""
    rows = Account.objects.filter(book__in=Book.objects.visible_to(actor).values("pk"), ref=account_ref)
    found = rows.select_related("book__scope", "bank").first()
    if found is None or found.kind not in _KINDS or found.unit not in CURRENCY_EXPONENTS:
        raise AccountUnknown(account=account_ref)
    return _account_views([found])[0]


def _account_views(rows: Sequence[Account]) -> list[BankAccountView]:
    ids = [row.pk for row in rows]
    covered = {
        pk: (first, last)
        for pk, first, last in BankStatement.objects.filter(account__in=ids)
        .values_list("account_id")
        .annotate(Min("opens_on"), Max("closes_on"))
    }
    open_lines = _count(open_bank_rows(ids))
    waiting = _count(
        BankEntry.objects.filter(bank_line__account__in=ids, state=PrepareState.PREPARED.value), "bank_line__"
    )
    last: dict[int, ReconciliationView] = {}
    open_one: dict[int, ReconciliationView] = {}
    told = Reconciliation.objects.filter(account__in=ids).exclude(state=PrepareState.DROPPED.value)
    for row in told.select_related("account__account", "replaces", "replaced_by").order_by("as_of", "id"):
        (open_one if row.state == PrepareState.PREPARED else last)[row.account_id] = reconciliation_view(row)
    found = []
    for one in rows:
        bank: BankAccount | None = getattr(one, "bank", None)
        days = covered.get(one.pk, (None, None))
        found.append(
            BankAccountView(
                ref=Ref(one.ref),
                book_ref=Ref(one.book.ref),
                scope=one.book.scope.path,
                code=one.code,
                title=one.title,
                unit=one.unit,
                number=bank.number if bank else "",
                reading=Reading.from_data(bank.reading) if bank and bank.reading else None,
                starts_on=days[0],
                covered_to=days[1],
                open_bank=open_lines.get(one.pk, 0),
                waiting=waiting.get(one.pk, 0),
                last=last.get(one.pk),
                open=open_one.get(one.pk),
            )
        )
    return found


def _count(rows: Any, through: str = "") -> dict[int, int]:
    from django.db.models import Count

    return dict(rows.order_by().values_list(f"{through}account_id").annotate(Count("id")))


# Statements and lines -----------------------------------------------------------------------------------


def bank_statements(actor: Actor, *, account_ref: Ref, limit: int = 50, offset: int = 0) -> list[BankStatementView]:
    """The statements of an account, the latest days first."""
    rows = _statements(actor).filter(account__account__ref=account_ref)
    return [statement_view(row) for row in rows.order_by("-closes_on", "-id")[offset : offset + limit]]


def bank_statement(actor: Actor, statement_ref: Ref) -> BankStatementView:
    """One statement. Raises NotFound."""
    row = _statements(actor).filter(ref=statement_ref).first()
    if row is None:
        raise NotFound(ref=statement_ref)
    return statement_view(row)


def _statements(actor: Actor) -> Any:
    seen = Book.objects.visible_to(actor).values("pk")
    return BankStatement.objects.filter(account__account__book__in=seen).select_related("account__account")


def statement_view(row: BankStatement) -> BankStatementView:
    return BankStatementView(
        ref=Ref(row.ref),
        account_ref=Ref(row.account.account.ref),
        form=BankForm(row.form),
        number=row.number,
        file_name=row.file_name,
        file_ref=Ref(row.file) if row.file else None,
        sha256=row.sha256,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        opening_minor=row.opening_minor,
        closing_minor=row.closing_minor,
        lines_new=row.lines_new,
        lines_known=row.lines_known,
        taken_at=row.taken_at,
        by=row.by,
    )


def bank_lines(actor: Actor, *, statement_ref: Ref, limit: int = 50, offset: int = 0) -> list[BankLineView]:
    """The lines that a statement brought, in its order, with the match or the prepared entry of each."""
    rows = _seen_lines(actor).filter(statement__ref=statement_ref).order_by("position")
    return line_views(list(rows[offset : offset + limit]))


def bank_line(actor: Actor, line_ref: Ref) -> BankLineView:
    """One line of a bank. Raises NotFound."""
    row = _seen_lines(actor).filter(ref=line_ref).first()
    if row is None:
        raise NotFound(ref=line_ref)
    return line_views([row])[0]


def open_bank_lines(actor: Actor, *, account_ref: Ref, limit: int = PROPOSED_MAX) -> list[BankLineView]:
    """Lines of the bank that nothing holds yet, the oldest first."""
    account_id = _account_id(actor, account_ref)
    rows = open_bank_rows([account_id]).select_related("account__account", "statement")
    return line_views(list(rows.order_by("booked_on", "id")[:limit]))


def open_bank_rows(account_ids: Iterable[int]) -> Any:
    """Rows of bank lines in no live match."""
    live = BankMatchPart.objects.filter(bank_line=OuterRef("pk"), is_live=True)
    return BankLine.objects.filter(account__in=list(account_ids)).exclude(Exists(live))


def open_book_lines(
    actor: Actor, *, account_ref: Ref, until: date | None = None, limit: int = 2 * PROPOSED_MAX
) -> list[BookLineView]:
    """Lines of the books since the statements begin that no line of the bank is matched with, the oldest first."""
    account_id = _account_id(actor, account_ref)
    start = _start(account_id)
    if start is None:
        return []
    rows = _open_book_rows(account_id, start)
    if until is not None:
        rows = rows.filter(occurred_on__lte=until)
    return [_book_view(row) for row in rows.order_by("occurred_on", "entry_id")[:limit]]


def count_open_book_lines(actor: Actor, *, account_ref: Ref) -> int:
    """How many lines of the books are in transit."""
    account_id = _account_id(actor, account_ref)
    start = _start(account_id)
    return int(_open_book_rows(account_id, start).count()) if start else 0


def near_book_lines(actor: Actor, *, bank_line_ref: Ref, days: int = 60, limit: int = 100) -> list[BookLineView]:
    """Lines of the books that are open around the day of a line of the bank, also from before the statements begin."""
    row = _seen_lines(actor).filter(ref=bank_line_ref).first()
    if row is None:
        raise NotFound(ref=bank_line_ref)
    from datetime import timedelta

    near = _open_book_rows(row.account_id, row.booked_on - timedelta(days=days))
    near = near.filter(occurred_on__lte=row.booked_on + timedelta(days=days))
    found = [_book_view(one) for one in near.order_by("occurred_on", "entry_id")[: 5 * limit]]
    found.sort(key=lambda one: (one.amount_minor != row.amount_minor, abs((one.occurred_on - row.booked_on).days)))
    return found[:limit]


def _account_id(actor: Actor, account_ref: Ref) -> int:
    rows = Account.objects.filter(ref=account_ref, book__in=Book.objects.visible_to(actor).values("pk"))
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise AccountUnknown(account=account_ref)
    return int(found)


def _start(account_id: int) -> date | None:
    first: date | None = BankStatement.objects.filter(account=account_id).aggregate(first=Min("opens_on"))["first"]
    return first


def _open_book_rows(account_id: int, since: date) -> Any:
    live = BankMatchPart.objects.filter(line=OuterRef("pk"), is_live=True)
    rows = Line.objects.filter(account_id=account_id, occurred_on__gte=since).exclude(Exists(live))
    return rows.select_related("entry")


def _seen_lines(actor: Actor) -> Any:
    seen = Book.objects.visible_to(actor).values("pk")
    return BankLine.objects.filter(account__account__book__in=seen).select_related("account__account", "statement")


def line_views(rows: Sequence[BankLine]) -> list[BankLineView]:
    """Rows of bank lines with what holds them; two statements."""
    ids = [row.pk for row in rows]
    held = dict(BankMatchPart.objects.filter(bank_line__in=ids, is_live=True).values_list("bank_line_id", "match__ref"))
    prepared = {
        one.bank_line_id: bank_entry_view(one)
        for one in BankEntry.objects.filter(bank_line__in=ids)
        .exclude(state=PrepareState.DROPPED.value)
        .select_related("bank_line__account__account", "other", "entry")
    }
    return [
        BankLineView(
            ref=Ref(row.ref),
            account_ref=Ref(row.account.account.ref),
            statement_ref=Ref(row.statement.ref),
            booked_on=row.booked_on,
            value_on=row.value_on,
            amount_minor=row.amount_minor,
            reference=row.reference,
            text=row.text,
            match_ref=Ref(held[row.pk]) if row.pk in held else None,
            prepared=prepared.get(row.pk),
        )
        for row in rows
    ]


def _book_view(row: Line, amount_minor: int | None = None) -> BookLineView:
    entry = row.entry
    return BookLineView(
        key=f"{entry.ref}:{row.position}",
        entry_ref=Ref(entry.ref),
        occurred_on=row.occurred_on,
        amount_minor=row.amount_minor if amount_minor is None else amount_minor,
        memo=entry.memo,
        source_ref=Ref(entry.source),
    )


# Entries prepared from lines ----------------------------------------------------------------------------


def bank_entry(actor: Actor, entry_ref: Ref) -> BankEntryView:
    """One entry prepared from a line of a bank. Raises NotFound."""
    seen = Book.objects.visible_to(actor).values("pk")
    rows = BankEntry.objects.filter(ref=entry_ref, bank_line__account__account__book__in=seen)
    row = rows.select_related("bank_line__account__account", "other", "entry").first()
    if row is None:
        raise NotFound(ref=entry_ref)
    return bank_entry_view(row)


def bank_entries_waiting(actor: Actor, *, account_ref: Ref) -> list[BankEntryView]:
    """Entries of an account that wait for a second person."""
    account_id = _account_id(actor, account_ref)
    rows = BankEntry.objects.filter(bank_line__account=account_id, state=PrepareState.PREPARED.value)
    return [
        bank_entry_view(row)
        for row in rows.select_related("bank_line__account__account", "other", "entry").order_by("id")[:100]
    ]


def bank_entry_view(row: BankEntry) -> BankEntryView:
    line = row.bank_line
    return BankEntryView(
        ref=Ref(row.ref),
        bank_line_ref=Ref(line.ref),
        account_ref=Ref(line.account.account.ref),
        other_code=row.other.code,
        other_title=row.other.title,
        amount_minor=line.amount_minor,
        unit=line.account.account.unit,
        memo=row.memo,
        occurred_on=row.occurred_on,
        value_on=row.value_on,
        state=PrepareState(row.state),
        prepared_at=row.prepared_at,
        prepared_by=row.prepared_by,
        decided_by=row.decided_by,
        entry_ref=Ref(row.entry.ref) if row.entry else None,
    )


# Matches ------------------------------------------------------------------------------------------------


def bank_match(actor: Actor, match_ref: Ref) -> MatchView:
    """One match with its lines on both sides. Raises NotFound."""
    seen = Book.objects.visible_to(actor).values("pk")
    row = (
        BankMatch.objects.filter(ref=match_ref, account__account__book__in=seen)
        .select_related("account__account", "held_by")
        .first()
    )
    if row is None:
        raise NotFound(ref=match_ref)
    parts = list(
        row.parts.select_related("bank_line__account__account", "bank_line__statement", "line__entry").order_by("id")
    )
    return MatchView(
        ref=Ref(row.ref),
        account_ref=Ref(row.account.account.ref),
        state=MatchState(row.state),
        at=row.at,
        by=row.by,
        why=row.why,
        undone_by=row.undone_by,
        is_held=row.held_by_id is not None,
        bank=tuple(line_views([part.bank_line for part in parts if part.bank_line])),
        book=tuple(_book_view(part.line) for part in parts if part.line),
    )


def match_proposals(
    actor: Actor,
    *,
    account_ref: Ref,
    words: Mapping[Ref, Sequence[str]] | None = None,
    window: Window | None = None,
) -> list[ProposalView]:
    """Which open lines may be the same money. `words` are receipt numbers and the like, by entry; only a proposal."""
    bank = [one for one in open_bank_lines(actor, account_ref=account_ref) if one.prepared is None]
    if not bank:
        return []
    book = open_book_lines(actor, account_ref=account_ref)
    return proposals_of(bank, book, words or {}, window)


def proposals_of(
    bank: Sequence[BankLineView],
    book: Sequence[BookLineView],
    words: Mapping[Ref, Sequence[str]],
    window: Window | None = None,
) -> list[ProposalView]:
    """Proposals among lines in hand."""
    left = {str(one.ref): one for one in bank}
    right = {one.key: one for one in book}
    made = propose(
        [BankSide(key, one.booked_on, one.amount_minor, f"{one.reference} {one.text}") for key, one in left.items()],
        [
            BookSide(
                key, one.occurred_on, one.amount_minor, (one.entry_ref, one.source_ref, *words.get(one.entry_ref, ()))
            )
            for key, one in right.items()
        ],
        window,
    )
    return [
        ProposalView(
            bank=tuple(left[key] for key in one.bank),
            book=tuple(right[key] for key in one.book),
            amount_minor=one.amount_minor,
            by_reference=one.by_reference,
            is_sure=one.is_sure,
            days_apart=one.days_apart,
        )
        for one in made
    ]


# Reconciliations ----------------------------------------------------------------------------------------


def agreement(actor: Actor, *, account_ref: Ref, as_of: date) -> Agreement:
    """What a reconciliation as of a day would say now. Raises NotCovered."""
    account = Account.objects.get(pk=_account_id(actor, account_ref))
    bank = BankAccount.objects.filter(pk=account.pk).first()
    if bank is None:
        raise NotCovered(day=as_of.isoformat())
    return work_out(account, bank, as_of)


def work_out(account: Account, bank: BankAccount, as_of: date) -> Agreement:
    """Books, transit and bank on a day. In transit is, of every match, what the bank has and the books have not by
    then, and less every line of the books that is in no match; so books and transit are the bank, where the statements
    began with what the books had.
    """
    statements = BankStatement.objects.filter(account=bank)
    first = statements.order_by("opens_on", "id").first()
    last = statements.aggregate(last=Max("closes_on"))["last"]
    if first is None or not first.opens_on <= as_of <= last:
        raise NotCovered(day=as_of.isoformat())
    lines = BankLine.objects.filter(account=bank, booked_on__lte=as_of)
    bank_minor = first.opening_minor + int(lines.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])
    found = [
        (row, -row.amount_minor) for row in _open_book_rows(account.pk, first.opens_on).filter(occurred_on__lte=as_of)
    ]
    found += _across(bank, as_of)
    found.sort(key=lambda one: (one[0].occurred_on, one[0].entry_id, one[0].position))
    return Agreement(
        as_of=as_of,
        book_minor=balance(Ref(account.ref), as_of),
        transit_minor=sum(amount for _row, amount in found),
        bank_minor=bank_minor,
        items=tuple(_book_view(row, amount) for row, amount in found),
        open_bank=int(open_bank_rows([account.pk]).filter(booked_on__lte=as_of).count()),
        lines=tuple((row.pk, amount) for row, amount in found),
    )


def _across(bank: BankAccount, as_of: date) -> list[tuple[Line, int]]:
    """Lines of matches of which one side lies before the day's end and the other after it."""
    parts = BankMatchPart.objects.filter(match=OuterRef("pk"), is_live=True)
    late_bank, early_bank = parts.filter(bank_line__booked_on__gt=as_of), parts.filter(bank_line__booked_on__lte=as_of)
    late_book, early_book = parts.filter(line__occurred_on__gt=as_of), parts.filter(line__occurred_on__lte=as_of)
    crossing = BankMatch.objects.filter(account=bank, state=MatchState.LIVE.value).filter(
        Q(Exists(late_bank)) & Q(Exists(early_book)) | Q(Exists(early_bank)) & Q(Exists(late_book))
    )
    by_match: dict[int, tuple[list[BankLine], list[Line]]] = {}
    for part in (
        BankMatchPart.objects.filter(match__in=crossing, is_live=True)
        .select_related("bank_line", "line__entry")
        .order_by("id")
    ):
        left, right = by_match.setdefault(part.match_id, ([], []))
        if part.bank_line is not None:
            left.append(part.bank_line)
        elif part.line is not None:
            right.append(part.line)
    found: list[tuple[Line, int]] = []
    for left, right in by_match.values():
        at_bank = [one for one in left if one.booked_on <= as_of]
        in_books = [one for one in right if one.occurred_on <= as_of]
        if not at_bank:
            found += [(one, -one.amount_minor) for one in in_books]
        elif len(at_bank) == len(left):
            found += [(one, one.amount_minor) for one in right if one.occurred_on > as_of]
        else:
            amount = sum(one.amount_minor for one in at_bank) - sum(one.amount_minor for one in in_books)
            if amount:
                found.append((right[0], amount))
    return found


def agreement_digest(found: Agreement) -> str:
    """What two people sign must be the same: figures and every item."""
    said = [
        found.as_of.isoformat(),
        found.book_minor,
        found.transit_minor,
        found.bank_minor,
        [[one.key, one.amount_minor] for one in found.items],
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def reconciliations(actor: Actor, *, account_ref: Ref, limit: int = 50) -> list[ReconciliationView]:
    """The reconciliations of an account, the latest days first, without those that were given up."""
    account_id = _account_id(actor, account_ref)
    rows = Reconciliation.objects.filter(account=account_id).exclude(state=PrepareState.DROPPED.value)
    rows = rows.select_related("account__account", "replaces", "replaced_by").order_by("-as_of", "-id")
    return [reconciliation_view(row) for row in rows[:limit]]


def reconciliation(actor: Actor, reconciliation_ref: Ref) -> ReconciliationView:
    """One reconciliation with what is in transit: frozen where it is signed, else as it stands now. Raises NotFound."""
    seen = Book.objects.visible_to(actor).values("pk")
    rows = Reconciliation.objects.filter(ref=reconciliation_ref, account__account__book__in=seen)
    row = rows.select_related("account__account", "replaces", "replaced_by").first()
    if row is None:
        raise NotFound(ref=reconciliation_ref)
    if row.state == PrepareState.PREPARED:
        items = work_out(row.account.account, row.account, row.as_of).items
    else:
        held = ReconciliationItem.objects.filter(reconciliation=row).select_related("line__entry")
        items = tuple(_book_view(one.line, one.amount_minor) for one in held.order_by("line__occurred_on", "line_id"))
    return reconciliation_view(row, items)


def reconciliation_view(row: Reconciliation, items: tuple[BookLineView, ...] = ()) -> ReconciliationView:
    return ReconciliationView(
        ref=Ref(row.ref),
        account_ref=Ref(row.account.account.ref),
        as_of=row.as_of,
        state=PrepareState(row.state),
        book_minor=row.book_minor,
        transit_minor=row.transit_minor,
        bank_minor=row.bank_minor,
        digest=row.digest,
        replaces=Ref(row.replaces.ref) if row.replaces else None,
        replaced_by=Ref(row.replaced_by.ref) if hasattr(row, "replaced_by") else None,
        why=row.why,
        prepared_at=row.prepared_at,
        prepared_by=row.prepared_by,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
        items=items,
    )
