"""What happened to a loan, in words and in the order of its days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.money import words

KINDS: dict[str, Any] = {
    "waiver": gettext_lazy("No longer asked for"),
    "refund": gettext_lazy("Given back"),
    "reschedule": gettext_lazy("New plan"),
    "charge_off": gettext_lazy("Booked as lost, still owed"),
    "undone": gettext_lazy("Taken back"),
}
PARTS: dict[str, Any] = {
    "penalty": gettext_lazy("late fees"),
    "fee": gettext_lazy("fees"),
    "interest": gettext_lazy("interest"),
}


def what(one: finance.LoanFactView) -> str:
    """No longer asked for: late fees. New plan: from 27 January 2004 on, 2 payments more."""
    if one.kind == finance.LoanFactKind.WAIVER:
        return _("No longer asked for: %(part)s") % {"part": PARTS.get(one.part, one.part)}
    if one.kind == finance.LoanFactKind.RESCHEDULE and one.plan is not None:
        return _("New plan: %(changes)s") % {"changes": ", ".join(plan_words(one.plan))}
    if one.kind == finance.LoanFactKind.UNDONE:
        return _("Taken back: %(ref)s") % {"ref": one.target_ref}
    return str(KINDS[one.kind])


def plan_words(plan: finance.NewPlan) -> list[str]:
    said = [_("from the payment of %(day)s on") % {"day": formats.day(plan.from_on)}]
    if plan.due_on is not None and plan.due_on != plan.from_on:
        said.append(_("which moves to %(day)s") % {"day": formats.day(plan.due_on)})
    if plan.extra_terms:
        more = ngettext("%(n)s payment more", "%(n)s payments more", plan.extra_terms)
        said.append(more % {"n": plan.extra_terms})
    if plan.grace_principal:
        grace = ngettext("%(n)s payment of interest alone", "%(n)s payments of interest alone", plan.grace_principal)
        said.append(grace % {"n": plan.grace_principal})
    if plan.rate_yearly is not None:
        said.append(_("%(rate)s a year") % {"rate": words.percent(plan.rate_yearly * 100)})
    return said


def state_tag(one: finance.LoanFactView) -> tuple[str, str]:
    if one.is_undone:
        return _("Taken back"), ""
    if one.state == finance.LoanFactState.PREPARED:
        return _("Waits for a second person"), "warn"
    if one.state == finance.LoanFactState.DROPPED:
        return _("Given up"), ""
    return "", ""


def story(
    contract: finance.ContractView, called: Mapping[str, str], may: Mapping[str, bool], *, me: str
) -> list[dict[str, Any]]:
    """Everything that happened to a loan, first to last: money out, money in, and what people agreed."""
    rows: list[tuple[date, int, dict[str, Any]]] = []

    def add(on: date, rank: int, **row: Any) -> None:
        rows.append((on, rank, {"on": on, "tag": ("", ""), "why": "", "url": "", **row}))

    for tranche in contract.tranches:
        if tranche.released_on is not None:
            by = called.get(tranche.released_by, "")
            text = _("Tranche %(n)s paid out") % {"n": tranche.number}
            add(tranche.released_on, 0, what=text, amount=tranche.amount, by=by)
    for paid in contract.repayments:
        tag = (_("Taken back"), "") if paid.undone_by else ("", "")
        url = reverse("money:repayment", args=[paid.ref])
        text = _("Repayment, receipt %(receipt)s") % {"receipt": paid.receipt} if paid.receipt else _("Repayment")
        add(paid.on, 1, what=text, amount=paid.amount, by=called.get(paid.by, ""), url=url, tag=tag)
    for one in contract.loan_facts:
        by = ", ".join(called.get(key, key) for key in (one.prepared_by, one.agreed_by) if key)
        amount = one.amount if one.amount.amount_minor else None
        add(one.on, 2, what=what(one), amount=amount, by=by, why=one.why, tag=state_tag(one), acts=_acts(one, may, me))
    loss = contract.write_off
    if loss is not None and loss.on is not None:
        by = ", ".join(called.get(key, key) for key in (loss.prepared_by, loss.approved_by) if key)
        add(loss.on, 3, what=_("Written off"), amount=loss.amount, by=by, why=loss.why)
    return [row for _on, _rank, row in sorted(rows, key=lambda item: item[:2])]


def _acts(one: finance.LoanFactView, may: Mapping[str, bool], me: str) -> list[tuple[str, str]]:
    """What can be done with a fact now: label and address."""
    if one.state == finance.LoanFactState.PREPARED:
        agrees = may["approve"] or (one.kind == finance.LoanFactKind.REFUND and may["release"])
        is_second = agrees and one.prepared_by != me
        found = [(_("Look at it"), reverse("money:loan_fact_agree", args=[one.ref]))] if is_second else []
        if may["prepare"]:
            found.append((_("Give it up"), reverse("money:loan_fact_drop", args=[one.ref])))
        return found
    is_standing = one.state == finance.LoanFactState.AGREED and not one.is_undone
    if is_standing and one.kind != finance.LoanFactKind.UNDONE and may["approve"]:
        return [(_("Take it back"), reverse("money:loan_fact_undo", args=[one.ref]))]
    return []


def side_by_side(preview: finance.ReschedulePreview) -> list[dict[str, Any]]:
    """Both plans, payment by payment."""
    before = {line.number: line for line in preview.before}
    after = {line.number: line for line in preview.after}
    return [
        {
            "number": number,
            "before": before.get(number),
            "after": after.get(number),
            "changed": before.get(number) != after.get(number),
        }
        for number in range(1, max(len(preview.before), len(preview.after)) + 1)
    ]


def plan_rows(preview: finance.ReschedulePreview) -> list[tuple[str, str]]:
    """What a new plan comes to."""

    def money(minor: int) -> str:
        return formats.money(Money(minor, preview.currency))

    def interest(lines: tuple[finance.PlanLine, ...]) -> int:
        return sum(line.interest_minor for line in lines)

    rows = [
        (_("Last payment now"), formats.day(preview.before[-1].due_on)),
        (_("Last payment afterwards"), formats.day(preview.after[-1].due_on)),
        (_("Interest in all now"), money(interest(preview.before))),
        (_("Interest in all afterwards"), money(interest(preview.after))),
    ]
    more = preview.interest_more_minor
    if more > 0:
        rows.append((_("The borrower pays more"), money(more)))
    elif more < 0:
        rows.append((_("The borrower pays less"), money(-more)))
    return rows
