"""What declared data may cause in finance. Every function is safe to repeat: its key comes from the cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.outbox import Cause
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import services
from jump.engines.finance.models import Budget
from jump.engines.finance.models.refusals import AmountNotPositive
from jump.engines.finance.queries.contracts import asks_for
from jump.engines.finance.queries.funds import fund_for


def open_contract(
    cause: Cause,
    *,
    product: str,
    party_ref: str,
    scope: str,
    purpose: str = "",
    currency: str = "",
    amount: str | int | Decimal | None = None,
    amount_minor: int | None = None,
    fund_ref: str = "",
    budget: Mapping[str, str] | None = None,
    stage: str = "",
    line: str = "",
    source: str = "",
    activity: str = "",
    cause_ref: str = "",
    terms: Mapping[str, Any] | None = None,
    reservation_key: str = "",
) -> Mapping[str, Any]:
    """Open a contract for the subject of a case.

    `amount` is in major units as people write it; `amount_minor` in minor ones. Without a fund or a budget, the
    product's own budget type decides: a product with a `type` is paid from the budget cell of the place, any other
    from the nearest fund in the currency.
    """
    money = _money(amount, amount_minor, currency)
    asked = {**(budget or {}), **_named(stage=stage, line=line, source=source, activity=activity)}
    fund = Ref(fund_ref) if fund_ref else None
    if fund is None and not budget and not _pays_from_budget(product):
        fund = fund_for(cause.actor, scope=scope, currency=money.currency)
        if fund is None and not Budget.objects.exists():
            raise NotFound(ref=f"fund {scope} {money.currency}")
    ref = services.open_contract(
        cause.actor,
        product=product,
        party_ref=Ref(party_ref),
        amount=money,
        scope=scope,
        purpose=purpose,
        on=cause.on,
        key=f"contract:{cause.key}",
        fund_ref=fund,
        budget=None if fund else asked,
        cause_ref=Ref(cause_ref) if cause_ref else cause.ref,
        terms=terms,
        reservation_key=reservation_key,
    )
    return {"ref": ref}


def meet_condition(
    cause: Cause,
    *,
    contract_ref: str,
    condition: str,
    proof_ref: str | None = "",
    decided_by: Sequence[str] | str | None = (),
    on: str = "",
    if_asked: bool = False,
) -> Mapping[str, Any]:
    """Tell a contract that a condition is met; `decided_by` are the keys of those who decided or scored.

    With `if_asked` a contract whose product does not ask for this condition is left as it is.
    """
    if if_asked and not asks_for(Ref(contract_ref), condition):
        return {"ref": None}
    deciders = [decided_by] if isinstance(decided_by, str) and decided_by else list(decided_by or ())
    ref = services.meet_condition(
        cause.actor,
        contract_ref=Ref(contract_ref),
        condition=condition,
        proof_ref=Ref(proof_ref) if proof_ref else (cause.ref or Ref("")),
        decided_by=deciders,
        on=date.fromisoformat(on) if on else cause.on,
    )
    return {"ref": ref}


def reserve(
    cause: Cause,
    *,
    currency: str,
    amount: str | int | Decimal | None = None,
    amount_minor: int | None = None,
    fund_ref: str = "",
    budget: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """Hold money for something decided; the key of the hold is returned for `open_contract`."""
    key = services.reserve(
        cause.actor,
        amount=_money(amount, amount_minor, currency),
        key=f"hold:{cause.key}",
        fund_ref=Ref(fund_ref) if fund_ref else None,
        budget=budget,
        cause_ref=cause.ref,
    )
    return {"reservation_key": key}


def release_reserve(cause: Cause, *, reservation_key: str, why: str = "") -> Mapping[str, Any]:
    """Let go of what was held."""
    services.release_reserve(cause.actor, key=reservation_key, why=why)
    return {}


EFFECTS = {
    "finance.open_contract": open_contract,
    "finance.meet_condition": meet_condition,
    "finance.reserve": reserve,
    "finance.release_reserve": release_reserve,
}


def _money(amount: str | int | Decimal | None, amount_minor: int | None, currency: str) -> Money:
    if amount_minor is not None:
        return Money(int(amount_minor), currency)
    if amount in (None, ""):
        raise AmountNotPositive(amount_minor=0)
    return Money.parse(str(amount), currency)


def _named(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _pays_from_budget(product: str) -> bool:
    from jump.base.packages import definition

    return bool(definition("product", product).data.get("type"))
