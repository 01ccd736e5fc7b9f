"""Registers of shares: who holds what on a day, purchases by instalments, the tests of a labour company."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from jump.base import clock
from jump.base.actors import Actor
from jump.base.packages import definitions
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.ownership import (
    Holder,
    LabourCompanyLaw,
    LawUnclear,
    Missed,
    WorkerYear,
    check_company,
    cure_deadline,
    law_on,
    members_needed,
    paid_up,
)
from jump.core.units import Ref
from jump.engines.finance.models import OwnershipStep, SharePurchase, ShareRegister
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.ownership import (
    SHARE_UNIT,
    HolderRow,
    LabourTest,
    PurchaseView,
    RegisterRow,
    RegisterView,
    StakeState,
    StepKind,
    StepState,
)
from jump.engines.ledger import api as ledger

# Who may hold more than others do by some laws.
HOLDER_KINDS = ("person", "enterprise", "public_body", "non_profit", "social_economy")


def one_share() -> int:
    """How many smallest parts make one share."""
    return int(10 ** ledger.unit(SHARE_UNIT).decimals)


def register_row(actor: Actor, ref: Ref) -> ShareRegister:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: ShareRegister | None = ShareRegister.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def share_registers(actor: Actor, *, scope: str = "", limit: int = 50, offset: int = 0) -> list[RegisterRow]:
    """Registers of shares, the newest first. Two statements."""
    rows = ShareRegister.objects.visible_to(actor).under(scope).select_related("scope").order_by("-opened_on", "-id")
    page = list(rows[offset : offset + limit])
    held = ledger.balances_of([Ref(row.book) for row in page])
    return [
        RegisterRow(
            ref=Ref(row.ref),
            enterprise_ref=Ref(row.enterprise),
            scope=row.scope.path,
            jurisdiction=row.jurisdiction,
            issued=sum(issued_of(row, held[row.book]).values()),
            one_share=one_share(),
            opened_on=row.opened_on,
        )
        for row in page
    ]


def count_share_registers(actor: Actor, *, scope: str = "") -> int:
    """How many there are for `share_registers`."""
    return int(ShareRegister.objects.visible_to(actor).under(scope).count())


def register_of_enterprise(actor: Actor, enterprise_ref: Ref) -> Ref | None:
    """The register of an enterprise, if it keeps one that this actor may see."""
    found = ShareRegister.objects.visible_to(actor).filter(enterprise=enterprise_ref).values_list("ref", flat=True)
    return next((Ref(ref) for ref in found), None)


def share_register(actor: Actor, ref: Ref, on: date | None = None) -> RegisterView:
    """A register as it stands, or stood at the end of a day."""
    row = register_row(actor, ref)
    return view_of_register(row, on)


def view_of_register(row: ShareRegister, on: date | None = None) -> RegisterView:
    day = on or clock.today()
    held = ledger.balances(Ref(row.book), day if day < clock.today() else None)
    issued = issued_of(row, held)
    by_holder: dict[str, dict[str, int]] = {}
    for (holder, share_class), count in holdings(row, held).items():
        by_holder.setdefault(holder, {})[share_class] = count
    total = sum(issued.values())
    unit = one_share()
    rows = [
        HolderRow(
            holder_ref=Ref(holder),
            kind=row.holder_kinds.get(holder, HOLDER_KINDS[0]),
            by_class=by_class,
            held=sum(by_class.values()),
            part=Fraction(sum(by_class.values()), total) if total else Fraction(0),
        )
        for holder, by_class in by_holder.items()
    ]
    return RegisterView(
        ref=Ref(row.ref),
        enterprise_ref=Ref(row.enterprise),
        product=row.product,
        product_title=title_of(row.product_title),
        scope=row.scope.path,
        currency=row.currency,
        jurisdiction=row.jurisdiction,
        nominal=Money(row.nominal_minor, row.currency),
        classes=tuple(classes_of(row)),
        opened_on=row.opened_on,
        founded_on=row.founded_on,
        book_ref=Ref(row.book),
        on=day,
        one_share=unit,
        holders=tuple(sorted(rows, key=lambda one: (-one.held, one.holder_ref))),
        issued=issued,
        capital=Money(round(Fraction(total * row.nominal_minor, unit)), row.currency),
    )


def classes_of(row: ShareRegister) -> dict[str, bool]:
    """The classes of shares, and whether each is for workers with an open-ended contract."""
    return {str(one["id"]): bool(one.get("labour")) for one in row.terms["share_classes"]}


def holding_code(share_class: str, holder: str) -> str:
    return f"share:{share_class}:{holder}"


def holdings(row: ShareRegister, held: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """(holder, class) -> smallest parts, out of the balances of the enterprise's book."""
    found = {}
    for code, amount in held.items():
        kind, _colon, rest = code.partition(":")
        share_class, _colon, holder = rest.partition(":")
        if kind == "share" and holder and amount:
            found[holder, share_class] = amount
    return found


def issued_of(row: ShareRegister, held: Mapping[str, int]) -> dict[str, int]:
    return {name: -held.get(f"issued:{name}", 0) for name in classes_of(row)}


def free_parts(row: ShareRegister, *, holder: str, share_class: str, besides: int | None = None) -> int:
    """What a holder may still give: what she holds without what she is selling by instalments."""
    held = ledger.balances(Ref(row.book)).get(holding_code(share_class, holder), 0)
    sales = row.purchases.filter(seller=holder, share_class=share_class, state=StakeState.OPEN)
    promised = sum(sale.shares - sale.delivered for sale in sales if sale.pk != besides)
    return max(0, held - promised)


# --- purchases --------------------------------------------------------------------------------------------------------


def share_purchases(actor: Actor, *, register_ref: Ref) -> list[PurchaseView]:
    """Purchases by instalments of a register, open ones first."""
    row = register_row(actor, register_ref)
    return [purchase_view(one, row) for one in row.purchases.order_by("-state", "id")]


def purchase_view(one: SharePurchase, row: ShareRegister) -> PurchaseView:
    unit = one_share()
    return PurchaseView(
        ref=Ref(one.ref),
        register_ref=Ref(row.ref),
        buyer_ref=Ref(one.buyer),
        seller_ref=Ref(one.seller) if one.seller else None,
        share_class=one.share_class,
        shares=one.shares,
        one_share=unit,
        price=Money(one.price_minor, row.currency),
        instalments=tuple((date.fromisoformat(day), Money(int(due), row.currency)) for day, due in one.instalments),
        paid=Money(one.paid_minor, row.currency),
        stands=paid_up(shares=one.shares // unit, price_minor=one.price_minor, paid_minor=one.paid_minor),
        agreed_on=one.agreed_on,
        state=StakeState(one.state),
    )


# --- the law ----------------------------------------------------------------------------------------------------------


def labour_laws() -> list[tuple[LabourCompanyLaw, Mapping[str, Any]]]:
    """Every version of every law on labour companies that installed packages declare, with what is said of it."""
    found = []
    for country in definitions("countries"):
        for said in country.data.get("labour_companies") or ():
            found.append((LabourCompanyLaw.from_data(said["rules"]), said))
    return found


def labour_test(actor: Actor, *, register_ref: Ref, on: date | None = None) -> LabourTest:
    """The tests of a labour company on a day, by the law that was in force on that day.

    Hours are those of the last year that was recorded by that day; who is a member is read from the register. Without
    a law for the country, or on that day, nothing is tested. Source: finance rules, section 4.
    """
    row = register_row(actor, register_ref)
    view = view_of_register(row, on)
    known = labour_laws()
    try:
        law = law_on((one for one, _said in known), jurisdiction=row.jurisdiction, day=view.on)
    except LawUnclear:
        return LabourTest(view.on, None, None, {}, "", None, 0, None, None, (), jurisdiction=row.jurisdiction)
    said = next(data for one, data in known if one is law)
    labour = classes_of(row)
    holders = [
        Holder(str(one.holder_ref), count, labour.get(name, False), one.kind)
        for one in view.holders
        for name, count in one.by_class.items()
    ]
    year, rows = _hours(row, view.on)
    members = {holder.ref for holder in holders if holder.is_labour and holder.capital}
    workers = [
        WorkerYear(
            str(one["ref"]),
            int(one["hours"]),
            is_member=one["ref"] in members,
            is_open_ended=bool(one["open_ended"]),
            disability_percent=int(one.get("disability", 0)),
        )
        for one in rows
    ]
    check = check_company(law=law, holders=holders, workers=workers, on=view.on, founded_on=row.founded_on)
    open_ended = sum(1 for worker in workers if worker.is_open_ended)
    limit = check.hours_limit
    return LabourTest(
        on=view.on,
        law=law,
        check=check,
        provenance={**dict.fromkeys(said["rules"], said["provenance"]), **said.get("provenance_of", {})},
        title=title_of(said["title"]),
        hours_year=year,
        workers=len(workers),
        members_needed=members_needed(open_ended=open_ended, limit=limit) if limit is not None and workers else None,
        cure_by=cure_deadline(law, missed_on=view.on) if Missed.HOURS in check.missed else None,
        wrong_class=_wrong_class(row, view, rows),
        jurisdiction=row.jurisdiction,
    )


def _hours(row: ShareRegister, on: date) -> tuple[int | None, list[Mapping[str, Any]]]:
    told = OwnershipStep.objects.filter(subject=row.ref, kind=StepKind.RECORD_HOURS, state=StepState.BOOKED, on__lte=on)
    last = told.order_by("-year", "-id").first()
    return (None, []) if last is None else (last.year, list(last.asked["workers"]))


def _wrong_class(
    row: ShareRegister, view: RegisterView, workers: list[Mapping[str, Any]]
) -> tuple[tuple[Ref, str], ...]:
    """Holders whose status as workers changed and whose shares did not: (holder, class they belong to)."""
    if not workers:
        return ()
    labour = classes_of(row)
    own = next((name for name, is_labour in labour.items() if is_labour), "")
    other = next((name for name, is_labour in labour.items() if not is_labour), "")
    open_ended = {one["ref"] for one in workers if one["open_ended"]}
    found = []
    for one in view.holders:
        if one.kind != "person" or not one.held:
            continue
        has_labour = any(labour.get(name) and count for name, count in one.by_class.items())
        has_other = any(not labour.get(name) and count for name, count in one.by_class.items())
        if has_labour and one.holder_ref not in open_ended and other:
            found.append((one.holder_ref, other))
        elif has_other and one.holder_ref in open_ended and own:
            found.append((one.holder_ref, own))
    return tuple(found)
