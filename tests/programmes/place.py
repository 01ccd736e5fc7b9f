"""One community with what a test asks for: packages installed, people signed in, forms sent and cases walked."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from jump.base import outbox, packages
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from tests import makers

DAY = date(2004, 3, 1)
PH = "jump/asia/PH/"
RIVERSIDE = "jump/asia/PH/riverside/"
_keys = itertools.count(1)


class Place:
    """Riverside with these packages, and who works there."""

    def __init__(self, *names: str) -> None:
        for folder in packages.in_order(names):
            packages.install(makers.MAKER, folder)
        parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
        country = next(place for place in parties.places(makers.MAKER, kind="country") if place.code == "PH")
        self.country = country.ref
        self.ref = parties.declare_place(
            makers.MAKER, parent_ref=country.ref, kind="community", name="Riverside", code="riverside", on=DAY
        )
        self.coordinator = makers.signed_in("programme_coordinator", "jump/")
        self.national = makers.signed_in("national_coordinator", PH)
        self.partner = makers.signed_in("partner", PH)
        self.worker = makers.signed_in("extension_worker", RIVERSIDE)

    def budget(self) -> None:
        """Money of the donor in the books."""
        ref = finance.declare_budget(makers.MAKER, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
        finance.receive(
            makers.MAKER, budget_ref=ref, source="primary_donor", amount=Money(100_000_000, "USD"), on=DAY, key="in"
        )

    def send(self, actor: Any, form: str, answers: dict[str, Any], about: Ref, scope: str = RIVERSIDE) -> Any:
        sent = evidence.submit(
            actor, form=form, answers=answers, scope=scope, about=about, on=DAY, key=f"form {next(_keys)}"
        )
        if sent.state == "received":
            evidence.accept(self.coordinator, ref=sent.ref)
        outbox.drain()
        return evidence.submission(makers.MAKER, sent.ref)

    def case(self, procedure: str, about: Ref, scope: str = PH) -> Ref:
        ref = cases.open_case(
            self.national, procedure=procedure, subject_ref=about, scope=scope, on=DAY, key=f"case {next(_keys)}",
            title=procedure,
        )  # fmt: skip
        outbox.drain()
        return ref

    def fill(self, case: Ref, form: str, answers: dict[str, Any], actor: Any = None, scope: str = PH) -> Any:
        """The form that the open step of the case asks for; acceptance moves the case."""
        subject = cases.case(makers.MAKER, case).subject_ref
        return self.send(actor or self.national, form, answers, subject, scope)

    def here(self, case: Ref) -> list[str]:
        return [step.key for step in cases.case(makers.MAKER, case).here]
