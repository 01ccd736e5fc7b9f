"""A step of ownership: worked out, prepared by one person, approved by another, booked once.

Every kind of step is one function that works out what follows from what was asked (`Worked`), and one that keeps what
the ledger does not hold. What is shown before saving, what is prepared and what is booked is the work of the same
function; at approval it works on locked rows and has to come to the same figures as at preparing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput
from jump.core.bounds import Refused
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import OwnershipStep
from jump.engines.finance.models.ownership_refusals import FiguresChanged, StepImpossible, StepNotOpen
from jump.engines.finance.models.refusals import BeforeLastMovement, KeyReused, SamePerson
from jump.engines.finance.queries.checks import check_day
from jump.engines.finance.queries.ownership.steps import step_row, step_view, subject_row
from jump.engines.finance.types.ownership import StepKind, StepPreview, StepState, StepView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the entry, on an account that is opened when it is first needed. Debit is positive."""

    code: str
    title: str
    kind: str
    unit: str
    amount: int
    floor: int | None = 0


@dataclass(frozen=True, slots=True)
class Worked:
    """What follows from a step: lines to book and figures to show, in whole numbers and text."""

    moves: tuple[Move, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    amount_minor: int = 0
    shares: int = 0
    party: str = ""
    about: str = ""
    year: int | None = None
    # The entry that this step undoes by its mirror image; it then has no lines of its own.
    reverses: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, with the row it is about; `own` is the step itself once it is prepared."""

    subject: Any
    given: Mapping[str, Any]
    on: date
    own: OwnershipStep | None = None

    def waiting(self, kind: StepKind, **columns: Any) -> list[OwnershipStep]:
        """Other steps of this kind that wait."""
        rows = OwnershipStep.objects.filter(
            subject=self.subject.ref, kind=kind, state=StepState.PREPARED, **columns
        ).order_by("id")
        return [one for one in rows if self.own is None or one.pk != self.own.pk]


Work = Callable[[Asked], Worked]
After = Callable[[Actor, Asked, OwnershipStep], None]
# What a step had kept beside the ledger is taken out again: (subject, the step, the step that takes it back).
Undo = Callable[[Any, OwnershipStep, OwnershipStep], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of step is worked out, what it has to be told, what is kept beside the ledger, and how that goes."""

    work: Work
    asks: str
    after: After | None = None
    undo: Undo | None = None


RULES: dict[StepKind, Rule] = {}


def preview_step(actor: Actor, *, subject_ref: Ref, kind: StepKind, asked: Mapping[str, Any], on: date) -> StepPreview:
    """What a step would do. Saves nothing, refuses as the preparing would."""
    subject = subject_row(actor, subject_ref)
    require(actor, "finance.prepare", subject.scope.path)
    found = _worked(Asked(subject, _plain(asked), on), kind)
    return StepPreview(kind, on, Money(found.amount_minor, subject.currency), found.shares, _plain(found.figures))


def prepare_step(
    actor: Actor, *, subject_ref: Ref, kind: StepKind, asked: Mapping[str, Any], on: date, key: str
) -> Ref:
    """Prepare a step. Nothing moves before a second person approves it. The same key prepares once."""
    with ledger.posting_transaction():
        subject = lock(subject_row(actor, subject_ref))
        require(actor, "finance.prepare", subject.scope.path)
        given = _plain(asked)
        known = OwnershipStep.objects.filter(key=key).first()
        if known is not None:
            if (known.subject, known.kind, known.on, known.asked) != (subject.ref, kind.value, on, given):
                raise KeyReused(key=key)
            return Ref(known.ref)
        found = _worked(Asked(subject, given, on), kind)
        row = OwnershipStep.objects.create(
            subject=subject.ref,
            kind=kind.value,
            on=on,
            year=found.year,
            about=found.about,
            party=found.party,
            currency=subject.currency,
            amount_minor=found.amount_minor,
            shares=found.shares,
            asked=given,
            figures=_plain(found.figures),
            prepared_by=actor.key,
            scope_id=subject.scope_id,
            key=key,
        )
        record(actor, f"finance.prepare_{kind.value}", row.ref, facts={"subject": subject.ref})
    return Ref(row.ref)


def approve_step(actor: Actor, *, step_ref: Ref) -> StepView:
    """Book a prepared step. Asking twice books once; who prepared it does not approve it."""
    with ledger.posting_transaction():
        subject, row = _locked(actor, step_ref)
        if not can(actor, "finance.approve", subject.scope.path):
            require(actor, "finance.release", subject.scope.path)
        if row.state == StepState.BOOKED:
            return step_view(row)
        if row.state != StepState.PREPARED:
            raise StepNotOpen(state=row.state)
        if row.prepared_by == actor.key:
            raise SamePerson(doing="approve", did="prepare", step=row.ref)
        asked = Asked(subject, row.asked, row.on, row)
        found = _worked(asked, StepKind(row.kind))
        if _plain(found.figures) != row.figures or found.amount_minor != row.amount_minor:
            raise FiguresChanged(step=row.ref)
        row.entry = _book(actor, asked, row, found)
        row.state, row.approved_by, row.turn = StepState.BOOKED.value, actor.key, _next_turn(row)
        row.save()
        rule = RULES[StepKind(row.kind)]
        if rule.after is not None:
            rule.after(actor, asked, row)
        record(actor, f"finance.approve_{row.kind}", row.ref, facts={"subject": subject.ref, "entry": row.entry})
        return step_view(row)


def drop_step(actor: Actor, *, step_ref: Ref, why: str) -> None:
    """Give up a prepared step. Dropping twice does nothing."""
    with ledger.posting_transaction():
        subject, row = _locked(actor, step_ref)
        require(actor, "finance.prepare", subject.scope.path)
        if row.state == StepState.DROPPED:
            return
        if row.state != StepState.PREPARED:
            raise StepNotOpen(state=row.state)
        row.state, row.why = StepState.DROPPED.value, why[:300]
        row.save(update_fields=["state", "why"])
        record(actor, "finance.drop_step", row.ref, why=why)


def last_year(subject_ref: str, kind: StepKind) -> int | None:
    """The last year of this kind that stands booked."""
    rows = OwnershipStep.objects.filter(subject=subject_ref, kind=kind, state=StepState.BOOKED)
    found: int | None = rows.aggregate(Max("year"))["year__max"]
    return found


@contextmanager
def rules_said() -> Iterator[None]:
    """What `core.ownership` refuses becomes a refusal with its words."""
    try:
        yield
    except Refused as wrong:
        raise StepImpossible(why=str(wrong), rule=wrong.code, **_facts(wrong)) from wrong


# --- inside -----------------------------------------------------------------------------------------------------------


def _locked(actor: Actor, step_ref: Ref) -> tuple[Any, OwnershipStep]:
    subject = lock(subject_row(actor, Ref(step_row(actor, step_ref).subject)))
    return subject, step_row(actor, step_ref)


def _worked(asked: Asked, kind: StepKind) -> Worked:
    rule = RULES[kind]
    lacking = [name for name in rule.asks.split() if asked.given.get(name) is None]
    if lacking:
        raise BadInput({name: [_("This is needed")] for name in lacking})
    _check_day(asked)
    with rules_said():
        found = rule.work(asked)
    if found.year is not None:
        _check_year_free(asked, kind, found.year)
    return found


def _facts(wrong: Refused) -> dict[str, Any]:
    facts: dict[str, Any] = getattr(wrong, "facts", {})
    return {name: str(value) for name, value in facts.items() if name not in ("why", "rule")}


def _check_day(asked: Asked) -> None:
    """Not in the future, not before the beginning, not before what is booked: holdings of past days stay as told."""
    check_day(asked.on, earliest=asked.subject.opened_on)
    booked = OwnershipStep.objects.filter(subject=asked.subject.ref, state=StepState.BOOKED)
    last = booked.order_by("-on").values_list("on", flat=True).first()
    if last is not None and asked.on < last:
        raise BeforeLastMovement(last_on=last.isoformat(), on=asked.on.isoformat())


def _check_year_free(asked: Asked, kind: StepKind, year: int) -> None:
    rows = OwnershipStep.objects.filter(subject=asked.subject.ref, kind=kind, year=year).exclude(
        state__in=[StepState.DROPPED, StepState.REVERSED]
    )
    other = rows.exclude(pk=asked.own.pk).first() if asked.own else rows.first()
    if other is not None:
        raise StepNotOpen(state=other.state, step=other.ref)


def _book(actor: Actor, asked: Asked, row: OwnershipStep, found: Worked) -> Ref | str:
    """One entry of all lines, each account opened when it is first needed. A step that moves nothing has none."""
    key = f"step:{row.ref}"
    if found.reverses:
        # A memo stays for ever: the reason, which may hold a name, stands on the step.
        why = f"step {row.ref} of {asked.subject.ref}"
        return ledger.reverse(actor, entry_ref=Ref(found.reverses), why=why, on=row.on, key=key).ref
    moves = [move for move in found.moves if move.amount]
    if not moves:
        return ""
    book = Ref(asked.subject.book)
    opened: dict[str, Ref] = {}
    for move in moves:
        if move.code not in opened:
            opened[move.code] = ledger.open_account(
                actor,
                book_ref=book,
                code=move.code,
                title=move.title,
                kind=move.kind,
                unit=move.unit,
                floor_minor=move.floor,
            )
    place = {"place": asked.subject.scope.path}
    entry = ledger.post(
        actor,
        book_ref=book,
        memo=f"{row.kind.replace('_', ' ').capitalize()} {row.ref} of {asked.subject.ref}",
        occurred_on=row.on,
        lines=[Line(opened[move.code], move.amount, place) for move in moves],
        source_ref=Ref(row.ref),
        key=key,
    )
    return entry.ref


def _next_turn(row: OwnershipStep) -> int:
    last = OwnershipStep.objects.filter(subject=row.subject).aggregate(Max("turn"))["turn__max"]
    return int(last or 0) + 1


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the database gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(dict(values)))
    return found
