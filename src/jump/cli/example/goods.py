"""Goods and work of the example: one season of a village cereal bank, and one pay period of work for a client."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jump.cli.example.cast import CountryCast
from jump.cli.example.road import Community
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties

HARVEST = date(2003, 11, 20)
LEAN = date(2004, 6, 1)
KILOGRAM = 1000  # in grams
MEMBERS = 4


def keep_a_store(cast: CountryCast, community: Community) -> Ref:
    """A season under way: cash and grain put in, grain bought after the harvest, sold and lent in the lean season."""
    owner = _group(cast, community, f"{community.name} Cereal Bank", HARVEST)

    def xof(amount: int) -> Money:
        return Money(amount, community.currency)

    store = finance.open_store(
        cast.partner,
        product="acopam.village_cereal_bank",
        title=f"Store of {community.name}",
        owner_ref=owner,
        scope=community.scope,
        currency=community.currency,
        on=HARVEST,
        key="example:store",
    )
    finance.contribute_to_store(
        cast.fund_manager, store_ref=store, on=HARVEST, key="example:store:cash", cash=xof(600_000), receipt="1"
    )
    finance.contribute_to_store(
        cast.fund_manager,
        store_ref=store,
        on=HARVEST,
        key="example:store:grain",
        quantity_minor=900 * KILOGRAM,
        price=xof(100),
        mark="Members 2003",
        quality="dry, sieved",
    )
    bought = finance.prepare_store_move(
        cast.partner,
        store_ref=store,
        kind="bought",
        quantity_minor=4_000 * KILOGRAM,
        price=xof(105),
        extra=xof(24_000),
        mark="December 2003",
        quality="dry and clean",
        on=date(2003, 12, 5),
        key="example:store:bought",
        receipt="2",
    )
    finance.approve_store_move(cast.fund_manager, move_ref=bought, on=date(2003, 12, 5))
    floor, ceiling = finance.suggested_band(cast.partner, store_ref=store, market_price=xof(220))
    finance.declare_band(
        cast.partner, store_ref=store, floor=floor, ceiling=ceiling, valid_from=LEAN, key="example:store:band"
    )
    for number, one in enumerate(community.villagers[:MEMBERS]):
        finance.sell_from_store(
            cast.fund_manager,
            store_ref=store,
            quantity_minor=(60 + 5 * number) * KILOGRAM,
            price=floor,
            on=date(2004, 6, 2 + number),
            key=f"example:store:sold:{number}",
            party_ref=one.ref,
            receipt=str(3 + number),
        )
    lent = finance.prepare_store_move(
        cast.partner,
        store_ref=store,
        kind="lent",
        quantity_minor=150 * KILOGRAM,
        party_ref=community.villagers[MEMBERS].ref,
        on=date(2004, 6, 14),
        key="example:store:lent",
    )
    finance.approve_store_move(cast.coordinator, move_ref=lent, on=date(2004, 6, 14))
    counted = {lot.ref: lot.left.amount_minor for lot in finance.store(cast.partner, store).lots}
    first = next(iter(counted))
    counted[first] -= 6 * KILOGRAM
    count = finance.write_count(
        cast.partner, store_ref=store, counted=counted, on=date(2004, 6, 20), key="example:store:count"
    )
    finance.confirm_count(cast.fund_manager, count_ref=count, on=date(2004, 6, 20))
    return store


def pay_for_work(cast: CountryCast, community: Community) -> Ref:
    """A contract with a municipality, one muster roll, its invoice, and wages that were approved and paid."""
    owner = _group(cast, community, f"{community.name} Labour Co-operative", date(2003, 9, 1))
    client = parties.register_organisation(
        cast.coordinator,
        scope=community.scope,
        name=f"Municipality of {community.name}",
        kind="government",
        on=date(2003, 9, 1),
        key="example:client",
    )

    def money(amount: int) -> Money:
        return Money(amount, community.currency)

    contract = finance.open_client_contract(
        cast.partner,
        product="labour_contracting.labour_contract",
        title="Clearing of the irrigation canal",
        work="Clear three kilometres of the canal and strengthen its banks.",
        safety="The municipality provides boots, gloves and a first-aid box; the foreman is trained in first aid.",
        cooperative_ref=owner,
        client_ref=client,
        scope=community.scope,
        currency=community.currency,
        rates=[finance.TaskRate("clearing", finance.PayBasis.DAY, money(260_00), money(380_00))],
        floor_daily=money(220_00),
        starts_on=date(2004, 4, 1),
        ends_on=date(2004, 9, 30),
        key="example:work",
    )
    points = finance.client_contract(cast.partner, contract).checklist
    finance.agree_checklist(
        cast.partner, contract_ref=contract, agreed={one.id: "Agreed, written into the contract" for one in points}
    )
    finance.sign_client_contract(cast.coordinator, contract_ref=contract, on=date(2004, 4, 1))
    days = [date(2004, 5, day) for day in (3, 4, 5, 6, 7, 10, 11, 12, 13, 14)]
    roll = finance.write_muster(
        cast.partner,
        contract_ref=contract,
        period_from=date(2004, 5, 1),
        period_to=date(2004, 5, 31),
        entries=[
            finance.MusterEntry(day, "clearing", one.ref, Decimal(8))
            for number, one in enumerate(community.villagers[:MEMBERS])
            for day in days[number % 3 :]
        ],
        key="example:work:may",
    )
    view = finance.accept_muster(cast.coordinator, muster_ref=roll, on=date(2004, 6, 1), proof_ref=community.letter_ref)
    assert view.pay_run_ref is not None
    assert view.invoice_ref is not None
    owed = finance.invoice(cast.partner, view.invoice_ref).to_pay
    finance.receive_invoice_payment(
        cast.fund_manager,
        invoice_ref=view.invoice_ref,
        amount=owed,
        on=date(2004, 6, 3),
        key="example:work:paid",
        receipt="M-118",
    )
    finance.approve_pay_run(cast.fund_manager, pay_run_ref=view.pay_run_ref, on=date(2004, 6, 4))
    finance.pay_wages(cast.fund_manager, pay_run_ref=view.pay_run_ref, on=date(2004, 6, 4))
    return contract


def _group(cast: CountryCast, community: Community, name: str, on: date) -> Ref:
    group = parties.register_group(
        cast.coordinator,
        scope=community.scope,
        name=name,
        kind="cooperative",
        legal_form="worker_cooperative",
        place_ref=community.place_ref,
        on=on,
    )
    for one in community.villagers[: MEMBERS + 1]:
        parties.join(cast.coordinator, group_ref=group, person_ref=one.ref, role="member", on=on)
    return group
