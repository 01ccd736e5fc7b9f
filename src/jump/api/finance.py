"""Loans and grants: read a contract, look at what a repayment will do, post it."""

import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from jump.api.common import IdempotencyKey, MoneyOut, actor_of
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance

router = Router(auth=Token())


class RepaymentIn(Schema):
    amount_minor: int = Field(gt=0, le=10**15)
    currency: str = Field(pattern="^[A-Z]{3}$")
    on: datetime.date
    receipt: str = Field(min_length=1, max_length=60, description="Number of the paper receipt")


class PreviewOut(Schema):
    fee: MoneyOut
    penalty: MoneyOut
    interest: MoneyOut
    principal: MoneyOut
    owed_after: MoneyOut


class RepaymentOut(PreviewOut):
    ref: str
    entry_ref: str


class InstalmentOut(Schema):
    number: int
    due_on: datetime.date
    principal_minor: int
    interest_minor: int


class ContractOut(Schema):
    ref: str
    kind: str
    product: str
    party_ref: str
    amount: MoneyOut
    scope: str
    state: str


def _contract(view: Any) -> ContractOut:
    return ContractOut(
        ref=view.ref,
        kind=str(view.kind),
        product=view.product,
        party_ref=view.party_ref,
        amount=MoneyOut.of(view.amount),
        scope=view.scope,
        state=str(view.state),
    )


def _split(view: Any) -> dict[str, MoneyOut]:
    return {
        name: MoneyOut.of(getattr(view, name)) for name in ("fee", "penalty", "interest", "principal", "owed_after")
    }


@router.get("/contracts/{ref}", response={200: ContractOut, REFUSED: Problem}, summary="A loan or grant")
def get_contract(request: HttpRequest, ref: str) -> Any:
    return _contract(finance.contract(actor_of(request), Ref(ref)))


@router.post(
    "/contracts/{ref}/repayments/preview", response={200: PreviewOut, REFUSED: Problem}, summary="What will happen"
)
def post_preview(request: HttpRequest, ref: str, body: RepaymentIn) -> Any:
    """Nothing is saved."""
    money = Money(body.amount_minor, body.currency)
    view = finance.preview_repayment(actor_of(request), contract_ref=Ref(ref), amount=money, on=body.on)
    return PreviewOut(**_split(view))


@router.post("/contracts/{ref}/repayments", response={201: RepaymentOut, REFUSED: Problem}, summary="Post a repayment")
def post_repayment(request: HttpRequest, ref: str, body: RepaymentIn, key: IdempotencyKey) -> Any:
    """The same key with the same content posts once, whatever the network did."""
    view = finance.repay(
        actor_of(request),
        contract_ref=Ref(ref),
        amount=Money(body.amount_minor, body.currency),
        on=body.on,
        receipt=body.receipt,
        key=key,
    )
    return 201, RepaymentOut(ref=view.ref, entry_ref=view.entry_ref, **_split(view))
