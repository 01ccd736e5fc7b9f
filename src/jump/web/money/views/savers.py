"""Opening a savings account, interest of all savers of a fund, and the member's statement."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.core.calendars import add_months
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.money import savings_words as words
from jump.web.money.savings_forms import InterestForm, MembersSaveForm, OpenSavingsForm
from jump.web.money.views.funds import of_fund
from jump.web.printed import Part, pdf_url, printed, wants_pdf

BOTH = ["GET", "HEAD", "POST"]
MONTHS_SHOWN = 12
MEMBERS_MAX = 500


@needs("finance.prepare")
@require_http_methods(BOTH)
def post_all_interest(request: HttpRequest, ref: str) -> HttpResponse:
    """Post the interest of all savers of a fund up to the end of a month, in one act."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        done = finance.post_interest_of(actor, holder_ref=fund.ref, until=date.fromisoformat(given["until"]))
        said = ngettext(
            "Interest of %(amount)s posted to %(n)s account.",
            "Interest of %(amount)s posted to %(n)s accounts.",
            done.posted,
        )
        amount = formats.money(done.total) if done.posted else formats.MISSING
        saved(request, said % {"amount": amount, "n": formats.number(done.posted)})
        return redirect("money:fund", ref=ref)

    page = of_fund(fund, heading=_("Post interest to all savers?"), send=_("Post it"))
    page["terms"] = [(_("Kept for savers"), formats.money(fund.savings))]
    page["note"] = _("Interest of a month is posted once. Accounts that have it already are left as they are.")
    form = InterestForm(request.POST or None, today=clock.today(), since=fund.opened_on)
    return act_page(request, form, do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_savings(request: HttpRequest) -> HttpResponse:
    """A new savings account, kept by a fund or by a group in its own box."""
    actor = actor_of(request)
    funds = finance.funds(actor)
    holders = [(str(one.ref), f"{one.title} ({one.currency})") for one in funds]
    if request.GET.get("holder", "").startswith("grp-"):
        holder = Ref(request.GET["holder"])
        holders.append((holder, parties.names(actor, [holder]).get(holder, holder)))

    def do(given: dict[str, Any]) -> HttpResponse:
        kept = Ref(given["holder"])
        fund = next((one for one in funds if one.ref == kept), None)
        owner = Ref(given["owner"])
        made = finance.open_savings(
            actor,
            product=given["product"],
            owner_ref=owner,
            holder_ref=kept,
            scope=parties.scope_of(owner),
            currency=fund.currency if fund else given["currency"],
            on=given["on"],
            key=given["key"],
            group_ref=Ref(given["group"]) if given["group"] else None,
        )
        saved(request, _("Account %(ref)s is open.") % {"ref": made})
        return redirect("money:savings_account", ref=made)

    page = {
        "section": "money",
        "crumbs": [
            {"label": _("Loan funds"), "url": reverse("money:funds")},
            {"label": _("Savings"), "url": reverse("money:savings")},
        ],
        "heading": _("Open a savings account"),
        "sub": _("Money is paid in on the next page."),
        "send": _("Open it"),
        "back": reverse("money:savings"),
    }
    asked = {name: request.GET.get(name, "") for name in ("owner", "holder", "group")}
    form = OpenSavingsForm(request.POST or None, holders=holders, initial=asked)
    return act_page(request, form, do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_for_members(request: HttpRequest, ref: str) -> HttpResponse:
    """Accounts for the members of a group who have none yet, in one go: then all stand on its collection sheet."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    funds = {str(one.ref): one for one in finance.funds(actor)}
    saving = {one.owner_ref for one in finance.savings(actor, group_ref=group.ref, state="open", limit=MEMBERS_MAX)}
    members = [one.person_ref for one in parties.members(actor, group.ref, clock.today())]
    names = parties.names(actor, members)
    asked = sorted((str(one), names[one]) for one in members if one not in saving)

    def do(given: dict[str, Any]) -> HttpResponse:
        fund = funds[given["holder"]]
        made = finance.open_savings_for_members(
            actor,
            product=given["product"],
            member_refs=[Ref(one) for one in given["members"]],
            group_ref=group.ref,
            holder_ref=fund.ref,
            scope=group.scope,
            currency=fund.currency,
            on=given["on"],
            key=given["key"],
        )
        said = ngettext("%(n)s account is open.", "%(n)s accounts are open.", len(made))
        saved(request, said % {"n": formats.number(len(made))})
        return redirect("people:group", ref=ref)

    home = reverse("people:group", args=[ref])
    page = {
        "section": "people",
        "crumbs": [
            {"label": _("Groups and enterprises"), "url": reverse("people:groups")},
            {"label": group.name, "url": home},
        ],
        "heading": _("Open savings accounts for members"),
        "sub": group.name,
        "send": _("Open them"),
        "back": home,
        "note": "" if asked else _("Every member has an account here."),
    }
    holders = [(one, f"{fund.title} ({fund.currency})") for one, fund in funds.items()]
    form = MembersSaveForm(request.POST or None, holders=holders, members=sorted(asked, key=lambda one: one[1]))
    return act_page(request, form, do=do, page=page)


@needs("finance.read")
@require_safe
def show_statement(request: HttpRequest, ref: str) -> HttpResponse:
    """A statement for the member, to be printed: a year unless other days are asked for."""
    actor = actor_of(request)
    today = clock.today()
    account = finance.savings_account(actor, Ref(ref))
    since = max(_day(request.GET.get("since", "")) or add_months(today, -MONTHS_SHOWN), account.opened_on)
    until = min(_day(request.GET.get("until", "")) or today, today)
    statement = finance.savings_statement(actor, account_ref=account.ref, since=since, until=max(since, until))
    if wants_excel(request.GET):
        return _statement_file(statement)
    names = parties.names(actor, [account.owner_ref])
    if wants_pdf(request.GET):
        return _statement_paper(statement, names.get(account.owner_ref, account.owner_ref))
    return render(
        request,
        "money/savings_statement.html",
        {
            "statement": statement,
            "account": account,
            "name": names.get(account.owner_ref, account.owner_ref),
            "lines": [{"one": one, "what": words.MOVES[one.kind]} for one in statement.lines],
            "terms": words.account_terms(account),
            "today": today,
            "pdf_url": pdf_url(request),
        },
    )


def _statement_file(found: finance.SavingsStatement) -> HttpResponse:
    return spreadsheet(str(found.account.ref), *_statement_table(found))


def _statement_paper(found: finance.SavingsStatement, name: str) -> HttpResponse:
    head, rows = _statement_table(found)
    return printed(
        _("Statement of savings: %(name)s") % {"name": name},
        Part(
            head,
            rows,
            opening=(_("Saved at the start"), found.opening),
            closing=(_("Saved at the end"), found.closing),
            currency=found.account.currency,
        ),
        number=found.account.ref,
        since=found.since,
        until=found.until,
        facts=[
            (_("Paid in"), found.paid_in),
            (_("Interest"), found.interest),
            (_("Taken out"), found.taken_out),
            *words.account_terms(found.account),
        ],
        notes=[_("If you think that something is wrong, tell the fund. Every entry can be put right.")],
    )


def _statement_table(found: finance.SavingsStatement) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Head and rows of a member's statement, for the file and for paper."""
    head = [
        (_("Day"), _("Day of the movement")),
        (_("What"), _("Paid in, taken out, or interest")),
        (_("Receipt"), _("Number of the receipt")),
        (_("Paid in"), _("Money in, with interest")),
        (_("Taken out"), _("Money out")),
        (_("Saved"), _("What was saved afterwards")),
    ]
    rows = [
        (
            one.on,
            words.MOVES[one.kind],
            one.receipt,
            one.amount if one.is_in else None,
            None if one.is_in else one.amount,
            one.balance_after,
        )
        for one in found.lines
    ]
    return head, rows


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
