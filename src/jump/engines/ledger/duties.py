"""The ledger's answers to the six questions. Entries are never forgotten and are no figures by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.duties import Description
from jump.core.units import Ref
from jump.engines.ledger.models import Account, BankLine, BankStatement, Book, Entry, Line, Reconciliation

REF_KINDS = frozenset({"bok", "acc", "ety", "bst", "bln", "brc"})


def describe(actor: Actor, ref: Ref) -> Description | None:
    """A book, an account or an entry, in words for people."""
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """Descriptions of many, six statements at most; those about banks only where they are asked for."""
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
    found |= _of_banks(seen, wanted)
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


def _of_banks(seen: Any, wanted: list[Ref]) -> dict[Ref, Description]:
    """Statements, their lines and reconciliations, with the page of each."""
    kinds = {Ref(ref).kind for ref in wanted}
    books = seen.values("pk")
    found: dict[Ref, Description] = {}
    if "bst" in kinds:
        rows: Any = BankStatement.objects.filter(ref__in=wanted, account__account__book__in=books)
        for one in rows.select_related("account__account"):
            found[Ref(one.ref)] = _described(
                one, _("statement of the bank"), one.number, one.closes_on, "bank_statement"
            )
    if "bln" in kinds:
        rows = BankLine.objects.filter(ref__in=wanted, account__account__book__in=books)
        for one in rows.select_related("account__account", "statement"):
            title = one.text or one.reference or one.ref
            made = _described(one, _("line of the bank"), title, one.booked_on, "bank_statement_line")
            found[Ref(one.ref)] = replace(made, sources=(Ref(one.statement.ref),))
    if "brc" in kinds:
        rows = Reconciliation.objects.filter(ref__in=wanted, account__account__book__in=books)
        for one in rows.select_related("account__account"):
            title = one.account.account.title
            found[Ref(one.ref)] = _described(one, _("reconciliation"), title, one.as_of, "reconciliation")
    return found


def _described(row: Any, kind: str, title: str, on: date, page: str) -> Description:
    account = row.account.account
    return Description(
        Ref(row.ref),
        kind,
        title,
        detail=account.unit,
        on=on,
        sources=(Ref(account.ref),),
        url_name=f"money:{page}",
        url_args=(str(row.ref),),
    )


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
