"""Opening funds, putting money in, adopting rules, holding money for what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from jump.base import clock
from jump.base.actors import Actor, require, system_actor
from jump.base.audit import record
from jump.base.db import locked, write_transaction
from jump.base.packages import definitions
from jump.base.scopes import node_id
from jump.core.bounds import Refused
from jump.core.funds import provisioning
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    Budget,
    BudgetCell,
    Contribution,
    Fund,
    InterestUse,
    Reservation,
    RuleSet,
)
from jump.engines.finance.models.refusals import (
    BookkeeperNotCertified,
    BudgetShort,
    DecisionMissing,
    FundShort,
    InterestShort,
    KeyReused,
    RulesImpossible,
    RulesNotSigned,
    SeatsMissing,
)
from jump.engines.finance.queries.budgets import budget_above, cell_for, free_of_cell
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.funds import (
    fund_row,
    held_minor,
    kept_for_savers_minor,
    provision_scale,
    reserve_minor,
    rules_of,
)
from jump.engines.finance.types import RULE_SEATS, Contributor, FundRules
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line
from jump.engines.parties import api as parties

_RULES = system_actor("rules of a fund")

# code, title, kind, least amount
_ACCOUNTS: tuple[tuple[str, str, str, int | None], ...] = (
    ("cash", "Cash and bank", "asset", 0),
    *((f"capital:{one.value}", f"Put in by {one.value}", "equity", 0) for one in Contributor),
    ("interest", "Interest", "income", None),
    ("fees", "Fees", "income", None),
    ("penalties", "Late fees", "income", None),
    ("recovered", "Recovered after writing off", "income", None),
    ("losses", "Written off", "expense", 0),
    ("grants", "Grants accounted for", "expense", 0),
    ("services", "Community services", "expense", 0),
)


def open_fund(
    actor: Actor,
    *,
    owner_ref: Ref,
    title: str,
    currency: str,
    scope: str,
    on: date,
    rules: FundRules | str = "",
    consulted: Mapping[str, str] | None = None,
    bookkeeper_ref: Ref | None = None,
    certificate: str = "",
    new_structure: bool = False,
    key: str = "",
) -> Ref:
    """Open a fund with a book and a bank account of its own, owned by a partner or a community (000, 8.3(4)).

    `rules` may name the package whose rules.yaml holds (then `consulted` must name who of the four was asked), or
    give them. A new structure opens only under signed rules (`signed_rules`) and with a bookkeeper who holds the
    `certificate`, proved and in force (Output 11, activity 4; that it is asked of new structures alone is our
    default). The same key again is the same fund.
    """
    require(actor, "finance.prepare", scope)
    Money.zero(currency)
    with write_transaction():
        known = Fund.objects.filter(key=key).select_related("scope").first() if key else None
        if known is not None:
            if (known.owner, known.currency, known.scope.path) != (owner_ref, currency, scope):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if new_structure and (not isinstance(rules, FundRules) or rules.signed_ref is None):
            raise RulesNotSigned()
        proof = certificate_of(bookkeeper_ref, certificate, on) if bookkeeper_ref and certificate else None
        if new_structure and proof is None:
            raise BookkeeperNotCertified(bookkeeper=str(bookkeeper_ref or ""), certificate=certificate)
        fund = Fund(
            title=title,
            owner=owner_ref,
            currency=currency,
            scope_id=node_id(scope),
            opened_on=on,
            book="",
            bookkeeper=bookkeeper_ref or "",
            bookkeeper_proof=proof or "",
            key=key,
        )
        fund.book = ledger.open_book(actor, ref_owner=Ref(fund.ref), title=title, scope=scope)
        fund.save()
        for code, name, kind, floor in _ACCOUNTS:
            ledger.open_account(
                actor,
                book_ref=Ref(fund.book),
                code=code,
                title=name,
                kind=kind,
                unit=currency,
                floor_minor=floor,
            )
        if rules:
            given = rules if isinstance(rules, FundRules) else FundRules({}, definition=rules)
            _adopt(actor, fund, given, consulted or given.consulted or {}, given.valid_from or on)
        record(actor, "finance.open_fund", fund.ref, facts={"currency": currency})
    return Ref(fund.ref)


def adopt_rules(
    actor: Actor,
    *,
    fund_ref: Ref,
    rules: FundRules | str,
    consulted: Mapping[str, str],
    valid_from: date,
) -> int:
    """Put a new version of a fund's rules in force; earlier versions stay. Returns the version.

    All four who must be asked stand on the record: coordinator, donor, national committee, partner (000, 8.3(4)).
    """
    with write_transaction():
        fund = fund_row(actor, fund_ref)
        require(actor, "finance.approve", fund.scope.path)
        given = rules if isinstance(rules, FundRules) else FundRules({}, definition=rules)
        version = _adopt(actor, fund, given, consulted, valid_from)
        record(actor, "finance.adopt_rules", fund.ref, facts={"version": version})
    return version


def _adopt(actor: Actor, fund: Fund, rules: FundRules, consulted: Mapping[str, str], valid_from: date) -> int:
    missing = [seat for seat in RULE_SEATS if not consulted.get(seat)]
    if missing:
        raise SeatsMissing(missing=", ".join(missing))
    parameters = {name: str(value) for name, value in rules.parameters.items()}
    if rules.signed_ref:
        known = RuleSet.objects.filter(fund=fund, signed=rules.signed_ref).first()
        if known is not None:
            return int(known.version)
    if rules.definition and not parameters:
        parameters = declared_rules(rules.definition)
    _check_scale(parameters)
    last = RuleSet.objects.filter(fund=fund).order_by("-version").first()
    version = last.version + 1 if last else 1
    RuleSet.objects.create(
        fund=fund,
        version=version,
        valid_from=valid_from,
        definition=rules.definition,
        parameters=parameters,
        consulted=dict(consulted),
        adopted_by=actor.key,
        signed=rules.signed_ref or "",
    )
    return version


def _check_scale(parameters: Mapping[str, str]) -> None:
    """What is set aside for late loans never falls with their age, or the pages of the fund could not be shown."""
    rules = FundRules({name: Decimal(value) for name, value in parameters.items()})
    try:
        provisioning((), scale=provision_scale(rules))
    except Refused as refusal:
        raise RulesImpossible(why=str(refusal)) from refusal


def declared_rules(package: str) -> dict[str, str]:
    """The numbers of a package's rules.yaml; what is yes or no becomes 1 or 0."""
    found = {}
    for rule in definitions("rule"):
        if rule.package == package:
            value = rule.data["value"]
            found[rule.id.rpartition(".")[2]] = str(int(value)) if isinstance(value, bool) else str(Decimal(str(value)))
    return found


def contribute(
    actor: Actor, *, fund_ref: Ref, amount: Money, source: Contributor | str, on: date, key: str, memo: str = ""
) -> Ref:
    """Put money into a fund. Each kind of source keeps its own capital account (000, 11.1(11))."""
    kind = Contributor(source)
    with ledger.posting_transaction():
        fund = fund_row(actor, fund_ref)
        require(actor, "finance.prepare", fund.scope.path)
        check_amount(amount, fund.currency)
        known = Contribution.objects.filter(fund=fund, key=key).first()
        if known is not None:
            if (known.amount_minor, known.source, known.on) != (amount.amount_minor, kind.value, on):
                raise KeyReused(key=key)
            return Ref(known.ref)
        row = Contribution(fund=fund, source=kind.value, amount_minor=amount.amount_minor, on=on, key=key)
        book = Ref(fund.book)
        entry = ledger.post(
            actor,
            book_ref=book,
            memo=memo or f"Contribution {row.ref}",
            occurred_on=on,
            lines=[
                Line(ledger.account(book, "cash").ref, amount.amount_minor, {"source": kind.value}),
                Line(ledger.account(book, f"capital:{kind.value}").ref, -amount.amount_minor, {"source": kind.value}),
            ],
            source_ref=Ref(row.ref),
            key=f"contribution:{key}",
        )
        row.entry = entry.ref
        row.save()
        record(actor, "finance.contribute", fund.ref, facts={"amount_minor": amount.amount_minor, "source": kind.value})
    return Ref(row.ref)


def use_interest(
    actor: Actor, *, fund_ref: Ref, amount: Money, purpose: str, decision_ref: Ref, on: date, key: str
) -> Ref:
    """Pay for a community service out of kept interest. Only by a decision, and never more than was kept.

    Interest stays in the fund, to keep its purchasing power and to finance community services (000, 8.3(4)).
    """
    with ledger.posting_transaction():
        fund = Fund.objects.locked().get(pk=fund_row(actor, fund_ref).pk)
        require(actor, "finance.approve", fund.scope.path)
        check_amount(amount, fund.currency)
        if not decision_ref or not purpose:
            raise DecisionMissing()
        known = InterestUse.objects.filter(key=key).first()
        if known is not None:
            if (known.fund_id, known.amount_minor) != (fund.pk, amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.entry)
        book = Ref(fund.book)
        held = ledger.balances(book)
        kept = -sum(held[code] for code in ("interest", "fees", "penalties")) - held["services"]
        kept -= held.get("savings_interest", 0)  # what savers were given is no longer kept
        kept -= held.get("costs", 0)  # nor is what running the fund took
        if amount.amount_minor > kept:
            raise InterestShort(kept_minor=kept, asked_minor=amount.amount_minor, currency=fund.currency)
        entry = ledger.post(
            actor,
            book_ref=book,
            memo=f"Community service by {decision_ref}",
            occurred_on=on,
            lines=[
                Line(ledger.account(book, "services").ref, amount.amount_minor, {"activity": "community_services"}),
                Line(ledger.account(book, "cash").ref, -amount.amount_minor),
            ],
            source_ref=decision_ref,
            key=f"interest:{key}",
        )
        InterestUse.objects.create(
            fund=fund,
            amount_minor=amount.amount_minor,
            purpose=purpose,
            decision=decision_ref,
            on=on,
            entry=entry.ref,
            key=key,
        )
        record(actor, "finance.use_interest", fund.ref, facts={"amount_minor": amount.amount_minor})
    return entry.ref


def reserve(
    actor: Actor,
    *,
    amount: Money,
    key: str,
    fund_ref: Ref | None = None,
    budget: Mapping[str, str] | None = None,
    cause_ref: Ref | None = None,
) -> str:
    """Hold money for something decided, so that no sum is promised twice. Same key, same hold.

    Called by decisions in the transaction that publishes. `budget` names scope, stage, type (and line, budget_ref).
    """
    with write_transaction():
        known = Reservation.objects.filter(key=key).first()
        if known is not None:
            if known.amount_minor != amount.amount_minor:
                raise KeyReused(key=key)
            return key
        fund, cell = None, None
        if fund_ref is not None:
            fund = Fund.objects.locked().get(pk=fund_row(actor, fund_ref).pk)
            check_amount(amount, fund.currency)
            require_free(fund, amount.amount_minor)
        else:
            cell = budget_cell(actor, budget or {})
            check_amount(amount, cell.budget.currency)
            require_free_cell(cell, amount.amount_minor)
        Reservation.objects.create(
            fund=fund,
            cell=cell,
            amount_minor=amount.amount_minor,
            cause=cause_ref or "",
            key=key,
            by=actor.key,
            at=clock.now(),
        )
    return key


def release_reserve(actor: Actor, *, key: str, why: str = "") -> None:
    """Let go of money that was held. Letting go twice, or of what a contract took up, does nothing."""
    with write_transaction():
        Reservation.objects.filter(key=key, state=Reservation.HELD).update(state=Reservation.RELEASED)
        record(actor, "finance.release_reserve", key, why=why)


# --- for the services of this engine ------------------------------------------------------------------------


def certificate_of(person: Ref, code: str, on: date) -> Ref | None:
    """The certificate of this person that is proved and in force on a day."""
    held = parties.qualifications(_RULES, party_ref=person, code=code, kind="certificate", as_of=on)
    return next((one.ref for one in held if one.claim == parties.Claim.PROVED), None)


def require_free(fund: Fund, amount_minor: int, *, besides_minor: int = 0) -> None:
    """The fund covers this without touching its reserve or what is promised (but for this very promise)."""
    cash = ledger.balance_locked(ledger.account(Ref(fund.book), "cash").ref)
    rules = rules_of(fund)
    free = cash - reserve_minor(fund, rules) - held_minor(fund) - kept_for_savers_minor(fund, rules) + besides_minor
    if amount_minor > free:
        raise FundShort(asked_minor=amount_minor, free_minor=free, currency=fund.currency)


def require_free_cell(cell: BudgetCell, amount_minor: int, *, besides_minor: int = 0) -> None:
    """The cell has this much left."""
    free = free_of_cell(cell) + besides_minor
    if amount_minor > free:
        raise BudgetShort(asked_minor=amount_minor, free_minor=free, currency=cell.budget.currency, cell=cell.ref)


def budget_cell(actor: Actor, asked: Mapping[str, str]) -> BudgetCell:
    """The cell that a mapping names: cell_ref, or scope, stage, type and line of a budget. Locked."""
    if asked.get("cell_ref"):
        cell = BudgetCell.objects.filter(ref=asked["cell_ref"]).first()
        assert cell is not None, asked
    else:
        row: Budget = budget_above(asked["scope"], Ref(asked["budget_ref"]) if asked.get("budget_ref") else None)
        cell = cell_for(
            row,
            scope=asked["scope"],
            stage=asked.get("stage", ""),
            type=asked["type"],
            line=asked.get("line", ""),
        )
    return locked_cell(cell.pk)


def locked_cell(pk: int) -> BudgetCell:
    return locked(BudgetCell.objects.select_related("budget__scope")).get(pk=pk)
