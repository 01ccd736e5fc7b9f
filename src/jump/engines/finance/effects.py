"""What declared data may cause in finance. Every function is safe to repeat: its key comes from the cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor, system_actor
from jump.base.consequences import BUILT_ON, Left, WayBack
from jump.base.outbox import Cause
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.finance import queries, services
from jump.engines.finance.models import Budget, FundingPledge
from jump.engines.finance.models.refusals import AmountNotPositive, NotPrepared, WrongState
from jump.engines.finance.queries.contracts import asks_for
from jump.engines.finance.queries.funds import fund_for, fund_row
from jump.engines.finance.types.pay_runs import MusterEntry
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties

_RULES = system_actor("rules of a fund")


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


def open_fund(
    cause: Cause,
    *,
    title: str,
    owner_ref: str,
    scope: str,
    currency: str,
    rules_ref: str | None = "",
    package: str = "",
    percents: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    bookkeeper_ref: str | None = "",
    certificate: str = "",
    new_structure: bool = True,
    on: str = "",
) -> Mapping[str, Any]:
    """Open a fund in the books under the rules that its parties signed: {"ref", "rules_ref"}.

    `rules_ref` is a version of the signed dossier; `percents` and `numbers` name the rules that its text answers,
    `without` those of the package that it replaces. A new structure needs a bookkeeper who holds the certificate.
    """
    rules = services.signed_rules(
        Ref(rules_ref) if rules_ref else None, package=package, percents=percents, numbers=numbers, without=without
    )
    ref = services.open_fund(
        cause.actor,
        owner_ref=_known_party(owner_ref),
        title=title,
        currency=currency,
        scope=scope,
        on=date.fromisoformat(on) if on else cause.on,
        rules=rules,
        bookkeeper_ref=Ref(bookkeeper_ref) if bookkeeper_ref else None,
        certificate=certificate,
        new_structure=new_structure,
        key=f"fund:{cause.key}",
    )
    return {"ref": ref, "rules_ref": rules.signed_ref}


def adopt_rules(
    cause: Cause,
    *,
    rules_ref: str,
    scope: str,
    fund_ref: str | None = "",
    package: str = "",
    percents: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> Mapping[str, Any]:
    """The version that all parties signed becomes the rules of the fund, from the day of the last signature on.

    Without `fund_ref` it is the fund that already stands under an earlier version of the same text. A version that is
    already in force stays: {"ref", "rules_ref", "rules_version"}.
    """
    found = Ref(fund_ref) if fund_ref else services.fund_under(Ref(rules_ref))
    if found is None:
        raise NotFound(ref=rules_ref)
    rules = services.signed_rules(Ref(rules_ref), package=package, percents=percents, numbers=numbers, without=without)
    version = services.adopt_rules(
        cause.actor,
        fund_ref=_of_this_place(cause, found, scope),
        rules=rules,
        consulted=rules.consulted or {},
        valid_from=rules.valid_from or cause.on,
    )
    return {"ref": found, "rules_ref": rules.signed_ref, "rules_version": version}


def balances_agree(
    cause: Cause, *, fund_ref: str, scope: str, currency: str, counted: Mapping[str, Any], on: str = ""
) -> Mapping[str, Any]:
    """Refuse unless what was counted is, to the cent, what the fund's book shows at the end of that day.

    `counted` names cash, loans, savings, borrowed and capital, each an amount or several that are added up.
    """
    services.balances_agree(
        cause.actor,
        fund_ref=_of_this_place(cause, Ref(fund_ref), scope),
        counted=_counted(counted, currency),
        on=date.fromisoformat(on) if on else cause.on,
    )
    return {"ref": fund_ref}


def prepare_hand_over(
    cause: Cause,
    *,
    fund_ref: str,
    owner_ref: str,
    scope: str,
    currency: str,
    counted: Mapping[str, Any],
    count_ref: str | None = "",
    on: str = "",
) -> Mapping[str, Any]:
    """Prepare the hand-over of a fund with what was counted: {"ref", "fund_ref", "owner_ref"}.

    Whoever wrote the form `count_ref` prepared it.
    """
    ref = services.prepare_hand_over(
        cause.actor,
        fund_ref=_of_this_place(cause, Ref(fund_ref), scope),
        to_ref=_known_party(owner_ref),
        counted=_counted(counted, currency),
        on=date.fromisoformat(on) if on else cause.on,
        key=f"hand-over:{cause.key}",
        count_ref=Ref(count_ref) if count_ref else None,
    )
    return {"ref": ref, "fund_ref": fund_ref, "owner_ref": owner_ref}


def hand_over_fund(cause: Cause, *, hand_over_ref: str, deed_ref: str, on: str = "") -> Mapping[str, Any]:
    """Pass a fund to its new owner by the deed; whoever wrote the deed did not write the count: {"ref"} of the fund."""
    seen = services.hand_over_fund(
        cause.actor,
        hand_over_ref=Ref(hand_over_ref),
        deed_ref=Ref(deed_ref),
        on=date.fromisoformat(on) if on else cause.on,
    )
    return {"ref": seen.fund_ref}


def store_move(
    cause: Cause,
    *,
    store_ref: str,
    scope: str,
    kind: str,
    moved_on: str,
    quantity: str | Decimal | int = 0,
    price: str | Decimal | int | None = None,
    extra: str | Decimal | int | None = None,
    party_ref: str | None = "",
    mark: str | None = "",
    quality: str | None = "",
    receipt: str | None = "",
) -> Mapping[str, Any]:
    """Prepare what takes money or unpaid goods out of a store: bought, cost, lent, given. A second person books it.

    Quantities and amounts are in whole units, as people write them. Whoever wrote the form prepared it.
    """
    view = queries.store(cause.actor, Ref(store_ref))
    _here(view.scope, scope, store_ref)
    ref = services.prepare_store_move(
        _author(cause),
        store_ref=view.ref,
        kind=kind,
        on=date.fromisoformat(moved_on),
        key=f"store:{cause.key}",
        quantity_minor=ledger.minor_of(quantity, view.unit),
        price=_optional(price, view.currency),
        extra=_optional(extra, view.currency),
        party_ref=Ref(party_ref) if party_ref else None,
        mark=mark or "",
        quality=quality or "",
        receipt=receipt or "",
    )
    return {"ref": ref, "made": True}


def drop_move(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A move that nobody booked yet is dropped with its form; what was booked is corrected by people."""
    try:
        services.drop_store_move(cause.actor, move_ref=Ref(str(result["ref"])), why=str(cause.ref))
    except NotPrepared:
        return Left(str(result["ref"]), BUILT_ON)
    return None


def fund_cost(
    cause: Cause, *, fund_ref: str, scope: str, amount: str | Decimal | int, currency: str, what: str
) -> Mapping[str, Any]:
    """Prepare a running cost of a fund, in whole units: nothing is posted before a second person agrees: {"ref"}.

    Whoever wrote the form prepared it; the form is its proof.
    """
    _of_this_place(cause, Ref(fund_ref), scope)
    ref = services.prepare_fund_cost(
        _author(cause),
        fund_ref=Ref(fund_ref),
        amount=_money(amount, None, currency),
        what=what,
        on=cause.on,
        key=f"cost:{cause.key}",
        proof_ref=cause.ref,
    )
    return {"ref": ref, "made": True}


def drop_cost(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A prepared cost is dropped with its form; what was paid is corrected by people."""
    try:
        services.drop_fund_cost(cause.actor, cost_ref=Ref(str(result["ref"])), why=str(cause.ref))
    except WrongState:
        return Left(str(result["ref"]), BUILT_ON)
    return None


def weighing(
    cause: Cause,
    *,
    market_ref: str,
    scope: str,
    serial: str,
    grower_ref: str,
    grade: str,
    gross: str | Decimal | int,
    tare: str | Decimal | int,
    weighed_on: str,
    gross_second: str | Decimal | int | None = None,
) -> Mapping[str, Any]:
    """Write a weighing by whoever wrote the form, and accept it by whoever accepted the form: one entry, once.

    Where both are one person the ticket is written and waits for a second one.
    """
    view = queries.market(cause.actor, Ref(market_ref))
    _here(view.scope, scope, market_ref)
    author = _author(cause)
    ticket = services.weigh(
        author,
        market_ref=view.ref,
        serial=serial,
        grower_ref=Ref(grower_ref),
        grade=grade,
        gross_minor=ledger.minor_of(gross, view.unit),
        tare_minor=ledger.minor_of(tare, view.unit),
        gross_second_minor=ledger.minor_of(gross_second, view.unit) if gross_second not in (None, "") else None,
        on=date.fromisoformat(weighed_on),
        key=f"weighing:{cause.key}",
    )
    if author.key != cause.actor.key:
        services.accept_weighing(cause.actor, ticket_ref=ticket.ref)
    return {"ref": ticket.ref}


def record_in_kind(
    cause: Cause,
    *,
    pledge_ref: str,
    scope: str,
    quantity: str | Decimal | int,
    given_on: str,
    stage: str,
    line: str,
    party_ref: str | None = None,
) -> Mapping[str, Any]:
    """Take in what was promised in kind, such as hours of volunteers, with the accepted form as its proof.

    What it is, its unit and from whom it comes are the promise's; it may be made to the whole programme.
    """
    promised = FundingPledge.objects.select_related("budget").filter(ref=pledge_ref).first()
    if promised is None:
        raise NotFound(ref=pledge_ref)
    services.record_in_kind(
        cause.actor,
        source=promised.source,
        kind=promised.kind,
        what=promised.what,
        unit=promised.unit,
        quantity=Decimal(str(quantity)),
        scope=scope,
        stage=stage,
        line=line,
        on=date.fromisoformat(given_on),
        key=f"in-kind:{cause.key}",
        pledge_ref=Ref(promised.ref),
        party_ref=Ref(party_ref) if party_ref else None,
        proof_ref=cause.ref,
        budget_ref=Ref(promised.budget.ref),
    )
    return {"ref": promised.ref}


def muster_roll(
    cause: Cause,
    *,
    contract_ref: str,
    scope: str,
    period_from: str,
    period_to: str,
    lines: Sequence[Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Write a muster roll by whoever wrote the form, and accept it by whoever accepted the form: it becomes an invoice
    and a wage sheet that waits for approval. Where both are one person the roll waits for a second one.
    """
    view = queries.client_contract(cause.actor, Ref(contract_ref))
    _here(view.scope, scope, contract_ref)
    author = _author(cause)
    ref = services.write_muster(
        author,
        contract_ref=view.ref,
        period_from=date.fromisoformat(period_from),
        period_to=date.fromisoformat(period_to),
        entries=[
            MusterEntry(
                on=date.fromisoformat(str(line["worked_on"])),
                task=str(line["task"]),
                worker_ref=Ref(str(line["worker_ref"])) if line.get("worker_ref") else None,
                hours=Decimal(str(line.get("hours") or 0)),
                pieces=int(line.get("pieces") or 0),
            )
            for line in lines
        ],
        key=f"muster:{cause.key}",
        cause_ref=cause.ref,
    )
    if author.key != cause.actor.key:
        services.accept_muster(cause.actor, muster_ref=ref, on=cause.on, proof_ref=cause.ref or Ref(""))
    return {"ref": ref}


TAKE_BACK = {"finance.store_move": WayBack(drop_move), "finance.fund_cost": WayBack(drop_cost)}
EFFECTS = {
    "finance.store_move": store_move,
    "finance.fund_cost": fund_cost,
    "finance.weighing": weighing,
    "finance.record_in_kind": record_in_kind,
    "finance.muster_roll": muster_roll,
    "finance.open_fund": open_fund,
    "finance.adopt_rules": adopt_rules,
    "finance.balances_agree": balances_agree,
    "finance.prepare_hand_over": prepare_hand_over,
    "finance.hand_over_fund": hand_over_fund,
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


def _optional(amount: str | Decimal | int | None, currency: str) -> Money | None:
    return None if amount in (None, "") else Money.parse(str(amount), currency)


def _author(cause: Cause) -> Actor:
    """Whoever wrote the form behind a cause, acting with the right of its acceptance; else whoever accepted it."""
    key = evidence.author_of(cause.ref) if cause.ref is not None and cause.ref.kind == "sub" else ""
    if not key.startswith("user:"):
        return cause.actor
    return Actor(user_id=int(key.removeprefix("user:")), name=cause.actor.name, is_system=True)


def _here(path: str, scope: str, ref: str) -> None:
    """A form moves only what is of its own place, whatever number somebody wrote into it."""
    if not path.startswith(scope):
        raise NotFound(ref=ref)


def _counted(counted: Mapping[str, Any], currency: str) -> dict[str, Money]:
    found = {}
    for figure, given in counted.items():
        parts = given if isinstance(given, list) else [given]
        amounts = [Money.parse(str(part), currency) for part in parts if part not in (None, "")]
        found[figure] = sum(amounts, Money.zero(currency))
    return found


def _known_party(ref: str) -> Ref:
    """The owner of a fund is an organisation, a group or a place that is known."""
    if Ref(ref).kind not in ("org", "grp", "plc") or not parties.names(_RULES, [ref]):
        raise NotFound(ref=ref)
    return Ref(ref)


def _of_this_place(cause: Cause, fund_ref: Ref, scope: str) -> Ref:
    """A case moves only the fund of its own place, whatever reference somebody wrote into a form."""
    if not fund_row(cause.actor, fund_ref).scope.path.startswith(scope):
        raise NotFound(ref=fund_ref)
    return fund_ref


def _named(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _pays_from_budget(product: str) -> bool:
    from jump.base.packages import definition

    return bool(definition("product", product).data.get("type"))
