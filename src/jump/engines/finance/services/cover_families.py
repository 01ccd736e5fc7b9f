"""Families: enrolled with their dependants and cards, contributions booked once they are counted, left or ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput, NotFound
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import CoverContribution, CoverFamily, CoverPerson, CoverScheme
from jump.engines.finance.models.cover_refusals import (
    AlreadyInsured,
    CardUsed,
    FamilyEnded,
    FamilyFull,
    MoreThanDue,
    PersonNotInFamily,
)
from jump.engines.finance.models.refusals import (
    DayImpossible,
    DecisionMissing,
    KeyReused,
    ReceiptUsed,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.cover import scheme_row, version_on
from jump.engines.finance.queries.cover_families import family_row, file_of
from jump.engines.finance.services.cover import coded, post
from jump.engines.finance.types.cover import ContributionView, Relation
from jump.engines.ledger import api as ledger

_AHEAD_MONTHS = 12


@dataclass(frozen=True, slots=True)
class NewInsured:
    """Somebody to be insured with a family: who, how related, with which card."""

    person_ref: Ref
    relation: str
    card: str


def enrol_family(
    actor: Actor, *, scheme_ref: Ref, head: NewInsured, dependants: Sequence[NewInsured] = (), on: date, key: str
) -> Ref:
    """Enrol a family with its dependants and cards. Cover begins by the rules of the package, not by being enrolled."""
    with ledger.posting_transaction():
        row = lock(scheme_row(actor, scheme_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = CoverFamily.objects.filter(key=key).first()
        if known is not None:
            if (known.scheme_id, known.head) != (row.pk, str(head.person_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        version = version_on(row, on)
        check_day(on, earliest=row.opened_on)
        assert version is not None
        everyone = [NewInsured(head.person_ref, Relation.HEAD, head.card), *dependants]
        _check_new(row, everyone, on)
        made = CoverFamily.objects.create(
            scheme=row, head=head.person_ref, joined_on=on, by=actor.key, scope_id=row.scope_id, key=key
        )
        named = {f"{key}:{number}": one for number, one in enumerate(everyone)}
        _insure(row, made, named, on, version.terms.get("persons_max"))
        record(actor, "finance.enrol_family", made.ref, facts={"scheme": row.ref, "persons": len(everyone)})
    return Ref(made.ref)


def add_insured(actor: Actor, *, family_ref: Ref, insured: NewInsured, on: date, key: str) -> Ref:
    """Insure one more person with a family. Waiting periods count from that day for this person."""
    with ledger.posting_transaction():
        made = lock(family_row(actor, family_ref))
        row = lock(made.scheme)
        require(actor, "finance.prepare", made.scope.path)
        known = CoverPerson.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        _check_running(made, on)
        version = version_on(row, on)
        assert version is not None
        _check_new(row, [insured], on)
        person = _insure(row, made, {key: insured}, on, version.terms.get("persons_max"))[0]
        record(actor, "finance.add_insured", person.ref, facts={"family": made.ref})
    return Ref(person.ref)


def insured_leaves(actor: Actor, *, family_ref: Ref, person_ref: Ref, on: date) -> None:
    """Somebody leaves the family's cover; that day is the last one. Claims for days before stay possible."""
    with ledger.posting_transaction():
        made = lock(family_row(actor, family_ref))
        require(actor, "finance.prepare", made.scope.path)
        person = made.persons.filter(person=person_ref, left_on__isnull=True).first()
        if person is None:
            raise PersonNotInFamily(person=person_ref, family=made.ref)
        if person.person == made.head:
            raise WrongState(state="the head of the family: end the cover of the family instead")
        check_day(on, earliest=person.joined_on)
        person.left_on = on
        person.save(update_fields=["left_on"])
        record(actor, "finance.insured_leaves", person.ref)


def end_family(actor: Actor, *, family_ref: Ref, on: date, why: str) -> None:
    """The family leaves the scheme; that day is its last. What it owes or paid ahead stays as it is in the books."""
    with ledger.posting_transaction():
        made = lock(family_row(actor, family_ref))
        require(actor, "finance.prepare", made.scope.path)
        if made.ended_on is not None:
            return
        if not why:
            raise DecisionMissing()
        check_day(on, earliest=made.joined_on)
        later = made.persons.filter(joined_on__gt=on).order_by("-joined_on").first()
        if later is not None:
            raise DayImpossible(on=on.isoformat(), earliest=later.joined_on.isoformat(), latest="")
        made.ended_on, made.why_ended = on, why[:300]
        made.save(update_fields=["ended_on", "why_ended"])
        made.persons.filter(left_on__isnull=True).update(left_on=on)
        record(actor, "finance.end_family", made.ref, why=why)


def _check_running(made: CoverFamily, on: date) -> None:
    if made.ended_on is not None:
        raise FamilyEnded(ended_on=made.ended_on.isoformat(), family=made.ref)
    check_day(on, earliest=made.joined_on)


def _check_new(row: CoverScheme, people: Sequence[NewInsured], on: date) -> None:
    """Nobody is insured twice, no card is given twice: neither with those who are insured, nor among the new ones."""
    refs, cards = [one.person_ref for one in people], [one.card for one in people]
    held = row.persons.filter(person__in=refs).filter(Q(left_on__isnull=True) | Q(left_on__gte=on))
    before = held.select_related("family").first()
    if before is not None:
        raise AlreadyInsured(person=before.person, family=before.family.ref)
    twice = next((one for at, one in enumerate(refs) if one in refs[:at]), None)
    if twice is not None:
        raise BadInput({"person": [_("%(person)s stands twice on this form.") % {"person": twice}]})
    given = row.persons.filter(card__in=cards, left_on__isnull=True).first()
    if given is not None:
        raise CardUsed(card=given.card, person=given.person)
    again = next((at for at, one in enumerate(cards) if one in cards[:at]), None)
    if again is not None:
        raise CardUsed(card=cards[again], person=refs[cards.index(cards[again])])


def _insure(
    row: CoverScheme, made: CoverFamily, people: Mapping[str, NewInsured], on: date, most: int | None
) -> list[CoverPerson]:
    """Insure new people, by the key of each, once they are checked."""
    if most is not None and made.persons.filter(left_on__isnull=True).count() + len(people) > most:
        raise FamilyFull(most=most, family=made.ref)
    return CoverPerson.objects.bulk_create(
        CoverPerson(
            scheme=row,
            family=made,
            person=one.person_ref,
            relation=coded(Relation, one.relation, "relation").value,
            card=one.card,
            joined_on=on,
            key=key,
        )
        for key, one in people.items()
    )


# --- contributions ----------------------------------------------------------------------------------------------------


def check_contribution(row: CoverFamily, amount: Money, on: date) -> None:
    """Whether this may be taken: in the currency, not before joining, no more than is due within a year."""
    currency = row.scheme.currency
    check_amount(amount, currency)
    check_day(on, earliest=row.joined_on)
    file = file_of(row)
    asked = sum(due.amount_minor for due in file.dues(add_months(max(on, clock.today()), _AHEAD_MONTHS)))
    most = max(0, asked - sum(paid for _day, paid in file.payments))
    if amount.amount_minor > most:
        raise MoreThanDue(asked_minor=amount.amount_minor, most_minor=most, currency=currency)


def pay_contribution(
    actor: Actor, *, family_ref: Ref, amount: Money, on: date, receipt: str, key: str
) -> ContributionView:
    """Book a contribution that came in by the bank, or is counted in the presence of the payer. One key books once.

    Cash of a collection is written down by one person and counted by another: `collect` and `count_collection`.
    """
    with ledger.posting_transaction():
        row = lock(family_row(actor, family_ref))
        require(actor, "finance.collect", row.scope.path)
        return book_contribution(actor, row, amount=amount, on=on, receipt=receipt, key=key)


def book_contribution(
    actor: Actor, row: CoverFamily, *, amount: Money, on: date, receipt: str, key: str
) -> ContributionView:
    """Book a contribution of a locked family, once the right to do so is checked. For the services of this engine."""
    with ledger.posting_transaction():
        known = CoverContribution.objects.filter(key=key).first()
        if known is not None:
            if (known.family_id, known.amount_minor, known.on) != (row.pk, amount.amount_minor, on):
                raise KeyReused(key=key)
            return _view(known, row.scheme.currency)
        check_contribution(row, amount, on)
        used = CoverContribution.objects.filter(scheme=row.scheme, receipt=receipt, undone_entry="").first()
        if used is not None:
            raise ReceiptUsed(receipt=receipt, contract=used.family.ref)
        made = CoverContribution(
            scheme=row.scheme,
            family=row,
            on=on,
            amount_minor=amount.amount_minor,
            receipt=receipt,
            by=actor.key,
            key=key,
        )
        lines = [("cash", amount.amount_minor), ("unearned", -amount.amount_minor)]
        made.entry = post(actor, row.scheme, lines, made.ref, on)
        made.save()
        record(
            actor, "finance.pay_contribution", made.ref, facts={"family": row.ref, "amount_minor": made.amount_minor}
        )
        return _view(made, row.scheme.currency)


def undo_contribution(actor: Actor, *, contribution_ref: Ref, why: str, on: date, key: str) -> None:
    """Take back a contribution by a reversing entry: entered for the wrong family, or twice."""
    with ledger.posting_transaction():
        made = CoverContribution.objects.select_related("family__scope").filter(ref=contribution_ref).first()
        if made is None:
            raise NotFound(ref=contribution_ref)
        row = lock(family_row(actor, Ref(made.family.ref)))
        made = lock(made)
        require(actor, "finance.approve", row.scope.path)
        if made.undone_entry:
            return
        if not why:
            raise DecisionMissing()
        made.undone_entry = ledger.reverse(actor, entry_ref=Ref(made.entry), why=why, on=on, key=key).ref
        made.why = why[:300]
        made.save(update_fields=["undone_entry", "why"])
        record(actor, "finance.undo_contribution", made.ref, why=why)


def _view(made: CoverContribution, currency: str) -> ContributionView:
    return ContributionView(
        ref=Ref(made.ref),
        on=made.on,
        amount=Money(made.amount_minor, currency),
        receipt=made.receipt,
        is_undone=bool(made.undone_entry),
        entry_ref=Ref(made.entry) if made.entry else None,
    )
