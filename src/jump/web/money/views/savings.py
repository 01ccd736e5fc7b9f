"""Savings: the list, an account with what can be done now, paying in and taking out, the member's statement."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock, duties
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved, shown_again
from jump.web.money import savings_words as words
from jump.web.money.savings_forms import SAVINGS_FIELDS, InterestForm, MoveForm, NoticeForm, ReasonForm
from jump.web.money.views.contracts import party_url
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
EXCEL_ROWS = 10_000
MONTHS_SHOWN = 12


@needs("finance.read")
@require_safe
def list_savings(request: HttpRequest) -> HttpResponse:
    """Savings accounts, open ones first; by kind, state, group, fund; and what waits for a second person."""
    actor, asked = actor_of(request), request.GET
    chosen: dict[str, Any] = {
        "state": asked.get("state", ""),
        "form": asked.get("form", ""),
        "scope": asked.get("scope", ""),
        "owner_ref": Ref(asked["owner"]) if asked.get("owner") else None,
        "group_ref": Ref(asked["group"]) if asked.get("group") else None,
        "holder_ref": Ref(asked["holder"]) if asked.get("holder") else None,
    }
    if wants_excel(asked):
        found = finance.savings(actor, **chosen, limit=EXCEL_ROWS)
        return _file(found, parties.names(actor, [one.owner_ref for one in found]))
    page = page_of_list(request, finance.count_savings(actor, **chosen))
    found = finance.savings(actor, **chosen, limit=50, offset=offset_of(page))
    waiting = finance.withdrawals_waiting(actor, scope=chosen["scope"])
    names = parties.names(
        actor, [*(one.owner_ref for one in found), *(one.group_ref for one in found if one.group_ref)]
    )
    totals = finance.savings_totals(actor, scope=chosen["scope"], holder_ref=chosen["holder_ref"])
    return render(
        request,
        "money/savings_list.html",
        {
            "page": page,
            "rows": [
                {
                    "row": one,
                    "name": names.get(one.owner_ref, one.owner_ref),
                    "group": names.get(one.group_ref, "") if one.group_ref and one.group_ref != one.owner_ref else "",
                    "form": words.FORMS[one.form],
                    "state": words.SAVINGS_STATES[one.state],
                }
                for one in found
            ],
            "totals": list(totals.values()),
            "waiting": waiting,
            "filters": [
                ("form", _("Kind"), list(words.FORMS.items()), chosen["form"]),
                (
                    "state",
                    _("State"),
                    [(code, said[0]) for code, said in words.SAVINGS_STATES.items()],
                    chosen["state"],
                ),
            ],
            "filters_kept": [(name, asked[name]) for name in ("scope", "owner", "group", "holder") if asked.get(name)],
            "is_filtered": any(asked.get(name) for name in ("state", "form", "scope", "owner", "group", "holder")),
            "may_open": can(actor, "finance.prepare"),
            "holder": asked.get("holder", ""),
        },
    )


def _file(found: list[finance.SavingsRow], names: dict[str, str]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the account")),
        (_("Who"), _("Person or group that saves")),
        (_("Product"), _("What it is called")),
        (_("Kind"), _("By choice, as a duty, for a fixed time, or shares")),
        (_("Currency"), _("Currency of the amount of the row")),
        (_("Saved"), _("What is saved now")),
        (_("State"), _("Open or closed")),
        (_("Opened"), _("Day on which it was opened")),
    ]
    rows = (
        (
            one.ref,
            names.get(one.owner_ref, one.owner_ref),
            one.product_title,
            words.FORMS[one.form],
            one.balance.currency,
            one.balance,
            words.SAVINGS_STATES[one.state][0],
            one.opened_on,
        )
        for one in found
    )
    return spreadsheet(_("Savings"), head, rows)


@needs("finance.read")
@require_safe
def show_savings(request: HttpRequest, ref: str) -> HttpResponse:
    """One account: what is saved today, every movement, and what can be done now."""
    return render(request, "money/savings.html", account_page(request, Ref(ref)))


def account_page(request: HttpRequest, ref: Ref, form: forms.Form | None = None) -> dict[str, Any]:
    """Everything the page of an account shows; `form` is a movement that is being typed."""
    actor = actor_of(request)
    account = finance.savings_account(actor, ref)
    names = parties.names(actor, [one for one in (account.owner_ref, account.group_ref, account.holder_ref) if one])
    called = names_of([key for one in account.movements for key in (one.prepared_by, one.booked_by)])
    is_open = account.state is finance.SavingsState.OPEN
    may = {
        "collect": is_open and can(actor, "finance.collect", account.scope),
        "prepare": is_open and can(actor, "finance.prepare", account.scope),
        "pay": can(actor, "finance.release", account.scope) or can(actor, "finance.approve", account.scope),
        "undo": can(actor, "finance.collect", account.scope),
    }
    holder = duties.describe(actor, account.holder_ref) if account.fund_ref else None
    last = next((one for one in account.movements if one.state is finance.MovementState.BOOKED), None)
    if form is None and (may["collect"] or may["prepare"]):
        form = MoveForm(currency=account.currency)
    return {
        "account": account,
        "name": names.get(account.owner_ref, account.owner_ref),
        "party_url": party_url(account.owner_ref),
        "group": names.get(account.group_ref, "") if account.group_ref else "",
        "holder": holder.title if holder else names.get(account.holder_ref, account.holder_ref),
        "state": words.SAVINGS_STATES[account.state],
        "facts": _facts(account),
        "terms": words.account_terms(account),
        "moves": [
            {
                "one": one,
                "what": words.MOVES[one.kind],
                "state": words.MOVE_STATES[one.state],
                "by": called.get(one.booked_by or one.prepared_by, ""),
                "prepared_by": called.get(one.prepared_by, ""),
                "may_pay": may["pay"] and one.state is finance.MovementState.PREPARED,
                "may_drop": may["prepare"] and one.state is finance.MovementState.PREPARED,
                "may_undo": may["undo"] and last is not None and one.ref == last.ref,
            }
            for one in account.movements
        ],
        "form": form,
        "may": may,
        "needs_notice": int(account.terms.get("notice_days", 0)) > 0,
        "today": clock.today(),
    }


def _facts(account: finance.SavingsAccountView) -> list[tuple[str, str, str]]:
    found = [(_("Saved"), formats.money(account.balance), "")]
    if account.form is finance.SavingsForm.SHARES:
        found[0] = (_("Shares"), formats.number(account.shares), formats.money(account.balance))
    why = ""
    if account.matures_on and clock.today() < account.matures_on:
        why = _("saved until %(day)s") % {"day": formats.day(account.matures_on)}
    elif account.blocked:
        why = _("%(amount)s has to stay") % {"amount": formats.money(account.blocked)}
    found.append((_("May be taken out"), formats.money(account.free), why))
    if account.prepared:
        found.append((_("Waits to be paid"), formats.money(account.prepared), _("for a second person")))
    return found


@needs("finance.collect", "finance.prepare")
@require_http_methods(BOTH)
def move(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Pay in or take out: first what will happen, then, with the same key, the saving of it."""
    actor = actor_of(request)
    if kind not in ("deposit", "withdrawal"):
        raise NotFound(ref=kind)
    if request.method != "POST":
        return redirect(f"{reverse('money:savings_account', args=[ref])}#move")
    account = finance.savings_account(actor, Ref(ref))
    form = MoveForm(request.POST, currency=account.currency)
    page = {**account_page(request, Ref(ref), form), "asked": kind}
    if not form.is_valid():
        return render(request, "money/savings.html", page, status=422)
    shown_again(request, "money/savings.html", page, fields=SAVINGS_FIELDS)
    given = form.cleaned_data
    amount = Money(given["amount"], account.currency)
    if "save" not in request.POST:
        preview = finance.preview_savings(actor, account_ref=account.ref, kind=kind, amount=amount, on=given["on"])
        return render(request, "money/savings_check.html", {**page, "preview": preview, "rows": _will_happen(preview)})
    if kind == "deposit":
        done = finance.deposit(
            actor, account_ref=account.ref, amount=amount, on=given["on"], key=given["key"], receipt=given["receipt"]
        )
        saved(
            request,
            _("%(amount)s paid in. Its number is %(ref)s.") % {"amount": formats.money(amount), "ref": done.ref},
            undo_url=reverse("money:savings_undo", args=[done.ref]),
            undo_until=_("with a reversing entry"),
        )
    else:
        finance.prepare_withdrawal(
            actor, account_ref=account.ref, amount=amount, on=given["on"], key=given["key"], receipt=given["receipt"]
        )
        saved(request, _("%(amount)s is prepared. A second person pays it.") % {"amount": formats.money(amount)})
    forget_tasks(actor)
    return redirect(f"{reverse('money:savings_account', args=[ref])}#main")


def _will_happen(preview: finance.SavingsPreview) -> list[tuple[str, str]]:
    said = _("Paid in") if preview.kind is finance.MovementKind.DEPOSIT else _("Taken out")
    rows = [
        (_("Saved now"), formats.money(preview.before)),
        (said, formats.money(preview.amount)),
    ]
    if preview.shares_after:
        rows.append((_("Shares afterwards"), formats.number(preview.shares_after)))
    rows.append((_("Saved afterwards"), formats.money(preview.after)))
    return rows


@needs("finance.release", "finance.approve")
@require_http_methods(BOTH)
def pay(request: HttpRequest, ref: str) -> HttpResponse:
    """Pay a withdrawal that somebody else prepared."""
    from jump.web.money.forms import DayForm

    actor = actor_of(request)
    one = finance.savings_movement(actor, Ref(ref))
    account = finance.savings_account(actor, one.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.pay_withdrawal(actor, movement_ref=one.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("%(amount)s paid out.") % {"amount": formats.money(one.amount)})
        return redirect("money:savings_account", ref=account.ref)

    rows = [
        (_("Saved now"), formats.money(account.balance)),
        (_("Paid out in cash"), formats.money(one.amount)),
        (_("Saved afterwards"), formats.money(account.balance - one.amount)),
    ]
    page = _page(
        request,
        account,
        heading=_("Pay this out?"),
        rows=rows,
        terms=[(_("Prepared by"), names_of([one.prepared_by]).get(one.prepared_by, formats.MISSING))],
        send=_("Pay it out"),
        warning=_("The account ends with this.") if one.closes else "",
    )
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"})


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a withdrawal that was not paid."""
    actor = actor_of(request)
    one = finance.savings_movement(actor, Ref(ref))
    account = finance.savings_account(actor, one.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_withdrawal(actor, movement_ref=one.ref, why=given["why"])
        saved(request, _("Given up. Nothing was paid."))
        return redirect("money:savings_account", ref=account.ref)

    page = _page(request, account, heading=_("Give up this withdrawal?"), send=_("Give it up"))
    page["terms"] = [(_("Amount"), formats.money(one.amount)), (_("Day"), formats.day(one.on))]
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.collect")
@require_http_methods(BOTH)
def undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a movement back by a reversing entry. Nothing is deleted."""
    actor = actor_of(request)
    one = finance.savings_movement(actor, Ref(ref))
    account = finance.savings_account(actor, one.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.undo_movement(actor, movement_ref=one.ref, why=given["why"], on=clock.today(), key=given["key"])
        forget_tasks(actor)
        saved(request, _("%(ref)s is taken back by a reversing entry.") % {"ref": one.ref})
        return redirect("money:savings_account", ref=account.ref)

    page = _page(request, account, heading=_("Take this back?"), send=_("Take it back"))
    page["sub"] = _("A reversing entry is made today. The first entry stays in the books.")
    page["terms"] = [
        (_("What"), str(words.MOVES[one.kind])),
        (_("Amount"), formats.money(one.amount)),
        (_("Day"), formats.day(one.on)),
    ]
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.collect")
@require_http_methods(BOTH)
def give_notice(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down that money will be taken out, so that the days begin to count."""
    actor = actor_of(request)
    account = finance.savings_account(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        amount = Money(given["amount"], account.currency)
        free_on = finance.give_notice(actor, account_ref=account.ref, amount=amount, on=given["on"], key=given["key"])
        saved(request, _("Saved. It may be taken out from %(day)s on.") % {"day": formats.day(free_on)})
        return redirect("money:savings_account", ref=account.ref)

    page = _page(request, account, heading=_("Give notice"), send=_("Save"), terms=words.account_terms(account))
    return act_page(request, NoticeForm(request.POST or None, currency=account.currency), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def close(request: HttpRequest, ref: str) -> HttpResponse:
    """Prepare the end of an account: everything is paid out by a second person."""
    from jump.web.money.forms import DayForm

    actor = actor_of(request)
    account = finance.savings_account(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.close_savings(actor, account_ref=account.ref, on=given["on"], key=given["key"])
        forget_tasks(actor)
        saved(request, _("Prepared. The account ends when a second person has paid it out."))
        return redirect("money:savings_account", ref=account.ref)

    page = _page(request, account, heading=_("Close this account?"), send=_("Prepare the closing"))
    page["rows"] = [(_("Will be paid out"), formats.money(account.balance))]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=SAVINGS_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def post_interest(request: HttpRequest, ref: str) -> HttpResponse:
    """Post the interest of one account up to the end of a month."""
    actor = actor_of(request)
    account = finance.savings_account(actor, Ref(ref))
    since = account.interest_until or account.opened_on

    def do(given: dict[str, Any]) -> HttpResponse:
        until = date.fromisoformat(given["until"])
        done = finance.post_interest(actor, account_ref=account.ref, until=until)
        saved(request, _("Interest of %(amount)s posted.") % {"amount": formats.money(done.total)})
        return redirect("money:savings_account", ref=account.ref)

    page = _page(request, account, heading=_("Post interest"), send=_("Post it"), terms=words.account_terms(account))
    page["note"] = _("Interest of a month is posted once. Days before it can then no longer be changed.")
    form = InterestForm(request.POST or None, today=clock.today(), since=since)
    return act_page(request, form, do=do, page=page)


def _page(request: HttpRequest, account: finance.SavingsAccountView, **more: Any) -> dict[str, Any]:
    """What every small page about an account shares: whose it is and the way back."""
    home = reverse("money:savings_account", args=[account.ref])
    owner = parties.names(actor_of(request), [account.owner_ref]).get(account.owner_ref, account.owner_ref)
    crumbs = [
        {"label": _("Savings"), "url": reverse("money:savings")},
        {"label": str(account.ref), "url": home},
    ]
    sub = f"{owner} · {account.product_title}"
    return {"section": "money", "crumbs": crumbs, "sub": sub, "back": home, **more}
