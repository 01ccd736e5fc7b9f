"""Collection sheets of a group's meeting, and what was collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Collection, CollectionLine, Contract, GrantException, SavingsAccount
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.loans import loan_files
from jump.engines.finance.queries.savings import balances_of
from jump.engines.finance.types import ContractKind, ContractState
from jump.engines.finance.types.meetings import (
    CollectionLineView,
    CollectionState,
    CollectionView,
    GrantExceptionView,
    LenderRefusal,
    SheetRow,
)
from jump.engines.finance.types.savings import SavingsState


def collection_row(actor: Actor, ref: Ref) -> Collection:
    row: Collection | None = Collection.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def collection_sheet(actor: Actor, *, group_ref: Ref, member_refs: Sequence[Ref] = (), on: date) -> list[SheetRow]:
    """Every loan and every savings account of a group and its members, with what is due on the day of the meeting.

    A fixed number of statements, whatever the number of members. The group itself stands first.
    """
    parties = list(dict.fromkeys([group_ref, *member_refs]))
    rows = [*_loans(actor, parties, on), *_savings(actor, group_ref, parties)]
    place = {ref: number for number, ref in enumerate(parties)}
    return sorted(rows, key=lambda row: (place.get(row.party_ref, len(place)), row.party_ref, not row.is_loan))


def _loans(actor: Actor, parties: Sequence[Ref], on: date) -> list[SheetRow]:
    chosen = list(
        Contract.objects.visible_to(actor)
        .filter(kind=ContractKind.LOAN, state=ContractState.RUNNING, party__in=parties)
        .order_by("opened_on", "id")
    )
    files = loan_files(chosen)
    found = []
    for row in chosen:
        file = files.get(row.pk)
        if file is None:
            continue
        state = file.state(on)
        due = state.due_minor or (state.next_due_minor if state.next_due_on == on else 0)
        found.append(
            SheetRow(
                party_ref=Ref(row.party),
                target_ref=Ref(row.ref),
                title=title_of(row.product_title),
                is_loan=True,
                due=Money(due, row.currency),
                most=Money(state.owed_minor, row.currency),
                stands=Money(state.owed_minor, row.currency),
            )
        )
    return found


def _savings(actor: Actor, group_ref: Ref, parties: Sequence[Ref]) -> list[SheetRow]:
    chosen = list(
        SavingsAccount.objects.visible_to(actor)
        .filter(Q(group=group_ref) | Q(owner__in=parties), state=SavingsState.OPEN)
        .order_by("opened_on", "id")
    )
    held = balances_of(chosen)
    return [
        SheetRow(
            party_ref=Ref(row.owner),
            target_ref=Ref(row.ref),
            title=title_of(row.product_title),
            is_loan=False,
            due=Money(int(row.terms.get("per_meeting_minor", 0)), row.currency),
            most=None,
            stands=Money(held[row.pk], row.currency),
        )
        for row in chosen
    ]


def collection(actor: Actor, ref: Ref) -> CollectionView:
    return _views([collection_row(actor, ref)])[0]


def collections(
    actor: Actor, *, scope: str = "", group_ref: Ref | None = None, state: str = "", limit: int = 20
) -> list[CollectionView]:
    """Collections, the latest first. Two statements."""
    rows = Collection.objects.visible_to(actor).under(scope)
    wanted: dict[str, Any] = {"group": group_ref, "state": state}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return _views(list(rows.select_related("scope").order_by("-on", "-id")[:limit]))


def _views(rows: list[Collection]) -> list[CollectionView]:
    lines: dict[int, list[CollectionLine]] = defaultdict(list)
    for one in CollectionLine.objects.filter(collection__in=rows).order_by("number"):
        lines[one.collection_id].append(one)
    return [_view(row, lines[row.pk]) for row in rows]


def _view(row: Collection, lines: list[CollectionLine]) -> CollectionView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return CollectionView(
        ref=Ref(row.ref),
        group_ref=Ref(row.group),
        scope=row.scope.path,
        on=row.on,
        state=CollectionState(row.state),
        total=money(sum(one.amount_minor for one in lines)),
        counted=None if row.counted_minor is None else money(row.counted_minor),
        entered_by=row.entered_by,
        counted_by=row.counted_by,
        counted_on=row.counted_on,
        lines=tuple(
            CollectionLineView(
                one.number,
                Ref(one.party),
                Ref(one.target),
                money(one.amount_minor),
                Ref(one.made) if one.made else None,
            )
            for one in lines
        ),
    )


# --- grants where no lender lends ------------------------------------------------------------------------------


def grant_exceptions(actor: Actor, *, party_ref: Ref) -> list[GrantExceptionView]:
    """Why start-up grants may be given to a party, the latest first."""
    rows = GrantException.objects.visible_to(actor).filter(party=party_ref).select_related("scope")
    return [exception_view(row) for row in rows.order_by("-on", "-id")]


def exception_view(row: GrantException) -> GrantExceptionView:
    return GrantExceptionView(
        ref=Ref(row.ref),
        party_ref=Ref(row.party),
        scope=row.scope.path,
        refusals=tuple(
            LenderRefusal(one["lender"], date.fromisoformat(one["on"]), Ref(one["proof"])) for one in row.lenders
        ),
        no_lender_at_all=row.no_lender_at_all,
        why=row.why,
        proof_ref=Ref(row.proof) if row.proof else None,
        on=row.on,
        by=row.by,
    )
