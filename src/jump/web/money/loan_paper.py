"""A borrower's statement on paper: every entry of the loan with what was left after it, and what is still to pay."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.web.printed import Part, printed


def loan_paper(page: dict[str, Any]) -> HttpResponse:
    """The statement of the contract of a page (see `contract_page`), as a PDF."""
    contract: finance.ContractView = page["contract"]
    facts = [(label, f"{figure} ({small})" if small else figure) for label, figure, small in page["facts"]]
    return printed(
        _("Statement of account: %(name)s") % {"name": page["name"]},
        _moves(page, contract),
        *([_schedule(page, contract)] if contract.schedule else []),
        number=contract.ref,
        until=contract.as_of,
        facts=[*facts, *page["terms"]],
        notes=[_("If you think that something is wrong, tell the fund. Every entry can be put right.")],
    )


def _moves(page: dict[str, Any], contract: finance.ContractView) -> Part:
    """The entries of the page, oldest first, with what was left after each; also those that were put right."""
    currency = contract.amount.currency
    entries = list(reversed(page["entries"]))
    is_loan = contract.kind is finance.ContractKind.LOAN

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    opening = 0
    if entries and is_loan:
        moved = sum(one.amount_minor for one in entries[0]["entry"].lines if one.account_ref == contract.account_ref)
        opening = entries[0]["left"] - moved
    rows = [
        (
            item["entry"].occurred_on,
            item["what"],
            item["receipt"],
            money(item["given"]),
            money(item["taken"]),
            money(item["left"]),
        )
        for item in entries
    ]
    last = (_("Still to pay, principal only") if is_loan else _("Not accounted for yet"), contract.outstanding)
    return Part(
        (_("Day"), _("What"), _("Receipt"), _("Paid out"), _("Received"), _("Left")),
        rows,
        title=_("Money paid out and received"),
        opening=(_("At the start"), Money(opening, currency)),
        closing=last,
        currency=currency,
    )


def _schedule(page: dict[str, Any], contract: finance.ContractView) -> Part:
    currency = contract.amount.currency
    return Part(
        (_("No."), _("Due"), _("Payment"), _("Paid"), _("State")),
        [
            (
                item["line"].number,
                item["line"].due_on,
                Money(item["line"].due_minor, currency),
                Money(item["line"].paid_minor, currency),
                item["tag"][0],
            )
            for item in page["schedule"]
        ],
        title=_("Payments"),
        currency=currency,
    )
