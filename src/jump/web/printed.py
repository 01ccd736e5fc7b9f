"""A statement as a tagged PDF, in the language of the reader. The address of the page with `?as=pdf`.

How to use it, in a view that has the head and rows of its Excel file already:

    if wants_pdf(request.GET):
        return printed(
            _("Statement of capital: %(name)s") % {"name": name},
            Part(head, rows, opening=(_("At the start"), s.opening), closing=(_("At the end"), s.closing)),
            number=account.ref, since=s.since, until=s.until, facts=words.account_terms(account),
        )

`head` is what `spreadsheet` takes, or plain words. A cell is a value, not text: `Money`, a number, a date, None (stays
empty) or words; it is written as the reader's language writes it, and columns of figures stand at the right. Amounts
stand with their code, or without it where `currency` of the part says that all are of one. `until` (or today) is the
day of "as of". `facts` are pairs of words and value above the tables, `notes` sentences below, `signers` lines to sign
on. On the page: `{% print_button pdf_url _("PDF") %}` with `"pdf_url": pdf_url(request)`, which keeps days asked for.

Where PDFs cannot be made the reader is told which packages to install (`reports.pdf_unavailable`); the page itself can
still be printed. More than ROWS_MAX rows are refused: making pages takes time that grows with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from jump.base import clock
from jump.base.refusals import Refusal
from jump.core.money import Money
from jump.engines.reports import api as reports
from jump.web import formats

ROWS_MAX = 2_000
PDF = "application/pdf"


class TooLongToPrint(Refusal):
    """More rows than a printed statement holds."""

    code = "web.too_long_to_print"
    http_status = 422
    message = _lazy("A printed statement holds at most %(most)s rows.")
    what_to_do = _lazy("Choose a shorter time, or take the Excel file.")


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a statement: its columns, its rows, and the balances before the first and after the last."""

    head: Sequence[str | tuple[str, str]]
    rows: Iterable[Sequence[Any]]
    title: str = ""
    opening: tuple[str, Any] | None = None
    closing: tuple[str, Any] | None = None
    currency: str = ""
    empty: str = ""


def wants_pdf(query: Any) -> bool:
    """Whether this address asks for the printed page."""
    return bool(query.get("as") == "pdf")


def pdf_url(request: HttpRequest) -> str:
    """This address again, as the printed page."""
    query = request.GET.copy()
    query["as"] = "pdf"
    return f"?{query.urlencode()}"


def printed(
    title: str,
    *parts: Part,
    number: str = "",
    since: date | None = None,
    until: date | None = None,
    facts: Iterable[tuple[str, Any]] = (),
    notes: Iterable[str] = (),
    signers: Iterable[str] = (),
) -> HttpResponse:
    """The statement as a file. Raises reports.PdfUnavailable and TooLongToPrint."""
    html = render_to_string("printed/statement.html", _page(title, parts, number, since, until, facts, notes, signers))
    answer = HttpResponse(reports.make_pdf(html), content_type=PDF)
    name = slugify(f"{title} {number}") or "statement"
    answer.headers["Content-Disposition"] = f'inline; filename="{name[:80]}.pdf"'
    return answer


def _page(
    title: str,
    parts: Sequence[Part],
    number: str,
    since: date | None,
    until: date | None,
    facts: Iterable[tuple[str, Any]],
    notes: Iterable[str],
    signers: Iterable[str],
) -> dict[str, Any]:
    day = until or clock.today()
    said = [str(number)] if number else []
    if since is not None:
        said.append(_("%(since)s to %(until)s") % {"since": formats.day(since), "until": formats.day(day)})
    said.append(_("as of %(day)s") % {"day": formats.day(day)})
    said.append(_("printed %(at)s") % {"at": formats.moment(clock.now())})
    return {
        "title": title,
        "said": said,
        "language": (get_language() or "en").split("-")[0],
        "direction": "rtl" if get_language_bidi() else "ltr",
        "facts": [(label, _written(value)) for label, value in facts],
        "parts": [_table(part) for part in parts],
        "notes": list(notes),
        "signers": list(signers),
    }


def _table(part: Part) -> dict[str, Any]:
    rows = []
    for row in part.rows:
        if len(rows) == ROWS_MAX:
            raise TooLongToPrint(most=ROWS_MAX)
        rows.append(list(row))
    words = [one if isinstance(one, str) else one[0] for one in part.head]
    numeric = [any(_is_figure(row[at]) for row in rows) for at in range(len(words))]
    return {
        "title": part.title,
        "caption": _("Amounts in %(currency)s") % {"currency": part.currency} if part.currency else "",
        "head": [{"text": text, "numeric": is_figure} for text, is_figure in zip(words, numeric, strict=True)],
        "rows": [
            [{"text": _written(row[at], part.currency), "numeric": numeric[at]} for at in range(len(words))]
            for row in rows
        ],
        "opening": _bound(part.opening, part.currency),
        "closing": _bound(part.closing, part.currency),
        "width": len(words),
        "span": max(len(words) - 1, 1),
        "empty": part.empty or _("Nothing moved in this time."),
    }


def _bound(bound: tuple[str, Any] | None, currency: str) -> tuple[str, str] | None:
    return (bound[0], _written(bound[1], currency)) if bound else None


def _is_figure(value: Any) -> bool:
    return isinstance(value, Money | int | float | Decimal) and not isinstance(value, bool)


def _written(value: Any, currency: str = "") -> str:
    """A value as a reader of this language writes it."""
    if value is None:
        return ""
    if isinstance(value, Money):
        same = value.currency == currency
        return formats.amount(value.amount_minor, currency) if same else formats.money(value)
    if isinstance(value, datetime):
        return formats.moment(value)
    if isinstance(value, date):
        return formats.day_short(value)
    if _is_figure(value):
        return formats.number(value)
    return str(value)


__all__ = ["Part", "TooLongToPrint", "pdf_url", "printed", "wants_pdf"]
