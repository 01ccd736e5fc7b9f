"""Stores, markets and work for clients in the words of the domain, with two people where two are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import MANAGER, NATIONAL, RIVERSIDE, SECOND_MANAGER, SYSTEM

VILLAGE = Ref("grp-V1LLAGE0")
MOUSSA = Ref("per-M0VSSA00")
FATIMA = Ref("per-FAT1MA00")
KOFFI = Ref("per-K0FF1000")
COMPANY = Ref("org-C0MPANY0")
CLIENT = Ref("org-CL1ENT00")
OPENED = date(2003, 11, 20)
LEAN = date(2004, 7, 1)
TONNE = 1_000_000  # grams


def xof(amount: int) -> Money:
    return Money(amount, "XOF")


@dataclass
class Stores:
    """Opens cereal banks in CFA francs and moves grain in kilograms."""

    numbers: count[int] = field(default_factory=lambda: count(1))

    def store(self, owner: Ref = VILLAGE, product: str = "village_cereal_bank", **terms: str | int) -> Ref:
        return finance.open_store(
            NATIONAL,
            product=f"acopam.{product}",
            title="Store of the village",
            owner_ref=owner,
            scope=RIVERSIDE,
            currency="XOF",
            on=OPENED,
            key=f"store-{next(self.numbers)}",
            terms=terms,
        )

    def cash(self, store: Ref, amount: int = 500_000, on: date = OPENED) -> None:
        finance.contribute_to_store(MANAGER, store_ref=store, on=on, key=f"cash-{next(self.numbers)}", cash=xof(amount))

    def buy(self, store: Ref, kilograms: int, *, price: int = 100, extra: int = 0, on: date = OPENED) -> Ref:
        number = next(self.numbers)
        ref = finance.prepare_store_move(
            NATIONAL,
            store_ref=store,
            kind="bought",
            quantity_minor=kilograms * 1000,
            price=xof(price),
            extra=xof(extra) if extra else None,
            on=on,
            key=f"buy-{number}",
            mark=f"L{number}",
            quality="dry and clean",
        )
        return finance.approve_store_move(MANAGER, move_ref=ref, on=on).ref

    def prices(self, store: Ref, floor: int = 110, ceiling: int = 170, on: date = OPENED) -> finance.Band:
        return finance.declare_band(
            NATIONAL,
            store_ref=store,
            floor=xof(floor),
            ceiling=xof(ceiling),
            valid_from=on,
            key=f"band-{next(self.numbers)}",
            decision_ref=Ref("res-00000001"),
        )

    def sell(
        self, store: Ref, kilograms: int, *, price: int = 130, on: date = LEAN, party: Ref | None = None
    ) -> finance.StoreMoveView:
        return finance.sell_from_store(
            MANAGER,
            store_ref=store,
            quantity_minor=kilograms * 1000,
            price=xof(price),
            on=on,
            key=f"sell-{next(self.numbers)}",
            party_ref=party,
        )

    def lend(self, store: Ref, kilograms: int, party: Ref = MOUSSA, on: date = LEAN) -> Ref:
        ref = finance.prepare_store_move(
            NATIONAL,
            store_ref=store,
            kind="lent",
            quantity_minor=kilograms * 1000,
            party_ref=party,
            on=on,
            key=f"lend-{next(self.numbers)}",
        )
        loan = finance.approve_store_move(MANAGER, move_ref=ref, on=on).loan_ref
        assert loan is not None
        return loan

    def give_back(self, loan: Ref, kilograms: int, on: date) -> finance.StoreMoveView:
        number = next(self.numbers)
        return finance.give_back_grain(
            MANAGER, loan_ref=loan, quantity_minor=kilograms * 1000, on=on, key=f"back-{number}", mark=f"R{number}"
        )

    def count(self, store: Ref, on: date, *, missing: int = 0) -> finance.StockCountView:
        """Count everything; `missing` kilograms of the oldest lot are not there."""
        lots = finance.store(SYSTEM, store).lots
        counted = {lot.ref: lot.left.amount_minor for lot in lots}
        counted[lots[0].ref] -= missing * 1000
        ref = finance.write_count(NATIONAL, store_ref=store, counted=counted, on=on, key=f"count-{next(self.numbers)}")
        return finance.confirm_count(MANAGER, count_ref=ref, on=on)

    def kilograms(self, store: Ref) -> Decimal:
        return finance.store(SYSTEM, store).stock.major


def held(owner: Ref) -> dict[str, int]:
    """What every account of an owner's book holds, debit positive."""
    return ledger.balances(ledger.book_of(owner).ref)


@dataclass
class Markets:
    """Opens cotton markets, weighs and pays."""

    numbers: count[int] = field(default_factory=lambda: count(1))

    def market(self, on: date = OPENED, *, checked: bool = True) -> Ref:
        ref = finance.open_market(
            NATIONAL,
            product="acopam.self_managed_cotton_market",
            title="Market of the village",
            owner_ref=VILLAGE,
            company_ref=COMPANY,
            scope=RIVERSIDE,
            currency="XOF",
            on=on,
            key=f"market-{next(self.numbers)}",
        )
        if checked:
            self.check(ref, on=on)
        return ref

    def check(self, market: Ref, shown: int = 20_000, on: date = OPENED) -> finance.ScaleCheckView:
        return finance.check_scale(
            NATIONAL,
            market_ref=market,
            moment="start",
            known_minor=20_000,
            shown_minor=shown,
            on=on,
            key=f"scale-{next(self.numbers)}",
        )

    def weigh(
        self,
        market: Ref,
        gross: int = 752,
        tare: int = 12,
        *,
        grower: Ref = MOUSSA,
        grade: str = "first",
        serial: str = "",
        second: int | None = None,
    ) -> finance.TicketView:
        number = next(self.numbers)
        return finance.weigh(
            NATIONAL,
            market_ref=market,
            serial=serial or f"{number:04}",
            grower_ref=grower,
            grade=grade,
            gross_minor=gross * 1000,
            tare_minor=tare * 1000,
            gross_second_minor=second * 1000 if second is not None else None,
            on=OPENED,
            key=f"weigh-{number}",
        )

    def accepted(self, market: Ref, gross: int = 752, tare: int = 12, **more: str | Ref) -> finance.TicketView:
        ticket = self.weigh(market, gross, tare, **more)  # type: ignore[arg-type]
        return finance.accept_weighing(MANAGER, ticket_ref=ticket.ref)

    def cash(self, market: Ref, amount: int) -> None:
        finance.bring_market_cash(
            MANAGER, market_ref=market, amount=xof(amount), on=OPENED, key=f"{next(self.numbers)}"
        )

    def pay(self, ticket: Ref) -> finance.TicketView:
        return finance.pay_ticket(SECOND_MANAGER, ticket_ref=ticket, on=OPENED, receipt=f"P{next(self.numbers)}")


CHECKLIST = ("pay", "hours", "safety", "insurance", "age", "equal_pay")
SIGNED_PAPER = Ref("fil-00000001")


@dataclass
class Work:
    """Contracts with clients, muster rolls and wages in Philippine pesos."""

    numbers: count[int] = field(default_factory=lambda: count(1))

    def rates(self, pay: int = 400_00, bill: int = 560_00) -> list[finance.TaskRate]:
        return [
            finance.TaskRate("clearing", finance.PayBasis.DAY, Money(pay, "PHP"), Money(bill, "PHP")),
            finance.TaskRate("driving", finance.PayBasis.HOUR, Money(80_00, "PHP"), Money(110_00, "PHP")),
            finance.TaskRate("bricks", finance.PayBasis.PIECE, Money(2_50, "PHP"), Money(3_50, "PHP")),
        ]

    def contract(self, *, signed: bool = True, product: str = "labour_contract", **more: object) -> Ref:
        given: dict[str, object] = {
            "rates": self.rates(),
            "floor_daily": Money(350_00, "PHP"),
            "starts_on": date(2004, 1, 5),
            "ends_on": date(2004, 12, 31),
            **more,
        }
        ref = finance.open_client_contract(
            NATIONAL,
            product=f"labour_contracting.{product}",
            title="Clearing of the canal",
            work="Clear 3 km of the canal and make bricks for its banks",
            safety="The client provides boots, gloves and first aid",
            cooperative_ref=VILLAGE,
            client_ref=CLIENT,
            scope=RIVERSIDE,
            currency="PHP",
            key=f"contract-{next(self.numbers)}",
            **given,  # type: ignore[arg-type]
        )
        if signed:
            finance.agree_checklist(NATIONAL, contract_ref=ref, agreed=dict.fromkeys(CHECKLIST, "agreed, see paper"))
            finance.sign_client_contract(MANAGER, contract_ref=ref, on=date(2004, 1, 5))
        return ref

    def muster(self, contract: Ref, entries: list[finance.MusterEntry] | None = None) -> Ref:
        return finance.write_muster(
            NATIONAL,
            contract_ref=contract,
            period_from=date(2004, 2, 1),
            period_to=date(2004, 2, 29),
            entries=entries if entries is not None else self.days(),
            key=f"muster-{next(self.numbers)}",
        )

    def days(self) -> list[finance.MusterEntry]:
        """Moussa and Fatima clear for two days each, Koffi drives for 5.5 hours."""
        first, second = date(2004, 2, 2), date(2004, 2, 3)
        return [
            finance.MusterEntry(first, "clearing", MOUSSA, Decimal(8)),
            finance.MusterEntry(second, "clearing", MOUSSA, Decimal(8)),
            finance.MusterEntry(first, "clearing", FATIMA, Decimal(8)),
            finance.MusterEntry(second, "clearing", FATIMA, Decimal(8)),
            finance.MusterEntry(first, "driving", KOFFI, Decimal("5.5")),
        ]

    def accepted(self, contract: Ref, entries: list[finance.MusterEntry] | None = None) -> finance.MusterView:
        ref = self.muster(contract, entries)
        return finance.accept_muster(MANAGER, muster_ref=ref, on=date(2004, 3, 1), proof_ref=SIGNED_PAPER)


def run_of(view: finance.MusterView) -> Ref:
    assert view.pay_run_ref is not None
    return view.pay_run_ref


def invoice_of(view: finance.MusterView) -> Ref:
    assert view.invoice_ref is not None
    return view.invoice_ref
