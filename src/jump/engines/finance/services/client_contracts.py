"""Contracts with clients: written by one person, agreed point by point, signed by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput
from jump.base.scopes import node_id
from jump.core.jobs import FTE_DAYS_PER_YEAR
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import BelowPayFloor, CannotNow, ChecklistOpen
from jump.engines.finance.models.pay_runs import ClientContract
from jump.engines.finance.models.refusals import KeyReused, SamePerson, WrongCurrency
from jump.engines.finance.queries.pay_runs import (
    checklist_of,
    client_contract,
    client_contract_row,
    hours_per_day,
    rates_of,
)
from jump.engines.finance.services.savings import group_book, product_of
from jump.engines.finance.types.pay_runs import ClientContractState, ClientContractView, PayBasis, TaskRate
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger

# What a product leaves out: our defaults (methods 02, 2.1). Wages within 7 days of the end of the period [K].
TERMS: Mapping[str, str] = {
    "hours_per_day": "8",
    "full_time_days": str(FTE_DAYS_PER_YEAR),
    "contribution_share": "0",
    "cooperative_share": "0",
    "retention_share": "0",
    "payment_days": "30",
    "pay_within_days": "7",
}


def open_client_contract(
    actor: Actor,
    *,
    product: str,
    title: str,
    work: str,
    safety: str,
    cooperative_ref: Ref,
    client_ref: Ref,
    scope: str,
    currency: str,
    rates: Sequence[TaskRate],
    floor_daily: Money,
    starts_on: date,
    ends_on: date,
    key: str,
    terms: Mapping[str, str | int] | None = None,
) -> Ref:
    """Write down a contract with a client: what is done, at which rates, in which time, how people are kept safe.

    `floor_daily` is the lowest pay of a day: the law's, or the co-operative's own where that is higher. The product's
    deductions, charges and checklist are copied and stay with the contract if the package changes.
    """
    declared = product_of(product, ProductKind.CLIENT_CONTRACT)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = ClientContract.objects.filter(key=key).first()
        if known is not None:
            if (known.title, known.client) != (title[:200], str(client_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        _check_words(work, safety, starts_on, ends_on)
        _check_rates(rates, floor_daily, currency)
        said = declared.data["client_contract"]
        agreed = {name: str(said.get(name, usual)) for name, usual in TERMS.items()}
        agreed |= {name: str(value) for name, value in (terms or {}).items() if name in TERMS}
        row = ClientContract.objects.create(
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            title=title[:200],
            work=work,
            safety=safety,
            cooperative=cooperative_ref,
            client=client_ref,
            book=group_book(actor, cooperative_ref, scope, currency),
            currency=currency,
            rates=[
                {
                    "task": one.task,
                    "basis": one.basis.value,
                    "pay_minor": one.pay.amount_minor,
                    "bill_minor": one.bill.amount_minor,
                }
                for one in rates
            ],
            terms=agreed,
            charges=[{**dict(one), "percent": str(one["percent"])} for one in said.get("charges", [])],
            checklist=[dict(one) for one in said["checklist"]],
            floor_daily_minor=floor_daily.amount_minor,
            starts_on=starts_on,
            ends_on=ends_on,
            prepared_by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.open_client_contract", row.ref, facts={"client": str(client_ref)})
    return Ref(row.ref)


def agree_checklist(actor: Actor, *, contract_ref: Ref, agreed: Mapping[str, str]) -> ClientContractView:
    """Write down what was agreed on points of the checklist; an empty text opens a point again."""
    with ledger.posting_transaction():
        row = _locked(actor, contract_ref)
        require(actor, "finance.prepare", row.scope.path)
        if row.state != ClientContractState.DRAFT:
            raise CannotNow(why=_("the contract is signed"))
        known = {one["id"] for one in row.checklist}
        strange = sorted(set(agreed) - known)
        if strange:
            raise BadInput({"checklist": [_("There is no point %(id)s.") % {"id": strange[0]}]})
        row.agreed = {**row.agreed, **{name: text.strip() for name, text in agreed.items()}}
        row.save(update_fields=["agreed"])
        record(actor, "finance.agree_checklist", row.ref, facts={"points": sorted(agreed)})
        return client_contract(actor, contract_ref)


def sign_client_contract(
    actor: Actor, *, contract_ref: Ref, on: date, paper_ref: Ref | None = None
) -> ClientContractView:
    """Sign as the second person. Refused while a point of the checklist is open, or where a day's pay, after what is
    left with the co-operative, is below the lowest pay.
    """
    with ledger.posting_transaction():
        row = _locked(actor, contract_ref)
        if not can(actor, "finance.approve", row.scope.path):
            require(actor, "finance.release", row.scope.path)
        if row.state == ClientContractState.SIGNED:
            return client_contract(actor, contract_ref)
        if row.state != ClientContractState.DRAFT:
            raise CannotNow(why=_("the contract is over"))
        if row.prepared_by == actor.key:
            raise SamePerson(doing="sign", did="write", contract=row.ref)
        waiting = [one for one in checklist_of(row) if not one.is_met]
        if waiting:
            raise ChecklistOpen(items="; ".join(one.text for one in waiting), open=[one.id for one in waiting])
        _check_floor(row)
        row.state, row.signed_on, row.signed_by = ClientContractState.SIGNED.value, on, actor.key
        row.paper = paper_ref or ""
        row.save(update_fields=["state", "signed_on", "signed_by", "paper"])
        record(actor, "finance.sign_client_contract", row.ref, facts={"on": on.isoformat()})
        return client_contract(actor, contract_ref)


def end_client_contract(actor: Actor, *, contract_ref: Ref, on: date, why: str) -> None:
    """End a contract: no muster roll is written for it any more. What is owed stays owed."""
    with ledger.posting_transaction():
        row = _locked(actor, contract_ref)
        require(actor, "finance.approve", row.scope.path)
        if row.state == ClientContractState.ENDED:
            return
        if row.state != ClientContractState.SIGNED:
            raise CannotNow(why=_("the contract is not signed"))
        row.state, row.ends_on = ClientContractState.ENDED.value, max(row.starts_on, min(row.ends_on, on))
        row.save(update_fields=["state", "ends_on"])
        record(actor, "finance.end_client_contract", row.ref, why=why)


# --- inside -------------------------------------------------------------------------------------------------


def _locked(actor: Actor, ref: Ref) -> ClientContract:
    return lock(client_contract_row(actor, ref))


def _check_words(work: str, safety: str, starts_on: date, ends_on: date) -> None:
    errors = {}
    if not work.strip():
        errors["work"] = [_("Say what is to be done.")]
    if not safety.strip():
        errors["safety"] = [_("Say how people are kept safe and who provides what.")]
    if ends_on < starts_on:
        errors["ends_on"] = [_("The end must not be before the start.")]
    if errors:
        raise BadInput(errors)


def _check_rates(rates: Sequence[TaskRate], floor: Money, currency: str) -> None:
    if not rates or len({one.task for one in rates}) != len(rates) or any(not one.task for one in rates):
        raise BadInput({"rates": [_("Name each task once, with its rates.")]})
    for given in (floor, *(one.pay for one in rates), *(one.bill for one in rates)):
        if given.currency != currency:
            raise WrongCurrency(expected=currency, given=given.currency)
        if given.amount_minor <= 0:
            raise BadInput({"rates": [_("A rate is more than nothing.")]})


def _check_floor(row: ClientContract) -> None:
    kept = 1 - Fraction(Decimal(row.terms["cooperative_share"]))
    for one in rates_of(row):
        if one.basis is PayBasis.PIECE:
            continue  # seen on the wage sheet, where the hours are known
        per_day = Fraction(one.pay.amount_minor) * (Fraction(hours_per_day(row)) if one.basis is PayBasis.HOUR else 1)
        if per_day * kept < row.floor_daily_minor:
            raise BelowPayFloor(
                rate_minor=int(per_day * kept),
                floor_minor=row.floor_daily_minor,
                who=one.task,
                currency=row.currency,
            )
