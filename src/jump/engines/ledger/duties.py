"""The ledger's answers to the six questions. Entries are never forgotten and are no figures by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.duties import Description
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Book, Entry, Line

REF_KINDS = frozenset({"bok", "acc", "ety"})


def describe(actor: Actor, ref: Ref) -> Description | None:
    """A book, an account or an entry, in words for people."""
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """Descriptions of many, three statements at most."""
    seen = Book.objects.visible_to(actor)
    found: dict[Ref, Description] = {}
    wanted = list(refs)
    for book in seen.filter(ref__in=wanted).select_related("scope"):
        found[Ref(book.ref)] = Description(
            Ref(book.ref), _("book"), book.title, place=book.scope.title, sources=(Ref(book.owner),)
        )
    for account in Account.objects.filter(ref__in=wanted, book__in=seen.values("pk")).select_related("book__scope"):
        found[Ref(account.ref)] = Description(
            Ref(account.ref),
            _("account"),
            account.title,
            detail=account.unit,
            place=account.book.scope.title,
            sources=(Ref(account.book.ref),),
        )
    entries = Entry.objects.filter(ref__in=wanted, book__in=seen.values("pk")).select_related("book__scope", "reverses")
    for entry in entries:
        behind = [entry.source] if entry.source else []
        if entry.reverses:
            behind.append(entry.reverses.ref)
        found[Ref(entry.ref)] = Description(
            Ref(entry.ref),
            _("entry"),
            entry.memo,
            detail=_("No. %(number)s in the book %(book)s") % {"number": entry.pk, "book": entry.book.title},
            on=entry.occurred_on,
            place=entry.book.scope.title,
            sources=tuple(Ref(one) for one in behind),
        )
    return found


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Every line of the books at and under a node, for hand-over."""
    rows = Line.objects.filter(entry__book__in=Book.objects.visible_to(actor).under(scope).values("pk"))
    rows = rows.filter(occurred_on__lte=as_of).select_related("entry__book", "account").order_by("entry_id", "position")
    for line in rows.iterator():
        yield {
            "kind": "line",
            "book": line.entry.book.ref,
            "entry": line.entry.ref,
            "on": line.occurred_on.isoformat(),
            "account": line.account.code,
            "unit": line.account.unit,
            "amount_minor": line.amount_minor,
            "source": line.entry.source,
        }
