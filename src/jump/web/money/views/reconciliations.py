"""Reconciliations: prepared by one person, signed by another, printed; put in question only by a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.money import bank_words as words
from jump.web.money.bank_forms import BANK_FIELDS, AsOfForm, ReplaceForm
from jump.web.money.forms import EmptyForm, WhyForm
from jump.web.money.views.bank_matches import of_account
from jump.web.printed import Part, pdf_url, printed, wants_pdf
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def prepare(request: HttpRequest, ref: str) -> HttpResponse:
    """As of which day books and bank are to agree."""
    actor = actor_of(request)
    account = ledger.bank_account(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = ledger.prepare_reconciliation(actor, account_ref=account.ref, as_of=given["as_of"])
        saved(request, _("Prepared. A second person signs it."))
        return redirect("money:reconciliation", ref=made)

    page = of_account(account, heading=_("Reconcile as of which day?"), send=_("Prepare it"))
    page["terms"] = [
        (_("Statements reach to"), formats.day(account.covered_to)),
        (_("Lines of the bank still open"), formats.number(account.open_bank)),
        (_("Signed up to"), formats.day(account.last.as_of if account.last else None)),
    ]
    form = AsOfForm(
        request.POST or None,
        initial={"as_of": account.open.as_of if account.open else account.covered_to},
        today=clock.today(),
    )
    return act_page(request, form, do=do, page=page, fields=BANK_FIELDS)


@needs("ledger.read")
@require_safe
def show(request: HttpRequest, ref: str) -> HttpResponse:
    """Books, what is in transit and the bank on one day; on paper with two lines to sign on."""
    actor = actor_of(request)
    found = ledger.reconciliation(actor, Ref(ref))
    account = ledger.bank_account(actor, found.account_ref)
    called = names_of([found.prepared_by, found.signed_by])
    if wants_excel(request.GET):
        return spreadsheet(str(found.ref), *_table(found, account))
    if wants_pdf(request.GET):
        return _paper(found, account, called)
    waits = found.state is ledger.PrepareState.PREPARED
    return render(
        request,
        "money/reconciliation.html",
        {
            "found": found,
            "account": account,
            "tag": words.STATES[found.state],
            "prepared_by": called.get(found.prepared_by, ""),
            "signed_by": called.get(found.signed_by, ""),
            "may_sign": waits and can(actor, "ledger.approve", account.scope),
            "may_prepare": waits and can(actor, "ledger.reconcile", account.scope),
            "may_replace": not waits
            and found.replaced_by is None
            and found.state is ledger.PrepareState.DONE
            and can(actor, "ledger.reconcile", account.scope),
            "pdf_url": pdf_url(request),
        },
    )


def _table(
    found: ledger.ReconciliationView, account: ledger.BankAccountView
) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    head = [
        (_("Day"), _("Day in the books")),
        (_("What"), _("What the entry says")),
        (_("Entry"), _("Number of the entry")),
        (_("Amount"), _("What the bank has still to do, or has done before the books")),
    ]
    rows = [(one.occurred_on, one.memo, one.entry_ref, Money(one.amount_minor, account.unit)) for one in found.items]
    return head, rows


def _paper(found: ledger.ReconciliationView, account: ledger.BankAccountView, called: dict[str, str]) -> HttpResponse:
    head, rows = _table(found, account)
    signed = (
        _("Signed by %(who)s on %(at)s")
        % {"who": called.get(found.signed_by, ""), "at": formats.moment(found.signed_at)}
        if found.signed_at
        else _("Not signed yet")
    )
    return printed(
        _("Reconciliation with the bank: %(account)s") % {"account": account.title},
        Part(
            head,
            rows,
            title=_("In transit"),
            opening=(_("Balance of the books"), Money(found.book_minor, account.unit)),
            closing=(_("Balance of the bank"), Money(found.bank_minor, account.unit)),
            currency=account.unit,
            empty=_("Nothing is in transit."),
        ),
        number=found.ref,
        until=found.as_of,
        facts=[
            (_("Account at the bank"), account.number or formats.MISSING),
            (_("Prepared by"), called.get(found.prepared_by, "")),
            (_("Second person"), signed),
            *([(_("In place of"), f"{found.replaces}: {found.why}")] if found.replaces else []),
            *([(_("Replaced by"), found.replaced_by)] if found.replaced_by else []),
        ],
        notes=[_("Check code %(code)s") % {"code": found.digest[:16]}],
        signers=[_("Prepared by"), _("Signed by")],
    )


@needs("ledger.approve")
@require_http_methods(BOTH)
def sign(request: HttpRequest, ref: str) -> HttpResponse:
    """The second signature: from then on nothing of it changes."""
    actor = actor_of(request)
    found = ledger.reconciliation(actor, Ref(ref))
    account = ledger.bank_account(actor, found.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.sign_reconciliation(actor, reconciliation_ref=found.ref)
        saved(request, _("Signed. From now on nothing of it changes."))
        return redirect("money:reconciliation", ref=found.ref)

    page = of_account(account, heading=_("Sign this reconciliation?"), send=_("Sign it"))
    page["terms"] = [
        (_("As of"), formats.day(found.as_of)),
        (_("Prepared by"), names_of([found.prepared_by]).get(found.prepared_by, formats.MISSING)),
    ]
    page["rows"] = [
        (_("Balance of the books"), formats.money(found.book_minor, account.unit)),
        (_("In transit"), formats.money(found.transit_minor, account.unit)),
        (_("Balance of the bank"), formats.money(found.bank_minor, account.unit)),
    ]
    return act_page(request, EmptyForm(request.POST if request.method == "POST" else None), do=do, page=page)


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up one that waits."""
    actor = actor_of(request)
    found = ledger.reconciliation(actor, Ref(ref))
    account = ledger.bank_account(actor, found.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.drop_reconciliation(actor, reconciliation_ref=found.ref, why=given["why"])
        saved(request, _("Given up."))
        return redirect("money:bank_account", ref=account.ref)

    page = of_account(account, heading=_("Give up this reconciliation?"), send=_("Give it up"))
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def replace(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin a new one in the place of a signed one, with a reason."""
    actor = actor_of(request)
    found = ledger.reconciliation(actor, Ref(ref))
    account = ledger.bank_account(actor, found.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        made = ledger.prepare_reconciliation(
            actor, account_ref=account.ref, as_of=found.as_of, replaces=found.ref, why=given["why"]
        )
        saved(request, _("Begun. Put the matches right, prepare it again, then a second person signs."))
        return redirect("money:reconciliation", ref=made)

    page = of_account(account, heading=_("Put this reconciliation in question?"), send=_("Begin a new one"))
    page["note"] = _("The signed one stays as it is, and says which one replaces it.")
    return act_page(request, ReplaceForm(request.POST or None), do=do, page=page)
