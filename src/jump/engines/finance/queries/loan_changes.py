"""A new plan of a loan before anybody agrees to it: the schedule as it is beside what it would become."""

from __future__ import annotations

from datetime import date
from typing import Any

from jump.base import clock
from jump.base.actors import Actor
from jump.core.schedules import LineKind, LoanAccount, Part, Schedule, with_balances
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanFact
from jump.engines.finance.models.refusals import NoSuchInstalment, NothingChanges, TermsImpossible, WrongState
from jump.engines.finance.queries.contracts import contract_row, fact_view
from jump.engines.finance.queries.loans import LoanFile, loan_file, rescheduled
from jump.engines.finance.types import ContractState
from jump.engines.finance.types.loans import LoanFactView, NewPlan, PlanLine, ReschedulePreview


def preview_reschedule(actor: Actor, *, contract_ref: Ref, plan: NewPlan, on: date | None = None) -> ReschedulePreview:
    """Both schedules side by side; saves nothing. Refuses as the service would."""
    row = contract_row(actor, contract_ref)
    file = loan_file(row)
    if file is None or row.state != ContractState.RUNNING:
        raise WrongState(state=row.state)
    after = changed_file(file, plan, on or clock.today())
    try:
        return ReschedulePreview(row.currency, plan_lines(file.plan()), plan_lines(after.plan()))
    except ValueError as wrong:
        raise TermsImpossible(why=str(wrong)) from wrong


def changed_file(file: LoanFile, plan: NewPlan, on: date) -> LoanFile:
    """The loan with a new plan agreed on a day; refused where the plan changes nothing or begins nowhere."""
    if plan.is_nothing:
        raise NothingChanges()
    lines = [line for line in file.account(file.day(on)).instalments if line.kind is LineKind.REGULAR]
    first = next((line for line in lines if line.due_on == plan.from_on), None)
    moves_back = first is not None and plan.due_on is not None and plan.due_on <= first.from_on
    if first is None or not first.open_minor or moves_back or min(plan.extra_terms, plan.grace_principal) < 0:
        raise NoSuchInstalment(from_on=plan.from_on.isoformat())
    return file.with_facts(rescheduled(plan, on=on, ref="plan"))


def kept_plan(plan: NewPlan) -> dict[str, Any]:
    """A new plan as it is kept with its fact."""
    return {
        "from_on": plan.from_on.isoformat(),
        "due_on": plan.due_on.isoformat() if plan.due_on else None,
        "extra_terms": plan.extra_terms,
        "rate_yearly": None if plan.rate_yearly is None else str(plan.rate_yearly),
        "grace_principal": plan.grace_principal,
        "grace_interest": plan.grace_interest,
    }


def plan_lines(table: Schedule) -> tuple[PlanLine, ...]:
    return tuple(
        PlanLine(
            number=line.number,
            due_on=line.due_on,
            principal_minor=line.principal_minor,
            interest_minor=line.interest_minor,
            fee_minor=line.fee_minor,
            left_after_minor=line.balance_minor,
        )
        for line in table.instalments
    )


def loan_fact(actor: Actor, ref: Ref) -> LoanFactView:
    """One waiver, refund, new plan or taking back, if this actor may see the loan."""
    from jump.base.refusals import NotFound

    visible = Contract.objects.visible_to(actor).values("pk")
    one = LoanFact.objects.filter(ref=ref, contract__in=visible).select_related("contract").first()
    if one is None:
        raise NotFound(ref=ref)
    is_undone = LoanFact.objects.filter(target=one.ref).exists()
    return fact_view(one, one.contract, is_undone=is_undone)


def open_lines(account: LoanAccount) -> tuple[PlanLine, ...]:
    """The payments that are still open, as a new plan may begin with them."""
    found = []
    for line, balance in with_balances(account.instalments, account.disbursements):
        if line.kind is LineKind.REGULAR and line.open_minor:
            due = line.due
            found.append(
                PlanLine(line.number, line.due_on, due[Part.PRINCIPAL], due[Part.INTEREST], due[Part.FEE], balance)
            )
    return tuple(found)
