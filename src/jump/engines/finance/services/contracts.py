"""Opening contracts and telling them what has become true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.packages import Definition, definition
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.calendars import RHYTHMS, Unit
from jump.core.money import Money, allocate
from jump.core.schedules import DEFAULTS
from jump.core.units import Ref
from jump.engines.finance.models import Condition, Contract, Fund, GrantException, Reservation, Tranche
from jump.engines.finance.models.budget_refusals import AmountFixed, ProofMissing, ProvisionHeld, UseNotAllowed
from jump.engines.finance.models.ownership_refusals import FoundersDiffer
from jump.engines.finance.models.refusals import (
    AboveLimit,
    KeyReused,
    LenderAvailable,
    ProductNotThis,
    SamePerson,
    TermsImpossible,
    WrongCurrency,
    WrongState,
)
from jump.engines.finance.queries.budgets import free_of_cell
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.contracts import contract_row
from jump.engines.finance.queries.funds import capital_minor, fund_row, rules_of
from jump.engines.finance.queries.ownership import founders_test, register_of_enterprise
from jump.engines.finance.queries.rates import convert, rate_on
from jump.engines.finance.services.funds import budget_cell, require_free, require_free_cell
from jump.engines.finance.services.guarantees import release_for_settled
from jump.engines.finance.services.loan_terms import check_terms
from jump.engines.finance.types import ContractKind, ContractState, TrancheState

NO_LENDER = "no_lender"


def open_contract(
    actor: Actor,
    *,
    product: str,
    party_ref: Ref,
    amount: Money,
    scope: str,
    purpose: str,
    on: date,
    key: str,
    fund_ref: Ref | None = None,
    budget: Mapping[str, str] | None = None,
    cause_ref: Ref | None = None,
    terms: Mapping[str, Any] | None = None,
    reservation_key: str = "",
) -> Ref:
    """Promise money to a party under a product, out of a fund or out of a budget cell. Nothing is paid yet.

    Conditions and tranches come from the product; a running contract keeps them if the package changes. `budget`
    names stage, type, line, source and activity; `terms` may set instalments, grace_months, rate_yearly and the
    like within the product's limits; `reservation_key` takes up what a decision held.
    """
    require(actor, "finance.prepare", scope)
    declared = definition("product", product)
    if declared.data["kind"] not in {one.value for one in ContractKind}:
        raise ProductNotThis(product=declared.id, kind=declared.data["kind"])
    kind = ContractKind(declared.data["kind"])
    with write_transaction():
        known = Contract.objects.filter(key=key).first()
        if known is not None:
            same = (known.product, known.party, known.amount_minor, known.currency)
            if same != (declared.id, str(party_ref), amount.amount_minor, amount.currency):
                raise KeyReused(key=key)
            return Ref(known.ref)
        check_amount(amount, _currency(declared, amount))
        _within_product(declared, amount, on)
        _as_each(declared, amount)
        _asks_for_no_lender(declared)
        agreed = _agreed_terms(declared, terms or {})
        row = Contract(
            kind=kind.value,
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            party=party_ref,
            currency=amount.currency,
            amount_minor=amount.amount_minor,
            purpose=purpose[:300],
            cause=cause_ref or "",
            terms=agreed,
            opened_on=on,
            prepared_by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        held = _held(reservation_key, amount)
        if fund_ref is not None:
            _from_fund(actor, row, fund_ref, declared, held)
        else:
            _from_budget(actor, row, {"scope": scope, **_asked_cell(declared, budget)}, on, held)
        if kind is ContractKind.LOAN:
            check_terms(row, row.amount_minor, on)
        row.save()
        _make_tranches(row, declared)
        if held is not None:
            Reservation.objects.filter(pk=held.pk).update(state=Reservation.USED)
        record(
            actor, "finance.open_contract", row.ref, facts={"product": declared.id, "amount_minor": row.amount_minor}
        )
    return Ref(row.ref)


def meet_condition(
    actor: Actor,
    *,
    contract_ref: Ref,
    condition: str,
    proof_ref: Ref,
    decided_by: Sequence[str] = (),
    on: date,
) -> Ref:
    """Tell a contract that one of its conditions is met, with the proof and who decided it. Told twice is told once.

    `decided_by` are keys of actors ("user:12"): none of them may release the money. Whoever prepared the contract
    cannot be the only one who approves it.
    """
    with write_transaction():
        row = contract_row(actor, contract_ref)
        require(actor, "finance.prepare", row.scope.path)
        one = row.conditions.filter(code=condition).first()
        if one is None:
            raise NotFound(ref=f"{contract_ref} {condition}")
        if one.met_on is not None:
            return Ref(one.ref)
        if condition == NO_LENDER:
            _check_no_lender(row, proof_ref)
        if one.text.get("met_by") == "evidence" and not proof_ref:
            raise ProofMissing(condition=condition, contract=row.ref)
        if Ref(proof_ref).kind == "shr":
            _check_founders(actor, row, Ref(proof_ref), on)
        if decided_by and set(decided_by) == {row.prepared_by}:
            raise SamePerson(doing="approve", did="prepare")
        tell(one, proof_ref=proof_ref, decided_by=decided_by, on=on, by=actor.key)
        record(actor, "finance.meet_condition", row.ref, facts={"condition": condition, "proof": proof_ref})
    return Ref(one.ref)


def _check_founders(actor: Actor, row: Contract, register_ref: Ref, on: date) -> None:
    """A register proves that an enterprise belongs to those who conceived it only if it is theirs, and says so."""
    if str(register_ref) != str(register_of_enterprise(actor, Ref(row.party))):
        raise NotFound(ref=register_ref)
    test = founders_test(actor, register_ref=register_ref, on=on)
    if test is None or not test.is_met:
        raise FoundersDiffer(
            without_shares=", ".join(test.without_shares) if test else "",
            others=", ".join(test.others) if test else "",
        )


def tell(one: Condition, *, proof_ref: Ref, decided_by: Sequence[str], on: date, by: str) -> None:
    """Write down that a condition is met. For the services of this engine."""
    one.met_on, one.proof, one.decided_by, one.told_by = on, proof_ref, list(decided_by), by
    one.save()


def cancel_contract(actor: Actor, *, contract_ref: Ref, why: str, on: date) -> None:
    """Give up a contract of which nothing was paid; what it had promised is free again."""
    with write_transaction():
        row = Contract.objects.locked().get(pk=contract_row(actor, contract_ref).pk)
        require(actor, "finance.approve", row.scope.path)
        if row.state == ContractState.CANCELLED:
            return
        if row.state != ContractState.WAITING:
            raise WrongState(state=row.state)
        row.state, row.settled_on = ContractState.CANCELLED.value, on
        row.save(update_fields=["state", "settled_on"])
        row.tranches.update(state=TrancheState.CANCELLED.value)
        release_for_settled(row, on)
        record(actor, "finance.cancel_contract", row.ref, why=why)


# --- inside -------------------------------------------------------------------------------------------------


def _currency(declared: Definition, amount: Money) -> str:
    wanted = str(declared.data.get("currency", "any"))
    return amount.currency if wanted == "any" else wanted


def _within_product(declared: Definition, amount: Money, on: date) -> None:
    limit = declared.data.get("amount_max_minor")
    if limit is None:
        return
    currency = str(declared.data.get("amount_max_currency") or amount.currency)
    most = convert(Money(int(limit), currency), amount.currency, on)
    if amount > most:
        raise AboveLimit(
            asked_minor=amount.amount_minor,
            limit_minor=most.amount_minor,
            currency=amount.currency,
            rule=f"{declared.id} amount_max",
        )


def _as_each(declared: Definition, amount: Money) -> None:
    """Where every award is of one amount, it is this one."""
    each = declared.data.get("amount_each_minor")
    if each is not None and amount.amount_minor != int(each):
        raise AmountFixed(
            each_minor=int(each), asked_minor=amount.amount_minor, currency=amount.currency, product=declared.id
        )


def _agreed_uses(declared: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a grant may be used for: the product's categories, or those of them that were agreed."""
    uses = {str(one["id"]): dict(one["title"]) for one in declared.data.get("uses") or ()}
    agreed = [str(one) for one in given.get("uses") or uses]
    if not set(agreed) <= set(uses):
        raise UseNotAllowed(allowed=", ".join(uses), asked=", ".join(agreed))
    return {code: uses[code] for code in agreed}


def _asks_for_no_lender(declared: Definition) -> None:
    """A product for where no lender lends asks for the proof before its first payment (000, 11.1(8))."""
    if not declared.data.get("needs_no_lender"):
        return
    first = declared.data["tranches"][0].get("conditions", [])
    named = {code for tranche in declared.data["tranches"] for code in tranche.get("conditions", [])}
    asked = {condition["id"] for condition in declared.data["conditions"]}
    if NO_LENDER not in asked or (NO_LENDER in named and NO_LENDER not in first):
        raise LenderAvailable(product=declared.id)


def _check_no_lender(row: Contract, proof_ref: Ref) -> None:
    """That no lender lends is proved by a paper; where it is a record of refusals, by one about this very party."""
    if not proof_ref or proof_ref in (row.ref, row.party):
        raise LenderAvailable(contract=row.ref)
    if Ref(proof_ref).kind == "gex" and not GrantException.objects.filter(ref=proof_ref, party=row.party).exists():
        raise LenderAvailable(contract=row.ref, proof=proof_ref)


def _agreed_terms(declared: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    """The product's terms with what was agreed otherwise, checked against its limits."""
    data = declared.data
    if data["kind"] != ContractKind.LOAN:
        return {
            "unproved_limit_percent": str(data.get("unproved_limit_percent", "10")),
            "line": str(data.get("budget_line", "")),
            "approval": str(data.get("approval", "")),
            "uses": _agreed_uses(declared, given),
        }
    agreed = {name: given.get(name, data.get(name, usual)) for name, usual in DEFAULTS.items()}
    agreed["approval"] = str(data.get("approval", ""))
    months = int(given.get("grace_months", data.get("grace_months", 0)))
    for name, value, limit in (
        ("instalments", int(agreed["instalments"]), data.get("instalments_max")),
        ("grace_months", months, data.get("grace_months_max")),
    ):
        if limit is not None and value > int(limit):
            raise AboveLimit(asked_minor=value, limit_minor=int(limit), currency="", rule=f"{declared.id} {name}")
    every, unit = RHYTHMS.get(str(agreed["rhythm"]), (1, Unit.MONTHS))
    if not months:
        agreed["grace_instalments"] = int(given.get("grace_instalments", data.get("grace_instalments", 0)))
    elif unit is Unit.MONTHS:
        agreed["grace_instalments"] = months // every
    else:
        raise TermsImpossible(why="a grace in months needs a rhythm in months")
    for name in ("rate_yearly", "fee_percent", "penalty_percent", "own_contribution_percent"):
        agreed[name] = str(Decimal(str(agreed[name])))
    return agreed


def _asked_cell(declared: Definition, budget: Mapping[str, str] | None) -> dict[str, str]:
    data = declared.data
    asked = {"type": str(data.get("type", "")), "line": str(data.get("budget_line", ""))}
    return {**asked, **{name: value for name, value in (budget or {}).items() if value}}


def _held(reservation_key: str, amount: Money) -> Reservation | None:
    if not reservation_key:
        return None
    held = Reservation.objects.filter(key=reservation_key, state=Reservation.HELD).first()
    if held is None:
        raise NotFound(ref=reservation_key)
    return held


def _from_fund(actor: Actor, row: Contract, fund_ref: Ref, declared: Definition, held: Reservation | None) -> None:
    """A fund's own rules: its currency, what is free, how much one borrower may owe, grants only where nobody lends."""
    fund = Fund.objects.locked().get(pk=fund_row(actor, fund_ref).pk)
    if fund.currency != row.currency:
        raise WrongCurrency(expected=fund.currency, given=row.currency)
    rules = rules_of(fund, row.opened_on)
    require_free(fund, row.amount_minor, besides_minor=held.amount_minor if held and held.fund_id == fund.pk else 0)
    share = rules.get("one_borrower_share_max")
    if row.kind == ContractKind.LOAN and share:
        limit = int(capital_minor(fund) * share)
        owed = _owed_by(fund, row.party)
        if owed + row.amount_minor > limit:
            raise AboveLimit(
                asked_minor=owed + row.amount_minor,
                limit_minor=limit,
                currency=fund.currency,
                rule="one_borrower_share_max",
            )
    if row.kind == ContractKind.GRANT and rules.get("start_up_grant_needs_no_lender"):
        if NO_LENDER not in {condition["id"] for condition in declared.data["conditions"]}:
            raise LenderAvailable(product=declared.id)
    row.fund = fund


def _owed_by(fund: Fund, party: str) -> int:
    """Principal that a party owes the fund or has been promised by it."""
    from jump.engines.ledger import api as ledger

    total = 0
    running = Contract.objects.filter(fund=fund, party=party, kind=ContractKind.LOAN)
    for row in running.filter(state__in=[ContractState.WAITING, ContractState.RUNNING]):
        total += ledger.balance(Ref(row.account)) if row.account else row.amount_minor
    return total


def _from_budget(actor: Actor, row: Contract, asked: Mapping[str, str], on: date, held: Reservation | None) -> None:
    """A commitment: the cell must still have it, in the budget's currency at the day's rate."""
    cell = budget_cell(actor, asked)
    if not asked.get("stage"):
        cell = _cell_with_most_left(cell)
    if cell.line and cell.line in (cell.budget.rules.get("provision_lines") or ()):
        raise ProvisionHeld(line=cell.line)
    rate = rate_on(row.currency, cell.budget.currency, on)
    in_budget = convert(Money(row.amount_minor, row.currency), cell.budget.currency, on).amount_minor
    besides = held.amount_minor if held and held.cell_id == cell.pk else 0
    require_free_cell(cell, in_budget, besides_minor=besides)
    exact = Decimal(in_budget) / Decimal(row.amount_minor)
    row.cell = cell
    row.labels = {
        "line": asked.get("line", "") or cell.line,
        "stage": asked.get("stage", "") or _first_stage(cell),
        "type": cell.type,
        "source": asked.get("source", ""),
        "activity": asked.get("activity", ""),
        "rate": str(exact),
        "rate_major": str(rate),
    }


def _cell_with_most_left(cell: Any) -> Any:
    """Of the cells of the same place and type, one per stage, the first with money left."""
    from jump.engines.finance.models import BudgetCell

    same = BudgetCell.objects.select_related("budget__scope").filter(
        budget=cell.budget, place=cell.place, type=cell.type, line=cell.line
    )
    order = [one["id"] for one in cell.budget.rules.get("stages", [])]
    ranked = sorted(same, key=lambda one: (order.index(one.stage) if one.stage in order else len(order), one.pk))
    return max(ranked, key=lambda one: (free_of_cell(one), -ranked.index(one)))


def _first_stage(cell: Any) -> str:
    for one in cell.budget.rules.get("stages", []):
        if one["id"] == cell.stage and one.get("covers"):
            return str(one["covers"][-1])
    return str(cell.stage)


def _make_tranches(row: Contract, declared: Definition) -> None:
    """Tranches and conditions as the product declares them; a condition no tranche names holds back every payment."""
    tranches = declared.data["tranches"]
    parts = allocate(row.amount_minor, [int(tranche["percent"]) for tranche in tranches])
    first_needing: dict[str, int] = {}
    for number, tranche in enumerate(tranches, start=1):
        for code in tranche.get("conditions", []):
            first_needing.setdefault(code, number)
    Tranche.objects.bulk_create(
        Tranche(contract=row, number=number, amount_minor=part)
        for number, part in enumerate(parts, start=1)
        if part > 0
    )
    Condition.objects.bulk_create(
        Condition(
            contract=row,
            code=condition["id"],
            text={**condition["text"], "met_by": condition.get("met_by", "")},
            tranche=first_needing.get(condition["id"]),
        )
        for condition in declared.data["conditions"]
    )
