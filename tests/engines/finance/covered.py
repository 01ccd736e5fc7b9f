"""A community insurance scheme in the words of the domain: its package, its families, contributions and claims."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from jump.base import packages
from jump.base.actors import Actor
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import PROGRAMMES, SYSTEM, acting

SENEGAL = "jump/africa/SN/"
CLERK = acting(31, "partner", SENEGAL)
SECOND_CLERK = acting(36, "partner", SENEGAL)
NATIONAL = acting(32, "national_coordinator", SENEGAL)
OTHER_NATIONAL = acting(35, "national_coordinator", SENEGAL)
CASHIER = acting(33, "fund_manager", SENEGAL)
SECOND_CASHIER = acting(34, "fund_manager", SENEGAL)
WORKER = acting(37, "extension_worker", SENEGAL)
ASSEMBLY = Ref("res-ASSEMB1Y")
CONTRACT = Ref("sub-C0NTRACT")
POST = Ref("org-HEA1TH00")
OWNER = Ref("grp-V111AGE0")
OPENED = date(2004, 1, 1)
TODAY = date(2005, 6, 30)
AWA, MODOU, FATOU = Ref("per-AWA00000"), Ref("per-M0D00000"), Ref("per-FAT00000")


def install_cover(folder: Path) -> None:
    """The shipped products of community insurance."""
    made = folder / "step"
    made.mkdir(parents=True)
    shutil.copy(PROGRAMMES / "step" / "products.yaml", made / "products.yaml")
    (made / "programme.yaml").write_text(
        'name: step\nversion: "1"\ntitle: {en: step, fr: step}\nlanguages: [en, fr]\nengines: [finance]\nuses: []\n'
    )
    packages.install(SYSTEM, made)


def xof(amount_minor: int) -> Money:
    return Money(amount_minor, "XOF")


@dataclass
class Scheme:
    """A scheme in Senegal, in CFA francs."""

    product: str = "step.village_health"
    targets: tuple[str, ...] = ()
    population: int = 300
    numbers: count[int] = field(default_factory=lambda: count(1))
    ref: Ref = field(init=False)

    def __post_init__(self) -> None:
        self.ref = finance.open_scheme(
            CLERK,
            title="Mutual of Ndiaye",
            legal_form="mutual",
            owner_ref=OWNER,
            scope=SENEGAL,
            currency="XOF",
            on=OPENED,
            key=f"scheme-{self.product}",
            targets=self.targets,
            target_population=self.population,
        )

    def package(self, valid_from: date = OPENED, product: str = "") -> finance.PackageView:
        made = self.propose(valid_from, product)
        return finance.adopt_package(NATIONAL, version_ref=made.ref, decision_ref=ASSEMBLY, on=OPENED)

    def propose(self, valid_from: date = OPENED, product: str = "") -> finance.PackageView:
        return finance.propose_package(
            CLERK,
            scheme_ref=self.ref,
            product=product or self.product,
            valid_from=valid_from,
            key=f"package-{next(self.numbers)}",
        )

    def agree(self, tariff: dict[str, int] | None = None, starts_on: date = OPENED) -> Ref:
        return finance.agree_provider(
            CLERK,
            scheme_ref=self.ref,
            provider_ref=POST,
            tariff={code: xof(amount) for code, amount in (tariff or {}).items()},
            starts_on=starts_on,
            proof_ref=CONTRACT,
            key=f"agreement-{next(self.numbers)}",
        )

    def family(
        self,
        head: Ref = AWA,
        dependants: tuple[tuple[Ref, str], ...] = ((MODOU, "spouse"), (FATOU, "child")),
        on: date = OPENED,
    ) -> Ref:
        number = next(self.numbers)
        return finance.enrol_family(
            CLERK,
            scheme_ref=self.ref,
            head=finance.NewInsured(head, "head", f"{number}-0"),
            dependants=[
                finance.NewInsured(ref, relation, f"{number}-{at}")
                for at, (ref, relation) in enumerate(dependants, start=1)
            ],
            on=on,
            key=f"family-{number}",
        )

    def pay(self, family: Ref, amount: int, on: date = OPENED) -> finance.ContributionView:
        number = next(self.numbers)
        return finance.pay_contribution(
            CASHIER, family_ref=family, amount=xof(amount), on=on, receipt=f"R{number}", key=f"paid-{number}"
        )

    def claim(
        self,
        family: Ref,
        amounts: dict[str, int],
        on: date = date(2004, 6, 1),
        *,
        person: Ref = AWA,
        pay_to: str = "provider",
        provider: Ref | None = POST,
        papers: str = "F-1",
        diagnosis: str = "",
        by: Actor = CLERK,
        reported_on: date | None = None,
    ) -> finance.ClaimView:
        return finance.enter_claim(
            by,
            family_ref=family,
            person_ref=person,
            amounts={code: xof(amount) for code, amount in amounts.items()},
            event_on=on,
            reported_on=reported_on or on,
            pay_to=pay_to,
            provider_ref=provider,
            papers=papers,
            diagnosis=diagnosis,
            key=f"claim-{next(self.numbers)}",
        )

    def approve(self, claim: Ref, on: date = date(2004, 6, 10), by: Actor = NATIONAL) -> finance.ClaimView:
        return finance.approve_claim(by, claim_ref=claim, on=on)

    @property
    def reviewer(self) -> Actor:
        medical = finance.scheme(SYSTEM, self.ref).medical_ref
        return Actor(
            user_id=40,
            name="medical reviewer",
            grants=acting(40, "extension_worker", SENEGAL).grants,
            row_refs=frozenset({str(medical)}),
        )

    @property
    def books(self) -> dict[str, int]:
        return ledger.balances(finance.scheme(SYSTEM, self.ref).book_ref)

    def ready(self, family: Ref, amounts: dict[str, int], on: date = date(2004, 6, 1), **options: Any) -> Ref:
        """A claim that can be approved: looked at by the reviewer where it was drawn or is large."""
        made = self.claim(family, amounts, on, **options)
        if made.needs_review:
            finance.review_claim(self.reviewer, claim_ref=made.ref, on=made.reported_on, why="As the papers say.")
        return made.ref

    def settled(self, family: Ref, amounts: dict[str, int], on: date = date(2004, 6, 1), **options: Any) -> Ref:
        """A claim entered, approved and paid, all on the day of the event."""
        ref = self.ready(family, amounts, on, **options)
        self.approve(ref, on)
        finance.pay_claim(CASHIER, claim_ref=ref, on=on)
        return ref

    def endow(self, amount: int, on: date = OPENED) -> None:
        finance.receive_subsidy(
            CASHIER, scheme_ref=self.ref, amount=xof(amount), on=on, what="Start", key=f"gift-{next(self.numbers)}"
        )
