"""Schemes and their packages: opened with a book of their own, changed only by a new dated and decided package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import Max
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import CoverCash, CoverProvider, CoverScheme, CoverVersion
from jump.engines.finance.models.cover_refusals import PackageNotLater, RhythmChanged
from jump.engines.finance.models.refusals import (
    DayImpossible,
    DecisionMissing,
    KeyReused,
    NotPrepared,
    SamePerson,
    WrongCurrency,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.cover import (
    adopted,
    cash_row,
    cash_view,
    package_view,
    scheme_row,
    version_row,
)
from jump.engines.finance.queries.cover_premium import frozen, sheet_of
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types.cover import (
    CashKind,
    CashView,
    PackageView,
    PaperState,
    TargetGroup,
    VersionState,
)
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

Code = TypeVar("Code", bound=StrEnum)

# The accounts of a scheme (methods 07, 7.5). Contributions are owed to the members until their days have passed.
ACCOUNTS: Mapping[str, tuple[str, str, int | None]] = {
    "cash": ("asset", "Cash", 0),
    "unearned": ("liability", "Contributions paid for days to come", 0),
    "claims_payable": ("liability", "Claims approved and not yet paid", 0),
    "outstanding": ("liability", "Claims to be expected for days that are gone", 0),
    "reserve": ("equity", "Reserve", 0),
    "surplus": ("equity", "Surplus put into the reserve", None),
    "contributions": ("income", "Contributions earned", None),
    "subsidy": ("income", "Subsidies", None),
    "claims": ("expense", "Claims", None),
    "claims_change": ("expense", "Change of claims to be expected", None),
    "expenses": ("expense", "Running costs", None),
}


def open_scheme(
    actor: Actor,
    *,
    title: str,
    legal_form: str,
    owner_ref: Ref,
    scope: str,
    currency: str,
    on: date,
    key: str,
    targets: Iterable[str] = (),
    target_population: int = 0,
) -> Ref:
    """Open a scheme: who owns it, in what legal form, for whom, with a book of its own. It covers nobody yet."""
    require(actor, "finance.prepare", scope)
    Money.zero(currency)
    with ledger.posting_transaction():
        known = CoverScheme.objects.filter(key=key).first()
        if known is not None:
            if (known.owner, known.currency, known.title) != (str(owner_ref), currency, title):
                raise KeyReused(key=key)
            return Ref(known.ref)
        row = CoverScheme(
            title=title,
            legal_form=legal_form,
            owner=owner_ref,
            currency=currency,
            targets=sorted({coded(TargetGroup, one, "targets").value for one in targets}),
            target_population=target_population,
            opened_on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        row.book = ledger.open_book(actor, ref_owner=Ref(row.ref), title=title, scope=scope)
        for code, (kind, name, floor) in ACCOUNTS.items():
            ledger.open_account(
                actor, book_ref=Ref(row.book), code=code, title=name, kind=kind, unit=currency, floor_minor=floor
            )
        row.save()
        record(actor, "finance.open_scheme", row.ref, facts={"owner": str(owner_ref), "legal_form": legal_form})
    return Ref(row.ref)


# --- packages ---------------------------------------------------------------------------------------------------------


def propose_package(actor: Actor, *, scheme_ref: Ref, product: str, valid_from: date, key: str) -> PackageView:
    """Propose a package of benefits from a programme's data, with its premium sheet as it stands today.

    The terms are copied and stay with the scheme if the programme's data change.
    """
    declared = product_of(product, ProductKind.COVER)
    with ledger.posting_transaction():
        row = lock(scheme_row(actor, scheme_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = CoverVersion.objects.filter(key=key).first()
        if known is not None:
            if (known.scheme_id, known.product, known.valid_from) != (row.pk, declared.id, valid_from):
                raise KeyReused(key=key)
            return package_view(known, row)
        if declared.data["currency"] != row.currency:
            raise WrongCurrency(expected=row.currency, given=declared.data["currency"])
        terms = dict(declared.data["cover"])
        _check_follows(row, terms, valid_from)
        number = row.versions.aggregate(Max("number"))["number__max"] or 0
        made = CoverVersion.objects.create(
            scheme=row,
            number=number + 1,
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            terms=terms,
            sheet=frozen(sheet_of(row, terms, clock.today())),
            valid_from=valid_from,
            proposed_by=actor.key,
            key=key,
        )
        record(actor, "finance.propose_package", made.ref, facts={"scheme": row.ref, "product": declared.id})
        return package_view(made, row)


def adopt_package(actor: Actor, *, version_ref: Ref, decision_ref: Ref, on: date) -> PackageView:
    """The assembly has decided: from its day on the package is in force, and it is never changed afterwards."""
    with ledger.posting_transaction():
        made = version_row(actor, version_ref)
        row = lock(made.scheme)
        made = lock(made)
        require(actor, "finance.approve", row.scope.path)
        if made.state == VersionState.ADOPTED:
            return package_view(made, row)
        if made.state != VersionState.PROPOSED:
            raise WrongState(state=made.state)
        if made.proposed_by == actor.key:
            raise SamePerson(doing="adopt", did="propose", package=made.ref)
        if not decision_ref:
            raise DecisionMissing()
        if on > clock.today():
            raise DayImpossible(on=on.isoformat(), earliest="", latest=clock.today().isoformat())
        _check_follows(row, made.terms, made.valid_from)
        made.state, made.adopted_by = VersionState.ADOPTED.value, actor.key
        made.adopted_on, made.decision = on, decision_ref
        made.save()
        record(actor, "finance.adopt_package", made.ref, facts={"decision": str(decision_ref)})
        return package_view(made, row)


def drop_package(actor: Actor, *, version_ref: Ref, why: str) -> None:
    """Give up a proposal: the assembly has refused it, or it was a mistake."""
    with ledger.posting_transaction():
        made = lock(version_row(actor, version_ref))
        require(actor, "finance.prepare", made.scheme.scope.path)
        if made.state == VersionState.DROPPED:
            return
        if made.state != VersionState.PROPOSED:
            raise WrongState(state=made.state)
        if not why:
            raise DecisionMissing()
        made.state, made.why = VersionState.DROPPED.value, why[:300]
        made.save(update_fields=["state", "why"])
        record(actor, "finance.drop_package", made.ref, why=why)


def _check_follows(row: CoverScheme, terms: Mapping[str, Any], valid_from: date) -> None:
    """A package begins after the one before it, and not on a day that is gone once anybody is covered."""
    before = adopted(row)
    earliest = row.opened_on
    if before:
        earliest = max(before[-1].valid_from + timedelta(days=1), clock.today())
    if valid_from < earliest:
        raise PackageNotLater(valid_from=valid_from.isoformat(), earliest=earliest.isoformat())
    if before:
        kept, asked = before[-1].terms["contribution"]["rhythm"], terms["contribution"]["rhythm"]
        if kept != asked:
            raise RhythmChanged(kept=kept, asked=asked)


# --- providers --------------------------------------------------------------------------------------------------------


def agree_provider(
    actor: Actor,
    *,
    scheme_ref: Ref,
    provider_ref: Ref,
    tariff: Mapping[str, Money],
    starts_on: date,
    proof_ref: Ref,
    key: str,
    ends_on: date | None = None,
) -> Ref:
    """Record the agreement with a provider of care: its prices by benefit, from when, on what paper."""
    with ledger.posting_transaction():
        row = lock(scheme_row(actor, scheme_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = CoverProvider.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        if not proof_ref:
            raise DecisionMissing()
        if ends_on is not None and ends_on < starts_on:
            raise DayImpossible(on=ends_on.isoformat(), earliest=starts_on.isoformat(), latest="")
        for amount in tariff.values():
            if amount.currency != row.currency:
                raise WrongCurrency(expected=row.currency, given=amount.currency)
        row.providers.filter(provider=provider_ref, ends_on__isnull=True, starts_on__lt=starts_on).update(
            ends_on=starts_on - timedelta(days=1)
        )
        made = CoverProvider.objects.create(
            scheme=row,
            provider=provider_ref,
            tariff={code: amount.amount_minor for code, amount in tariff.items()},
            starts_on=starts_on,
            ends_on=ends_on,
            proof=proof_ref,
            by=actor.key,
            key=key,
        )
        record(actor, "finance.agree_provider", made.ref, facts={"provider": str(provider_ref)})
    return Ref(made.ref)


# --- running costs and subsidies --------------------------------------------------------------------------------------


def receive_subsidy(actor: Actor, *, scheme_ref: Ref, amount: Money, on: date, what: str, key: str) -> CashView:
    """Money given to the scheme. It is shown apart: figures are told with it and without it."""
    with ledger.posting_transaction():
        row = lock(scheme_row(actor, scheme_ref))
        require(actor, "finance.collect", row.scope.path)
        known = _known_cash(row, amount, on, key)
        if known is not None:
            return cash_view(known, row.currency)
        _check_cash(row, amount, on)
        made = _cash(actor, row, CashKind.SUBSIDY, amount, on, what, key)
        made.state, made.booked_by = PaperState.BOOKED.value, actor.key
        made.entry = post(actor, row, [("cash", amount.amount_minor), ("subsidy", -amount.amount_minor)], made.ref, on)
        made.save()
        record(actor, "finance.receive_subsidy", made.ref, facts={"amount_minor": amount.amount_minor})
        return cash_view(made, row.currency)


def prepare_cover_expense(actor: Actor, *, scheme_ref: Ref, amount: Money, on: date, what: str, key: str) -> CashView:
    """Prepare the payment of a running cost. Nothing moves before a second person pays it."""
    with ledger.posting_transaction():
        row = lock(scheme_row(actor, scheme_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = _known_cash(row, amount, on, key)
        if known is not None:
            return cash_view(known, row.currency)
        _check_cash(row, amount, on)
        made = _cash(actor, row, CashKind.EXPENSE, amount, on, what, key)
        made.save()
        record(actor, "finance.prepare_cover_expense", made.ref, facts={"amount_minor": amount.amount_minor})
        return cash_view(made, row.currency)


def pay_cover_expense(actor: Actor, *, cash_ref: Ref, on: date) -> CashView:
    """Pay a running cost that somebody else prepared. Asking twice pays once."""
    with ledger.posting_transaction():
        made = lock(cash_row(actor, cash_ref))
        row = made.scheme
        if not can(actor, "finance.approve", row.scope.path):
            require(actor, "finance.release", row.scope.path)
        if made.state == PaperState.BOOKED:
            return cash_view(made, row.currency)
        if made.state != PaperState.PREPARED:
            raise NotPrepared(state=made.state, tranche=made.ref)
        if made.prepared_by == actor.key:
            raise SamePerson(doing="pay", did="prepare", expense=made.ref)
        check_day(on, earliest=made.on)
        made.state, made.booked_by, made.on = PaperState.BOOKED.value, actor.key, on
        made.entry = post(actor, row, [("expenses", made.amount_minor), ("cash", -made.amount_minor)], made.ref, on)
        made.save()
        record(actor, "finance.pay_cover_expense", made.ref, facts={"amount_minor": made.amount_minor})
        return cash_view(made, row.currency)


def _known_cash(row: CoverScheme, amount: Money, on: date, key: str) -> CoverCash | None:
    known = CoverCash.objects.filter(key=key).first()
    if known is not None and (known.scheme_id, known.amount_minor) != (row.pk, amount.amount_minor):
        raise KeyReused(key=key)
    return known


def _check_cash(row: CoverScheme, amount: Money, on: date) -> None:
    check_amount(amount, row.currency)
    check_day(on, earliest=row.opened_on)


def _cash(actor: Actor, row: CoverScheme, kind: CashKind, amount: Money, on: date, what: str, key: str) -> CoverCash:
    return CoverCash(
        scheme=row,
        kind=kind.value,
        state=PaperState.PREPARED.value,
        on=on,
        amount_minor=amount.amount_minor,
        what=what[:200],
        prepared_by=actor.key,
        key=key,
    )


# --- for the services of this engine ----------------------------------------------------------------------------------


def coded(kind: type[Code], value: str, field: str) -> Code:
    """The code that was meant. Raises BadInput that names the field where there is none."""
    try:
        return kind(value)
    except ValueError as unknown:
        raise BadInput({field: [_("%(given)s is not one of the choices.") % {"given": value}]}) from unknown


def post(
    actor: Actor, row: CoverScheme, lines: Sequence[tuple[str, int]], source: str, on: date, act: str = "booked"
) -> Ref:
    """Book lines (account, debit positive) in the book of a scheme, once for what was done; none of nothing."""
    place: dict[str, Any] = {"place": row.scope.path}
    moved = [(code, amount) for code, amount in lines if amount]
    accounts = ledger.account_refs(Ref(row.book), {code for code, _amount in moved})
    entry = ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=f"{row.ref}: {source}",
        occurred_on=on,
        lines=[Line(accounts[code], amount, place) for code, amount in moved],
        source_ref=Ref(source),
        key=f"cover:{source}:{act}",
    )
    return entry.ref
