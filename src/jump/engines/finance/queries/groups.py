"""Savings groups with one box as they stand, and what a share-out would give."""

from __future__ import annotations

from django.db.models import Count

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.savings import Box, BoxFact, BoxKind, GroupRules, Leftover, SavingsRefused, box_of, share_out
from jump.core.units import Ref
from jump.engines.finance.models import BoxFactRow, GroupCycle
from jump.engines.finance.models.refusals import BoxRefused, DebtsOpen
from jump.engines.finance.types.groups import BoxMeetingView, CycleState, CycleView, ShareOutView


def cycle_row(actor: Actor, ref: Ref) -> GroupCycle:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: GroupCycle | None = GroupCycle.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def cycle(actor: Actor, ref: Ref) -> CycleView:
    """One cycle with its box, counted from its facts; they are what the ledger holds."""
    row = cycle_row(actor, ref)
    return _view(row, box(row))


def cycles(actor: Actor, *, group_ref: Ref | None = None, scope: str = "") -> list[Ref]:
    """The cycles of a group or of a place, the latest first."""
    rows = GroupCycle.objects.visible_to(actor).under(scope)
    if group_ref is not None:
        rows = rows.filter(group=group_ref)
    return [Ref(ref) for ref in rows.order_by("-starts_on", "-id").values_list("ref", flat=True)]


def preview_share_out(actor: Actor, *, cycle_ref: Ref) -> ShareOutView:
    """What everybody would get if the box was shared out now. Saves nothing."""
    return shared_out(cycle_row(actor, cycle_ref))


# --- for the services of this engine ------------------------------------------------------------------------


def rules_of_cycle(row: GroupCycle) -> GroupRules:
    return GroupRules(row.share_value_minor, row.shares_per_meeting_max, row.loan_multiple)


def box(row: GroupCycle, more: tuple[BoxFact, ...] = ()) -> Box:
    """The box after every booked fact and these. Refused with the rule that would be broken."""
    facts = [
        BoxFact(row.starts_on, BoxKind.FINE, amount_minor=row.opening_cash_minor),
        BoxFact(row.starts_on, BoxKind.SOCIAL_PAID, amount_minor=row.opening_social_minor),
    ]
    rows = BoxFactRow.objects.filter(meeting__cycle=row, meeting__is_booked=True).select_related("meeting")
    facts += [
        BoxFact(one.meeting.on, BoxKind(one.kind), one.member, one.amount_minor, one.shares, one.charge_minor)
        for one in rows
    ]
    try:
        return box_of([*facts, *more], rules=rules_of_cycle(row))
    except SavingsRefused as refused:
        raise BoxRefused(why=str(refused), rule=refused.code, cycle=row.ref, currency=row.currency) from refused


def shared_out(row: GroupCycle) -> ShareOutView:
    """The share-out of everything the shareholders own (finance rules, 1). The social fund stays with the group.

    A member whose debt is larger than her part has to bring the rest first: what nobody has cannot be shared.
    """
    held = box(row)
    try:
        done = share_out(
            pool_minor=held.worth_minor, shares=held.shares, owed_minor=held.owed_minor, leftover=Leftover.NEXT_CYCLE
        )
    except SavingsRefused as refused:
        raise BoxRefused(why=str(refused), rule=refused.code, cycle=row.ref, currency=row.currency) from refused
    still = {line.member: line.still_owed_minor for line in done.lines if line.still_owed_minor}
    if still:
        raise DebtsOpen(members=", ".join(sorted(still)), owed_minor=sum(still.values()), currency=row.currency)

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return ShareOutView(
        cycle_ref=Ref(row.ref),
        currency=row.currency,
        lines=done.lines,
        pool=money(done.pool_minor),
        paid=money(done.paid_minor),
        set_off=money(done.set_off_minor),
        carried=money(done.carried_minor),
    )


def _view(row: GroupCycle, held: Box) -> CycleView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    is_over = row.state == CycleState.SHARED
    meetings = row.meetings.annotate(facts_count=Count("facts")).order_by("on", "id")
    return CycleView(
        ref=Ref(row.ref),
        group_ref=Ref(row.group),
        scope=row.scope.path,
        book_ref=Ref(row.book),
        state=CycleState(row.state),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        share_value=money(row.share_value_minor),
        shares_per_meeting_max=row.shares_per_meeting_max,
        loan_multiple=row.loan_multiple,
        cash=money(row.carried_minor if is_over else held.cash_minor),
        social=money(held.social_minor),
        worth=money(row.carried_minor if is_over else held.worth_minor),
        shares=held.shares,
        owed={} if is_over else {member: money(debt) for member, debt in held.owed_minor.items()},
        meetings=tuple(
            BoxMeetingView(Ref(one.ref), one.on, one.is_booked, one.entered_by, one.counted_by, one.facts_count)
            for one in meetings
        ),
    )
