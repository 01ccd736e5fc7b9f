"""Confirming that lines of the bank and of the books are the same money, and taking that back. It posts nothing."""

from __future__ import annotations

from collections.abc import Sequence

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import locked, write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Line
from jump.engines.ledger.models.bank_refusals import LineTaken, LineUnknown, MatchHeld, MatchUneven
from jump.engines.ledger.models.banking import BankAccount, BankLine, BankMatch, BankMatchPart, Reconciliation
from jump.engines.ledger.services.banking.accounts import RECONCILE, locked_bank, seen_account
from jump.engines.ledger.types.banking import MatchState, PrepareState

PARTS_MAX = 200


def confirm_match(actor: Actor, *, account_ref: Ref, bank_lines: Sequence[Ref], book_lines: Sequence[str]) -> Ref:
    """These lines of the bank and these of the books (`entry:position`) are the same money. No balance moves.

    Raises LineTaken where one of them is matched already, MatchUneven where the sums differ, LineUnknown.
    """
    return confirm_matches(actor, account_ref=account_ref, pairs=[(bank_lines, book_lines)])[0]


def confirm_matches(
    actor: Actor, *, account_ref: Ref, pairs: Sequence[tuple[Sequence[Ref], Sequence[str]]]
) -> tuple[Ref, ...]:
    """Several matches of one account, all or none."""
    account = seen_account(actor, account_ref)
    require(actor, RECONCILE, account.book.scope.path)
    with write_transaction():
        bank = locked_bank(actor, account)
        return tuple(
            match_lines(actor, bank, account, _bank_lines(bank, left), _book_lines(account, right))
            for left, right in pairs
        )


def match_lines(
    actor: Actor, bank: BankAccount, account: Account, left: Sequence[BankLine], right: Sequence[Line]
) -> Ref:
    """One match, inside the lock of its account."""
    if not left or not right or len(left) + len(right) > PARTS_MAX:
        raise BadInput({"lines": ["Choose lines on both sides."]})
    taken = BankMatchPart.objects.filter(is_live=True).select_related("match")
    for part in taken.filter(bank_line__in=left).select_related("match", "bank_line")[:1]:
        assert part.bank_line is not None
        raise LineTaken(line=part.bank_line.ref, match=part.match.ref)
    for part in taken.filter(line__in=right).select_related("match", "line__entry")[:1]:
        assert part.line is not None
        raise LineTaken(line=f"{part.line.entry.ref}:{part.line.position}", match=part.match.ref)
    sums = (sum(one.amount_minor for one in left), sum(one.amount_minor for one in right))
    if sums[0] != sums[1]:
        raise MatchUneven(bank_minor=sums[0], book_minor=sums[1], currency=account.unit)
    row = BankMatch.objects.create(account=bank, at=clock.now(), by=actor.key)
    BankMatchPart.objects.bulk_create(
        [BankMatchPart(match=row, bank_line=one) for one in left]
        + [BankMatchPart(match=row, line=one) for one in right]
    )
    record(actor, "ledger.lines_matched", Ref(row.ref), facts={"bank": len(left), "book": len(right)})
    return Ref(row.ref)


def undo_match(actor: Actor, *, match_ref: Ref, why: str) -> None:
    """Take a match back: its lines are open again. Refused while a signed reconciliation rests on it (MatchHeld)."""
    row = BankMatch.objects.select_related("account__account").filter(ref=match_ref).first()
    if row is None:
        raise NotFound(ref=match_ref)
    account = seen_account(actor, Ref(row.account.account.ref))
    require(actor, RECONCILE, account.book.scope.path)
    with write_transaction():
        locked_bank(actor, account)
        row = locked(BankMatch.objects.filter(pk=row.pk)).get()
        if row.state == MatchState.UNDONE:
            return
        if row.held_by_id is not None and not _is_being_replaced(row.held_by_id):
            held = Reconciliation.objects.values_list("ref", flat=True).get(pk=row.held_by_id)
            raise MatchHeld(reconciliation=held)
        BankMatch.objects.filter(pk=row.pk).update(
            state=MatchState.UNDONE.value, undone_at=clock.now(), undone_by=actor.key, why=why[:600]
        )
        BankMatchPart.objects.filter(match=row).update(is_live=False)
        record(actor, "ledger.match_undone", match_ref, why=why)


def _is_being_replaced(reconciliation_id: int) -> bool:
    return Reconciliation.objects.filter(replaces_id=reconciliation_id, state=PrepareState.PREPARED.value).exists()


def _bank_lines(bank: BankAccount, refs: Sequence[Ref]) -> list[BankLine]:
    found = {row.ref: row for row in BankLine.objects.filter(account=bank, ref__in=[str(ref) for ref in refs])}
    for ref in refs:
        if str(ref) not in found:
            raise LineUnknown(line=ref)
    return list(found.values())


def _book_lines(account: Account, keys: Sequence[str]) -> list[Line]:
    """Lines by their keys, `entry:position`, on this account."""
    wanted = {key: _split(key) for key in keys}
    rows = Line.objects.filter(account=account, entry__ref__in={entry for entry, _position in wanted.values()})
    found = {(row.entry.ref, row.position): row for row in rows.select_related("entry")}
    for key, at in wanted.items():
        if at not in found:
            raise LineUnknown(line=key)
    return [found[at] for at in dict.fromkeys(wanted.values())]


def _split(key: str) -> tuple[str, int]:
    entry, _, position = key.rpartition(":")
    if not position.isdigit():
        raise LineUnknown(line=key)
    return entry, int(position)
