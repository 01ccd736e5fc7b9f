"""Closing a month: what stands in the way, who closes, who seals, and the root that proves it later."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved
from jump.web.links import address_of
from jump.web.money import bank_words as words
from jump.web.money.bank_forms import BANK_FIELDS, SealForm
from jump.web.money.forms import EmptyForm, WhyForm
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


@needs("ledger.read")
@require_safe
def list_months(request: HttpRequest, ref: str) -> HttpResponse:
    """The months of a book, the latest first."""
    actor = actor_of(request)
    book = _book(actor, ref)
    found = ledger.months(actor, book_ref=book.ref)
    called = names_of(one.by for one in found)
    rows = [
        {"one": one, "title": words.month(one.month), "tag": words.MONTHS[one.state], "by": called.get(one.by, "")}
        for one in found
    ]
    return render(request, "money/months.html", {"book": book, "rows": rows})


def _book(actor: Actor, ref: str) -> ledger.BookView:
    found = next((one for one in ledger.books(actor) if one.ref == ref), None)
    if found is None:
        raise NotFound(ref=ref)
    return found


@needs("ledger.read")
@require_safe
def show_month(request: HttpRequest, ref: str, month: int) -> HttpResponse:
    """One month: what stands in the way, then its seal."""
    actor = actor_of(request)
    book = _book(actor, ref)
    one = ledger.month_view(actor, book_ref=book.ref, month=month)
    seal = next((row for row in ledger.seals(book.ref) if row.month == month), None)
    called = names_of([one.by, seal.by if seal else ""])
    is_sealed = one.state == "sealed"
    return render(
        request,
        "money/month.html",
        {
            "book": book,
            "one": one,
            "title": words.month(month),
            "tag": words.MONTHS[one.state],
            "by": called.get(one.by, ""),
            "seal": seal,
            "sealed_by": called.get(seal.by, "") if seal else "",
            "in_the_way": [] if is_sealed else _in_the_way(actor, book, month),
            "late": ledger.late_facts(actor, book_ref=book.ref, month=month),
            "may_close": one.state == "open"
            and (can(actor, "ledger.reconcile", book.scope) or can(actor, "ledger.seal", book.scope)),
            "may_seal": one.state == "closing" and can(actor, "ledger.seal", book.scope),
        },
    )


def _in_the_way(actor: Actor, book: ledger.BookView, month: int) -> list[dict[str, str]]:
    """Everything unfinished at the end of a month, with the page where it is finished."""
    found = ledger.unfinished(actor, book_ref=book.ref, month=month)
    bank_url = reverse("money:bank_accounts", args=[book.ref])
    rows: list[dict[str, str]] = []
    for count, title, detail, url, kind in (
        (found.open_bank, _("Lines of the bank are not matched"), "", bank_url, "bad"),
        (found.waiting, _("Entries from lines of the bank wait for approval"), "", bank_url, "bad"),
        (len(found.not_reconciled), _("Accounts are not reconciled to the month's end"), "", bank_url, "warn"),
        (found.holds, _("Amounts are still reserved"), _("They may go on into the next month."), "", "blue"),
        (found.not_linked, _("Entries are not in the chain yet"), _("Sealing links them."), "", "blue"),
    ):
        if count:
            rows.append({"title": f"{title}: {formats.number(count)}", "detail": detail, "url": url, "kind": kind})
    if can(actor, "finance.read", book.scope):
        for one in finance.waiting_in_book(actor, book_ref=book.ref, until=ledger.last_day(month)):
            title, page = words.WAITING[one.kind]
            detail = f"{one.about} · {formats.day(one.on)}" if one.on else str(one.about)
            rows.append({"title": str(title), "detail": detail, "url": address_of(page, [one.about]), "kind": "warn"})
    return rows


def _page(book: ledger.BookView, month: int, **more: Any) -> dict[str, Any]:
    home = reverse("money:month", args=[book.ref, month])
    crumbs = [
        {"label": _("Books"), "url": reverse("money:books")},
        {"label": book.title, "url": reverse("money:book", args=[book.ref])},
        {"label": words.month(month), "url": home},
    ]
    sub = f"{book.title} · {words.month(month)}"
    return {"section": "money", "crumbs": crumbs, "sub": sub, "back": home, **more}


@needs("ledger.reconcile", "ledger.seal")
@require_http_methods(BOTH)
def close(request: HttpRequest, ref: str, month: int) -> HttpResponse:
    """Begin to close a month: from then on only those who may seal book in it."""
    actor = actor_of(request)
    book = _book(actor, ref)
    one = ledger.month_view(actor, book_ref=book.ref, month=month)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.begin_closing(actor, book_ref=book.ref, month=one.month)
        saved(request, _("The month is closing. Another person seals it."))
        return redirect("money:month", ref=book.ref, month=month)

    page = _page(book, month, heading=_("Begin to close this month?"), send=_("Begin to close"))
    page["terms"] = [(_("Entries"), formats.number(one.entries))]
    page["note"] = _(
        "From then on only those who may seal book in this month. It can be opened again until it is sealed."
    )
    return act_page(request, EmptyForm(request.POST if request.method == "POST" else None), do=do, page=page)


@needs("ledger.seal")
@require_http_methods(BOTH)
def reopen(request: HttpRequest, ref: str, month: int) -> HttpResponse:
    """Open a closing month again, with a reason."""
    actor = actor_of(request)
    book = _book(actor, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.reopen_period(actor, book_ref=book.ref, month=month, why=given["why"])
        saved(request, _("The month is open again."))
        return redirect("money:month", ref=book.ref, month=month)

    page = _page(book, month, heading=_("Open this month again?"), send=_("Open it"))
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


@needs("ledger.seal")
@require_http_methods(BOTH)
def seal(request: HttpRequest, ref: str, month: int) -> HttpResponse:
    """Prove and seal a month that somebody else has begun to close."""
    actor = actor_of(request)
    book = _book(actor, ref)
    one = ledger.month_view(actor, book_ref=book.ref, month=month)
    in_the_way = [row for row in _in_the_way(actor, book, month) if row["kind"] != "blue"]
    form = SealForm(request.POST or None)
    form.fields["despite"].required = bool(in_the_way)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.seal_period(actor, book_ref=book.ref, month=month, despite=given["despite"])
        saved(request, _("The month is sealed. Note its root down outside this system."))
        return redirect("money:month", ref=book.ref, month=month)

    page = _page(book, month, heading=_("Seal this month for ever?"), send=_("Seal it"))
    page["terms"] = [
        (_("Closed by"), names_of([one.by]).get(one.by, formats.MISSING)),
        (_("Entries"), formats.number(one.entries)),
        *((_("In the way"), " · ".join(filter(None, (row["title"], row["detail"])))) for row in in_the_way[:12]),
    ]
    page["warning"] = _(
        "Nothing is booked in this month or before it again. A late fact is booked on its day of booking."
    )
    return act_page(request, form, do=do, page=page, fields=BANK_FIELDS)
