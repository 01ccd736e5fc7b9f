"""Loans, grants and service contracts: the list with what is late first, and the page of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jump.base import clock, duties
from jump.base.actors import Actor, can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.drawings import balance_chart
from jump.web.drawings.line import Point
from jump.web.excel import spreadsheet, wants_excel
from jump.web.links import address_of
from jump.web.money import loan_words, words
from jump.web.money.forms import EmptyForm, RepaymentForm
from jump.web.money.loan_paper import loan_paper
from jump.web.paging import offset_of, page_of_list
from jump.web.printed import pdf_url, wants_pdf
from jump.web.who import names_of

EXCEL_ROWS = 10_000
ENTRIES_SHOWN = 60


@needs("finance.read")
@require_safe
def list_contracts(request: HttpRequest) -> HttpResponse:
    """Contracts, those unpaid longest first; by kind, state, fund, place, and only the late ones."""
    actor, asked = actor_of(request), request.GET
    today = clock.today()
    chosen: dict[str, Any] = {
        "kind": asked.get("kind", ""),
        "state": asked.get("state", ""),
        "scope": asked.get("scope", ""),
        "fund_ref": Ref(asked["fund"]) if asked.get("fund") else None,
        "party_ref": Ref(asked["party"]) if asked.get("party") else None,
        "late_on": today if asked.get("late") else None,
    }
    if chosen["late_on"]:
        chosen["state"] = chosen["state"] or finance.ContractState.RUNNING.value
    if wants_excel(asked):
        rows = contract_rows(actor, finance.contracts(actor, **chosen, limit=EXCEL_ROWS))
        return _contracts_file(rows)
    page = page_of_list(request, finance.count_contracts(actor, **chosen))
    rows = contract_rows(actor, finance.contracts(actor, **chosen, limit=50, offset=offset_of(page)))
    late = finance.count_contracts(actor, **{**chosen, "late_on": today, "state": "running"})
    return render(
        request,
        "money/contracts.html",
        {
            "page": page,
            "rows": rows,
            "late": late,
            "kinds": words.KINDS.items(),
            "states": words.STATES.items(),
            "excel_url": _with(request, **{"as": "excel"}),
            "is_filtered": any(asked.get(name) for name in ("kind", "state", "late", "fund", "party", "scope")),
        },
    )


def contract_rows(actor: Actor, rows: list[finance.ContractRow], *, named: bool = True) -> list[dict[str, Any]]:
    """Rows of a list with names (where the page needs them) and the one tag of each; names are asked once for all."""
    names = parties.names(actor, [row.party_ref for row in rows]) if named else {}
    out = []
    for row in rows:
        text, kind = words.state_tag(row.kind, row.state, row.days_late)
        out.append({"row": row, "name": names.get(row.party_ref, row.party_ref), "tag": text, "kind": kind})
    return out


def _contracts_file(rows: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the contract")),
        (_("Who"), _("Group or person that it was made with")),
        (_("Kind"), _("Loan, grant or service contract")),
        (_("Purpose"), _("What the money is for")),
        (_("Currency"), _("Currency of all amounts of the row")),
        (_("Agreed"), _("Amount of the contract")),
        (_("Paid out"), _("Of it, paid so far")),
        (_("Left"), _("Principal of a loan still owed; of a grant, what is not accounted for")),
        (_("Days late"), _("Since the oldest payment that was missed")),
        (_("State"), _("Where the contract stands")),
        (_("Opened"), _("Day of the contract")),
    ]
    return spreadsheet(
        _("Loans and grants"),
        head,
        (
            (
                item["row"].ref,
                item["name"],
                words.KINDS[item["row"].kind],
                item["row"].purpose,
                item["row"].amount.currency,
                item["row"].amount,
                item["row"].released,
                item["row"].outstanding,
                item["row"].days_late,
                words.STATES[item["row"].state],
                item["row"].opened_on,
            )
            for item in rows
        ),
    )


@needs("finance.read")
@require_safe
def show_contract(request: HttpRequest, ref: str) -> HttpResponse:
    """One contract: what matters today, its schedule, its money, its conditions, and what can be done now."""
    page = contract_page(request, Ref(ref))
    if wants_excel(request.GET):
        return _schedule_file(page["contract"], page["name"])
    return render(request, "money/contract.html", page)


@needs("finance.read")
@require_safe
def show_statement(request: HttpRequest, ref: str) -> HttpResponse:
    """A statement of account for the borrower, to be printed."""
    page = contract_page(request, Ref(ref))
    if wants_pdf(request.GET):
        return loan_paper(page)
    return render(request, "money/statement.html", {**page, "pdf_url": pdf_url(request)})


def contract_page(request: HttpRequest, ref: Ref, form: forms.Form | None = None) -> dict[str, Any]:
    """Everything the page of a contract shows; `form` is a repayment that is being typed."""
    actor = actor_of(request)
    contract = finance.contract(actor, ref)
    is_loan = contract.kind is finance.ContractKind.LOAN
    text, kind = words.state_tag(contract.kind, contract.state, contract.days_late)
    entries = (
        ledger.entries(actor, account_ref=contract.account_ref, limit=ENTRIES_SHOWN) if contract.account_ref else []
    )
    if len(entries) < ENTRIES_SHOWN:
        entries = _with_those_of_fees_alone(contract, entries)
    called = names_of(
        [
            contract.prepared_by,
            *(entry.by for entry in entries),
            *(key for one in contract.tranches for key in (one.prepared_by, one.released_by)),
            *(key for one in contract.conditions for key in one.decided_by),
            *([contract.write_off.prepared_by, contract.write_off.approved_by] if contract.write_off else []),
            *(one.by for one in contract.repayments),
            *(key for one in contract.loan_facts for key in (one.prepared_by, one.agreed_by)),
        ]
    )
    may = {
        name: can(actor, right, contract.scope)
        for name, right in (
            ("collect", "finance.collect"),
            ("prepare", "finance.prepare"),
            ("release", "finance.release"),
            ("approve", "finance.approve"),
        )
    }
    takes_money = is_loan and contract.state in (finance.ContractState.RUNNING, finance.ContractState.WRITTEN_OFF)
    if form is None and takes_money and may["collect"]:
        form = RepaymentForm(loan=contract)
    fund = duties.describe(actor, contract.fund_ref) if contract.fund_ref else None
    return {
        "contract": contract,
        "is_loan": is_loan,
        "name": parties.names(actor, [contract.party_ref]).get(contract.party_ref, contract.party_ref),
        "party_url": party_url(contract.party_ref),
        "headline": words.headline(contract),
        "tag": text,
        "tag_kind": kind,
        "facts": _facts(actor, contract),
        "schedule": [
            {
                "line": line,
                "tag": words.mark(line),
                "other": line.fee_minor + line.penalty_minor,
            }
            for line in contract.schedule
        ],
        "totals": _totals(contract),
        "drawing": _drawing(contract),
        "entries": _entry_rows(contract, entries, called),
        "unit": next(
            (line.unit for one in entries for line in one.lines if line.account_ref == contract.account_ref),
            contract.amount.currency,
        ),
        "tranches": [_tranche_row(one, called, may, actor) for one in contract.tranches],
        "conditions": [
            {"one": one, "decided_by": ", ".join(called.get(key, key) for key in one.decided_by)}
            for one in contract.conditions
        ],
        "write_off": _write_off(contract, called),
        "story": loan_words.story(contract, called, may, me=actor.key) if is_loan else [],
        "terms": _terms(contract, fund.title if fund else "", called),
        "fund": fund,
        "form": form,
        "guarantees": _guarantees(actor, contract),
        "no_lender": _no_lender(actor, contract, may["prepare"]),
        "act": EmptyForm({}),
        "may": {
            **may,
            "cancel": may["prepare"] and contract.state == finance.ContractState.WAITING,
            **_loan_acts(contract, may["prepare"]),
            "guarantee": may["prepare"]
            and contract.state in (finance.ContractState.WAITING, finance.ContractState.RUNNING),
        },
        "today": contract.as_of,
    }


def _loan_acts(contract: finance.ContractView, may_prepare: bool) -> dict[str, bool]:
    """What can be proposed about a loan that runs."""
    is_loan = contract.kind is finance.ContractKind.LOAN and may_prepare
    runs = is_loan and contract.state == finance.ContractState.RUNNING
    charges = (contract.interest_open, contract.fee_open, contract.penalty_open)
    return {
        "waive": runs and any(one.amount_minor for one in charges),
        "reschedule": runs,
        "refund": is_loan and contract.overpaid.amount_minor > 0,
        "charge_off": runs and not contract.written_off.amount_minor,
    }


def _guarantees(actor: Actor, contract: finance.ContractView) -> list[dict[str, Any]]:
    """Who stands for a loan; nothing is asked of a grant."""
    from jump.web.money.views.securities import guarantee_rows

    if contract.kind is not finance.ContractKind.LOAN:
        return []
    return guarantee_rows(actor, finance.guarantees(actor, contract_ref=contract.ref))


def _no_lender(actor: Actor, contract: finance.ContractView, may_prepare: bool) -> dict[str, Any] | None:
    """What is on record about lenders that refuse; only for a grant that asks for it."""
    condition = next((one for one in contract.conditions if one.code == "no_lender"), None)
    if condition is None:
        return None
    live = contract.state in (finance.ContractState.WAITING, finance.ContractState.RUNNING)
    return {
        "found": finance.grant_exceptions(actor, party_ref=contract.party_ref),
        "may_record": may_prepare and live and not condition.is_met,
    }


def party_url(ref: Ref) -> str:
    return address_of("people:person" if Ref(ref).kind == "per" else "people:group", [ref])


def _facts(actor: Actor, contract: finance.ContractView) -> list[tuple[str, str, str]]:
    """Label, figure, and what it is compared with."""
    if contract.kind is not finance.ContractKind.LOAN:
        proved = contract.grant.proved if contract.grant else contract.released - contract.outstanding
        return [
            (_("Agreed"), formats.money(contract.amount), formats.day(contract.opened_on)),
            (_("Paid out"), formats.money(contract.released), ""),
            (_("Accounted for"), formats.money(proved), ""),
            (_("Not accounted for yet"), formats.money(contract.outstanding), ""),
        ]
    if not contract.schedule:
        still_open = sum(1 for one in contract.conditions if not one.is_met)
        return [
            (_("Agreed"), formats.money(contract.amount), formats.day(contract.opened_on)),
            (_("Paid out"), formats.money(contract.released), ""),
            (_("Conditions still open"), formats.number(still_open), _("of %(n)s") % {"n": len(contract.conditions)}),
        ]
    found = [(_("Still to pay"), formats.money(contract.outstanding), _("principal only"))]
    if contract.due_now.amount_minor and contract.late_since:
        since = _("since %(day)s") % {"day": formats.day(contract.late_since)}
        found.append((_("Due now"), formats.money(contract.due_now), since))
    elif contract.next_due_on:
        found.append((_("Next payment"), formats.money(contract.next_due), formats.day(contract.next_due_on)))
    agreed = [line for line in contract.schedule if not line.is_extra]
    paid = sum(1 for line in agreed if line.mark is finance.InstalmentMark.PAID)
    of = _("%(n)s of %(all)s payments") % {"n": paid, "all": len(agreed)}
    found.append((_("Paid so far"), formats.money(contract.paid), of))
    if contract.overpaid.amount_minor:
        found.append((_("Paid beyond what was owed"), formats.money(contract.overpaid), _("to be given back")))
    if contract.written_off.amount_minor:
        back = _("%(amount)s came back since") % {"amount": formats.money(contract.recovered)}
        found.append((_("Written off"), formats.money(contract.written_off), back))
    return found + _jobs_fact(actor, contract.party_ref)


def _jobs_fact(actor: Actor, employer: Ref) -> list[tuple[str, str, str]]:
    """Verified jobs at the borrower, with women and men; nothing for readers who may not see single jobs."""
    if Ref(employer).kind == "per":
        return []
    found = jobs.counted_by_sex(actor, employer_ref=employer)
    if not found:
        return []
    women, men = found.get("female", 0), found.get("male", 0)
    split = ", ".join(
        (
            ngettext("%(n)s woman", "%(n)s women", women) % {"n": women},
            ngettext("%(n)s man", "%(n)s men", men) % {"n": men},
        )
    )
    return [(_("Jobs it supports"), formats.number(sum(found.values())), split)]


def _totals(contract: finance.ContractView) -> dict[str, Money]:
    def total(values: Any) -> Money:
        return Money(sum(values), contract.amount.currency)

    lines = contract.schedule
    return {
        "principal": total(line.principal_minor for line in lines),
        "interest": total(line.interest_minor for line in lines),
        "other": total(line.fee_minor + line.penalty_minor for line in lines),
        "payment": total(line.due_minor for line in lines),
    }


def _drawing(contract: finance.ContractView) -> Any:
    """What is left, planned and in truth; nothing before the money was paid out."""
    out = [one for one in contract.tranches if one.released_on]
    if not contract.schedule or not out:
        return None
    places = 10**contract.amount.exponent
    begun = min(one.released_on for one in out if one.released_on)
    lent = contract.released.amount_minor
    planned = [Point(begun, lent / places)]
    planned += [Point(line.due_on, line.left_after_minor / places) for line in contract.schedule]
    paid, left = [Point(begun, lent / places)], lent
    for one in sorted(contract.repayments, key=lambda one: one.on):
        if one.undone_by is None:
            left -= one.principal.amount_minor
            paid.append(Point(one.on, left / places))
    last = contract.schedule[-1].due_on
    finding = _("%(left)s of %(lent)s is left to pay on %(day)s; by plan the last payment is on %(last)s.") % {
        "left": formats.money(contract.outstanding),
        "lent": formats.money(contract.released),
        "day": formats.day(contract.as_of),
        "last": formats.day(last),
    }
    return balance_chart(
        key="left", title=_("What is left to pay"), finding=finding, planned=planned, paid=paid, today=contract.as_of
    )


def _with_those_of_fees_alone(
    contract: finance.ContractView, entries: list[ledger.EntryView]
) -> list[ledger.EntryView]:
    """A repayment of fees and interest moves nothing on the loan's own account, and belongs here all the same."""
    known = {entry.ref for entry in entries}
    paid = {ref: one for one in contract.repayments for ref in (one.entry_ref, one.undone_by) if ref}
    more = [ledger.entry(ref) for ref in paid if ref not in known]
    return sorted([*entries, *more], key=lambda entry: (entry.occurred_on, entry.number), reverse=True)


def _entry_rows(
    contract: finance.ContractView, entries: list[ledger.EntryView], called: dict[str, str]
) -> list[dict[str, Any]]:
    """Entries of the contract's own account, latest first, with what was left after each."""
    repaid = {str(one.entry_ref): one for one in contract.repayments}
    undone = {str(one.undone_by): one for one in contract.repayments if one.undone_by}
    paid_out = {str(one.entry_ref): one for one in contract.tranches if one.entry_ref}
    left = contract.outstanding.amount_minor if contract.kind is finance.ContractKind.LOAN else None
    rows = []
    for entry in entries:
        moved = sum(line.amount_minor for line in entry.lines if line.account_ref == contract.account_ref)
        repayment, back = repaid.get(entry.ref), undone.get(entry.ref)
        what, receipt = entry.memo, ""
        given, taken = (moved if moved > 0 else None), (-moved if moved < 0 else None)
        if repayment is not None:
            what, receipt, taken = _split_words(repayment), repayment.receipt, repayment.amount.amount_minor
        elif back is not None:
            what = _("Put right: receipt %(receipt)s") % {"receipt": back.receipt}
        elif entry.ref in paid_out:
            what = _("Tranche %(n)s paid out") % {"n": paid_out[entry.ref].number}
        rows.append(
            {
                "entry": entry,
                "what": what,
                "receipt": receipt,
                "repayment": repayment,
                "is_undone": repayment is not None and repayment.undone_by is not None,
                "by": called.get(entry.by, entry.by),
                "given": given,
                "taken": taken,
                "left": left,
            }
        )
        if left is not None:
            left -= moved
    return rows


def _split_words(one: finance.RepaymentView) -> str:
    """19,889.01 principal, 1,434.70 interest: parts that are zero are not named."""
    currency = one.amount.currency
    parts = (
        (one.penalty, _("%(amount)s late fee")),
        (one.fee, _("%(amount)s fee")),
        (one.interest, _("%(amount)s interest")),
        (one.principal, _("%(amount)s principal")),
    )
    said = [text % {"amount": formats.amount(part.amount_minor, currency)} for part, text in parts if part.amount_minor]
    return _("Repayment: %(parts)s") % {"parts": ", ".join(reversed(said))} if said else _("Repayment")


def _tranche_row(
    one: finance.TrancheView, called: dict[str, str], may: dict[str, bool], actor: Actor
) -> dict[str, Any]:
    text, kind = words.TRANCHES[one.state]
    return {
        "one": one,
        "tag": text,
        "kind": kind,
        "prepared_by": called.get(one.prepared_by, ""),
        "released_by": called.get(one.released_by, ""),
        "may_prepare": may["prepare"] and one.state is finance.TrancheState.PLANNED,
        "may_release": (may["release"] or may["approve"])
        and one.state is finance.TrancheState.PREPARED
        and one.prepared_by != actor.key,
    }


def _write_off(contract: finance.ContractView, called: dict[str, str]) -> dict[str, Any] | None:
    found = contract.write_off
    if found is None:
        return None
    return {
        "one": found,
        "prepared_by": called.get(found.prepared_by, ""),
        "approved_by": called.get(found.approved_by, ""),
        "is_open": found.entry_ref is None,
    }


def _terms(contract: finance.ContractView, fund: str, called: dict[str, str]) -> list[tuple[str, str]]:
    """The list of terms beside the schedule."""
    terms = contract.terms
    rows = [(_("Product"), contract.product_title), (_("Opened"), formats.day(contract.opened_on))]
    if fund:
        rows.insert(0, (_("Fund"), fund))
    deciders = {key for one in contract.conditions for key in one.decided_by}
    if deciders:
        rows.append((_("Decided by"), ngettext("%(n)s person", "%(n)s people", len(deciders)) % {"n": len(deciders)}))
    if contract.kind is finance.ContractKind.LOAN:
        grace = int(terms.get("grace_instalments") or 0)
        penalty = str(terms.get("penalty_percent") or "0")
        fee = str(terms.get("fee_percent") or "0")
        rows.append((_("Interest"), words.rate(terms)))
        rows.append((_("Payments"), str(words.RHYTHMS.get(str(terms.get("rhythm")), terms.get("rhythm", "")))))
        if contract.schedule:
            rows.append((_("First payment"), formats.day(contract.schedule[0].due_on)))
            last = [line for line in contract.schedule if not line.is_extra][-1]
            rows.append((_("Last payment"), formats.day(last.due_on)))
            if contract.is_rescheduled:
                rows.append((_("Plan"), _("Planned anew since it was agreed")))
        paid_first = ngettext("%(n)s payment without principal", "%(n)s payments without principal", grace)
        grace_words = paid_first % {"n": grace} if grace else _("None")
        rows.append((_("Grace"), grace_words))
        if fee not in ("0", "0.0"):
            rows.append((_("Fee"), words.percent(fee)))
        late = _("%(rate)s after %(days)s days") % {
            "rate": words.percent(penalty),
            "days": terms.get("penalty_after_days", 7),
        }
        rows.append((_("Late fee"), late if penalty not in ("0", "0.0") else _("None")))
    rows.append((_("Prepared by"), called.get(contract.prepared_by, "")))
    return rows


def _schedule_file(contract: finance.ContractView, name: str) -> HttpResponse:
    head = [
        (_("No."), _("Number of the payment")),
        (_("Due"), _("Day on which it is due")),
        (_("Principal"), _("Part that pays back what was lent")),
        (_("Interest"), _("Part that is interest")),
        (_("Fees"), _("Fees and late fees")),
        (_("Payment"), _("Everything due with this payment")),
        (_("Paid"), _("What was paid of it")),
        (_("Left after"), _("Principal left by plan after this payment")),
        (_("State"), _("Paid, late, or to come")),
    ]
    currency = contract.amount.currency

    def money(minor: int) -> Money:
        return Money(minor, currency)

    return spreadsheet(
        str(contract.ref),
        head,
        (
            (
                _("Late fee") if line.is_extra else line.number,
                line.due_on,
                money(line.principal_minor),
                money(line.interest_minor),
                money(line.fee_minor + line.penalty_minor),
                money(line.due_minor),
                money(line.paid_minor),
                money(line.left_after_minor),
                words.mark(line)[0],
            )
            for line in contract.schedule
        ),
        about=(name, words.headline(contract), _("Amounts in %(currency)s") % {"currency": currency}),
    )


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"
