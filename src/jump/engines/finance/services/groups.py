"""Savings groups with one box: a cycle is opened, meetings are written down and counted, the box is shared out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.savings import BoxFact, BoxKind
from jump.core.units import Ref
from jump.engines.finance.models import BoxFactRow, BoxMeeting, GroupCycle
from jump.engines.finance.models.refusals import (
    AmountNotPositive,
    CountDiffers,
    DayImpossible,
    KeyReused,
    SamePerson,
    WrongCurrency,
    WrongState,
)
from jump.engines.finance.queries.checks import check_day
from jump.engines.finance.queries.groups import box, cycle, cycle_row, shared_out
from jump.engines.finance.services.savings import group_book
from jump.engines.finance.types.groups import CycleState, CycleView, ShareOutView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

# What each kind of fact does: the account of the money, the account on the other side, and the way of the money.
_BOX, _SOCIAL = "box", "social_cash"
_SIDES: dict[BoxKind, tuple[str, str, int]] = {
    BoxKind.SHARES: (_BOX, "share:{member}", 1),
    BoxKind.FINE: (_BOX, "earned", 1),
    BoxKind.RETURNED: (_BOX, "owed:{member}", 1),
    BoxKind.SOCIAL_PAID: (_SOCIAL, "social", 1),
    BoxKind.LENT: (_BOX, "owed:{member}", -1),
    BoxKind.SOCIAL_HELP: (_SOCIAL, "social", -1),
    BoxKind.SPENT: (_BOX, "spent", -1),
}
_ACCOUNTS: dict[str, tuple[str, str, int | None]] = {
    "box": ("Box of the group", "asset", 0),
    "social_cash": ("Box of the social fund", "asset", 0),
    "social": ("Social fund", "equity", 0),
    "earned": ("Fines and charges", "income", None),
    "spent": ("Spent by the group", "expense", 0),
    "share": ("Shares", "equity", 0),
    "owed": ("Owed to the box", "asset", 0),
}


def open_cycle(
    actor: Actor,
    *,
    group_ref: Ref,
    scope: str,
    share_value: Money,
    starts_on: date,
    ends_on: date,
    key: str,
    shares_per_meeting_max: int = 5,
    loan_multiple: Decimal | None = Decimal(3),
) -> Ref:
    """Open a cycle of a group. What the last one left in the box and the social fund begins this one."""
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = GroupCycle.objects.filter(key=key).first()
        if known is not None:
            if (known.group, known.share_value_minor) != (str(group_ref), share_value.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if share_value.amount_minor <= 0:
            raise AmountNotPositive(amount_minor=share_value.amount_minor)
        if ends_on <= starts_on:
            raise DayImpossible(on=ends_on.isoformat(), earliest=starts_on.isoformat(), latest="")
        before = GroupCycle.objects.filter(group=group_ref).order_by("-starts_on", "-id").first()
        if before is not None and before.state != CycleState.SHARED:
            raise WrongState(state=before.state)
        if before is not None and before.currency != share_value.currency:
            raise WrongCurrency(expected=before.currency, given=share_value.currency)
        row = GroupCycle.objects.create(
            group=group_ref,
            book=group_book(actor, group_ref, scope, share_value.currency),
            currency=share_value.currency,
            share_value_minor=share_value.amount_minor,
            shares_per_meeting_max=shares_per_meeting_max,
            loan_multiple=loan_multiple,
            starts_on=starts_on,
            ends_on=ends_on,
            opening_cash_minor=before.carried_minor if before else 0,
            opening_social_minor=box(before).social_minor if before else 0,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.open_cycle", row.ref, facts={"group": str(group_ref)})
    return Ref(row.ref)


def write_meeting(actor: Actor, *, cycle_ref: Ref, on: date, facts: Sequence[BoxFact], key: str) -> Ref:
    """Write down what happened at a meeting. The group's rules are checked; nothing is booked before the count."""
    with ledger.posting_transaction():
        row = lock(cycle_row(actor, cycle_ref))
        require(actor, "finance.collect", row.scope.path)
        known = BoxMeeting.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        if row.state != CycleState.RUNNING or row.meetings.filter(is_booked=False).exists():
            raise WrongState(state=row.state if row.state != CycleState.RUNNING else "waiting for a count")
        latest = min(row.ends_on, clock.today())
        if not row.starts_on <= on <= latest or any(fact.on != on for fact in facts):
            raise DayImpossible(on=on.isoformat(), earliest=row.starts_on.isoformat(), latest=latest.isoformat())
        if not facts:
            raise AmountNotPositive(amount_minor=0)
        box(row, tuple(facts))
        meeting = BoxMeeting.objects.create(cycle=row, on=on, entered_by=actor.key, key=key)
        BoxFactRow.objects.bulk_create(
            BoxFactRow(
                meeting=meeting,
                kind=fact.kind.value,
                member=fact.member,
                amount_minor=fact.amount_minor,
                shares=fact.shares,
                charge_minor=fact.charge_minor,
            )
            for fact in facts
        )
        record(actor, "finance.write_meeting", meeting.ref, facts={"cycle": row.ref, "facts": len(facts)})
    return Ref(meeting.ref)


def count_meeting(actor: Actor, *, meeting_ref: Ref, counted: Money) -> CycleView:
    """Book a meeting: a second person counted box and social fund together, and it is what there should be."""
    with ledger.posting_transaction():
        row, meeting = _locked_meeting(actor, meeting_ref)
        _require_second(actor, row)
        if meeting.is_booked:
            return cycle(actor, Ref(row.ref))
        if meeting.entered_by == actor.key:
            raise SamePerson(doing="count", did="write", meeting=meeting.ref)
        if counted.currency != row.currency:
            raise WrongCurrency(expected=row.currency, given=counted.currency)
        facts = tuple(_fact(one, meeting.on) for one in meeting.facts.order_by("id"))
        after = box(row, facts)
        there = after.cash_minor + after.social_minor
        if counted.amount_minor != there:
            raise CountDiffers(
                counted_minor=counted.amount_minor,
                written_minor=there,
                difference_minor=counted.amount_minor - there,
                currency=row.currency,
            )
        meeting.entry = _book(actor, row, meeting, facts)
        meeting.is_booked, meeting.counted_by, meeting.counted_minor = True, actor.key, counted.amount_minor
        meeting.save()
        record(actor, "finance.count_meeting", meeting.ref, facts={"cycle": row.ref})
        return cycle(actor, Ref(row.ref))


def drop_meeting(actor: Actor, *, meeting_ref: Ref, why: str) -> None:
    """Give up what was written down of a meeting and not counted."""
    with ledger.posting_transaction():
        row, meeting = _locked_meeting(actor, meeting_ref)
        require(actor, "finance.collect", row.scope.path)
        if meeting.is_booked:
            raise WrongState(state="booked")
        record(actor, "finance.drop_meeting", meeting.ref, why=why, facts={"facts": meeting.facts.count()})
        meeting.facts.all().delete()
        meeting.delete()


def propose_share_out(actor: Actor, *, cycle_ref: Ref) -> ShareOutView:
    """Propose to share out the box. Nothing is paid before a second person agrees; no meeting is written meanwhile."""
    with ledger.posting_transaction():
        row = lock(cycle_row(actor, cycle_ref))
        require(actor, "finance.prepare", row.scope.path)
        if row.state == CycleState.SHARED or row.meetings.filter(is_booked=False).exists():
            raise WrongState(state=row.state)
        found = shared_out(row)
        row.state, row.proposed_by = CycleState.PROPOSED.value, actor.key
        row.save(update_fields=["state", "proposed_by"])
        record(actor, "finance.propose_share_out", row.ref, facts={"pool_minor": found.pool.amount_minor})
    return found


def pay_share_out(actor: Actor, *, cycle_ref: Ref, on: date) -> CycleView:
    """Share out the box to the cent: debts set off, the rest paid, what does not divide begins the next cycle."""
    with ledger.posting_transaction():
        row = lock(cycle_row(actor, cycle_ref))
        _require_second(actor, row)
        if row.state == CycleState.SHARED:
            return cycle(actor, cycle_ref)
        if row.state != CycleState.PROPOSED:
            raise WrongState(state=row.state)
        if row.proposed_by == actor.key:
            raise SamePerson(doing="pay", did="propose", cycle=row.ref)
        check_day(on, earliest=row.starts_on)
        found = shared_out(row)
        row.entry = _book_share_out(actor, row, found, on)
        row.state, row.approved_by, row.shared_on = CycleState.SHARED.value, actor.key, on
        row.carried_minor = found.carried.amount_minor
        row.save()
        record(actor, "finance.pay_share_out", row.ref, facts={"paid_minor": found.paid.amount_minor})
        return cycle(actor, cycle_ref)


# --- inside -------------------------------------------------------------------------------------------------


def _require_second(actor: Actor, row: GroupCycle) -> None:
    if not can(actor, "finance.approve", row.scope.path):
        require(actor, "finance.collect", row.scope.path)


def _fact(one: BoxFactRow, on: date) -> BoxFact:
    return BoxFact(on, BoxKind(one.kind), one.member, one.amount_minor, one.shares, one.charge_minor)


def _account(actor: Actor, row: GroupCycle, code: str) -> Ref:
    title, kind, floor = _ACCOUNTS[code.partition(":")[0]]
    return ledger.open_account(
        actor, book_ref=Ref(row.book), code=code, title=title, kind=kind, unit=row.currency, floor_minor=floor
    )


def _book(actor: Actor, row: GroupCycle, meeting: BoxMeeting, facts: Sequence[BoxFact]) -> Ref:
    """One entry for a meeting: what moved in the boxes, against shares, debts, fines and the social fund."""
    moves: dict[str, int] = defaultdict(int)
    for fact in facts:
        money, other, way = _SIDES[fact.kind]
        amount = fact.shares * row.share_value_minor if fact.kind is BoxKind.SHARES else fact.amount_minor
        moves[money] += way * amount
        moves[other.format(member=fact.member)] -= way * amount
        moves[money] += fact.charge_minor
        moves["earned"] -= fact.charge_minor
    return _post(actor, row, moves, f"Meeting {meeting.ref}", meeting.on, Ref(meeting.ref))


def _book_share_out(actor: Actor, row: GroupCycle, found: ShareOutView, on: date) -> Ref:
    """Shares and what was earned go to the members; what is carried stays as earned in the box."""
    held = ledger.balances(Ref(row.book))
    moves: dict[str, int] = defaultdict(int)
    for line in found.lines:
        share = f"share:{line.member}"
        moves[share] -= held.get(share, 0)
        moves[f"owed:{line.member}"] -= line.set_off_minor
        moves[_BOX] -= line.paid_minor
    moves["spent"] -= held.get("spent", 0)
    moves["earned"] -= held.get("earned", 0) + found.carried.amount_minor
    return _post(actor, row, moves, f"Share-out {row.ref}", on, Ref(row.ref))


def _post(actor: Actor, row: GroupCycle, moves: dict[str, int], memo: str, on: date, source: Ref) -> Ref:
    place = {"place": row.scope.path}
    lines = [Line(_account(actor, row, code), amount, place) for code, amount in sorted(moves.items()) if amount]
    if not lines:
        return Ref("")
    entry = ledger.post(
        actor, book_ref=Ref(row.book), memo=memo, occurred_on=on, lines=lines, source_ref=source, key=f"box:{source}"
    )
    return entry.ref


def _locked_meeting(actor: Actor, ref: Ref) -> tuple[GroupCycle, BoxMeeting]:
    found = BoxMeeting.objects.filter(ref=ref).values_list("cycle__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = lock(cycle_row(actor, Ref(found)))
    return row, row.meetings.get(ref=ref)
