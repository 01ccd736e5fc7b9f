"""What the money of a donor was used for: on the page, on paper and as a spreadsheet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.excel import spreadsheet, wants_excel
from jump.web.money import donor_words as words
from jump.web.money.views.donors import outline
from jump.web.places import titles_of
from jump.web.printed import Part, pdf_url, printed, wants_pdf


@needs("finance.read")
@require_safe
def of_pledge(request: HttpRequest, ref: str) -> HttpResponse:
    """A promise to the budget, and what it was used for."""
    here = outline(request)
    one = finance.funding_pledge(here.actor, Ref(ref))
    found = finance.donor_statement(here.actor, as_of=clock.today(), pledge_ref=one.ref)
    may = can(here.actor, "finance.budget", here.budget.scope)
    more = {
        "receive_url": reverse("money:pledge_receive", args=[one.ref]) if may and one.still_open.amount_minor else "",
        "names": here.names,
        "back_url": reverse("money:donors"),
        "back_words": _("Donors and partners"),
    }
    return _show(request, found, str(one.ref), more)


@needs("finance.read")
@require_safe
def of_source(request: HttpRequest, code: str) -> HttpResponse:
    """All money of one source, whoever gave it."""
    here = outline(request)
    found = finance.donor_statement(here.actor, as_of=clock.today(), source=code, budget_ref=here.budget.ref)
    more = {"names": here.names, "back_url": reverse("money:donors"), "back_words": _("Donors and partners")}
    return _show(request, found, code, more)


@needs("finance.read")
@require_safe
def of_fund(request: HttpRequest, ref: str, pledge_ref: str) -> HttpResponse:
    """What a contributor's money in a fund that gives grants was used for."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    found = finance.donor_statement(actor, as_of=clock.today(), pledge_ref=Ref(pledge_ref), fund_ref=fund.ref)
    more = {"names": None, "back_url": reverse("money:fund", args=[fund.ref]), "back_words": fund.title}
    return _show(request, found, pledge_ref, more)


def _show(request: HttpRequest, found: finance.DonorStatement, number: str, more: dict[str, Any]) -> HttpResponse:
    actor = actor_of(request)
    name = found.title
    if found.party_ref:
        unnamed = f"{found.title} ({found.party_ref})"  # a reader who may not see the name still sees whose money
        name = parties.names(actor, [found.party_ref]).get(found.party_ref, unnamed)
    places = titles_of([line.scope for line in found.lines])
    names = more.pop("names")
    rows = [
        {
            "one": line,
            "place": places.get(line.scope, line.scope),
            "line": names.say("line", line.labels.get("line", "")) if names and line.labels.get("line") else "",
        }
        for line in found.lines
    ]
    own = found.given_received.currency != found.received.currency
    if wants_excel(request.GET):
        return spreadsheet(_("Use of money: %(name)s") % {"name": name}, *_table(found, rows, own), about=_about(found))
    if wants_pdf(request.GET):
        return _paper(found, name, number, rows, own)
    return render(
        request,
        "money/donor_statement.html",
        {
            **more,
            "found": found,
            "name": name,
            "number": number,
            "rows": rows,
            "own": own,
            "rule": words.RULES[found.rule],
            "earmark": words.earmark(found.earmark, names),
            "pdf_url": pdf_url(request),
        },
    )


def _about(found: finance.DonorStatement) -> list[str]:
    said = [_("Amounts in %(currency)s") % {"currency": found.received.currency}]
    if found.donors > 1:
        said.append(_("Shared among %(n)s donors: %(rule)s.") % {"n": found.donors, "rule": words.RULES[found.rule]})
    if found.given_received.currency != found.received.currency:
        said.append(_("Exchange difference: %(amount)s") % {"amount": formats.money(found.exchange)})
    return said


def _table(
    found: finance.DonorStatement, rows: list[dict[str, Any]], own: bool
) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Head and rows for the file and for paper."""
    head = [
        (_("Day"), _("Day of the payment, or of the money that came back")),
        (_("What"), _("What the money was used for")),
        (_("Where"), _("Place of the payment")),
        (_("Line"), _("Line of the budget")),
        (_("Paid"), _("The whole payment")),
        (_("Of this money"), _("The part that this money paid")),
    ]
    if own:
        head += [
            (_("Rate"), _("One %(given)s in %(own)s on that day") % _currencies(found)),
            (found.given_received.currency, _("The part in the donor's currency")),
        ]
    return head, [
        (
            row["one"].on,
            row["one"].memo,
            row["place"],
            row["line"],
            row["one"].whole,
            row["one"].part,
            *((row["one"].rate, row["one"].given_part) if own else ()),
        )
        for row in rows
    ]


def _currencies(found: finance.DonorStatement) -> dict[str, str]:
    return {"given": found.received.currency, "own": found.given_received.currency}


def _paper(
    found: finance.DonorStatement, name: str, number: str, rows: list[dict[str, Any]], own: bool
) -> HttpResponse:
    facts: list[tuple[str, Any]] = [
        (_("Received"), found.received),
        (_("Used"), found.used),
        (_("Left"), found.left),
    ]
    if own:
        facts += [
            (_("Received, as given"), found.given_received),
            (_("Used, at the rate of each day"), found.given_used),
            (_("Left, at the rate of today"), found.given_left),
            (_("Exchange difference"), found.exchange),
        ]
    if found.in_kind.amount_minor:
        facts.append((_("Given in kind, not in these sums"), found.in_kind))
    return printed(
        _("Use of money: %(name)s") % {"name": name},
        Part(*_table(found, rows, own), empty=_("Nothing of it is used yet.")),
        number=number,
        until=found.as_of,
        facts=facts,
        notes=_about(found)[1:],
    )
