"""The composition root: the only place that knows which engine answers to which name.

An AppConfig, last among the installed apps. When Django is ready it offers every effect by name, registers every
engine's answers to the six questions, tells packages which kinds of data there are, and says who takes the
answers of effects. Nothing imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

from jump.core.units import Ref

if TYPE_CHECKING:
    from jump.base.actors import Actor
    from jump.base.outbox import Cause

# What has tables is imported when the apps are loaded, in the functions below.


class WiringConfig(AppConfig):
    """Fills the tables of effects, duties and definitions, once, at start."""

    name = "jump.wiring"
    label = "wiring"
    verbose_name = "JUMP wiring"

    def ready(self) -> None:
        from jump.base import consequences, duties, outbox, packages

        for engine, (definitions, effects, answers) in engines().items():
            for kind in definitions.KINDS if definitions is not None else ():
                packages.register_kind(kind)
            for name, function in (effects.EFFECTS if effects is not None else {}).items():
                assert name.startswith(f"{engine}."), f"{engine} may not offer {name}"
                outbox.offer(name, function)
            for name, take_back in getattr(effects, "TAKE_BACK", {}).items():
                consequences.offer_way_back(name, take_back)
            for name, change in getattr(effects, "CHANGE", {}).items():
                consequences.offer_change(name, change)
            duties.register(engine, answers)
        outbox.on_answer(bring_answer)
        declare_regular_work()


def declare_regular_work() -> None:
    """What nobody asks for and must happen all the same: the chain grows, holds lapse, waits end, a day's figures."""
    from jump.base import clock, regular
    from jump.engines.cases import api as cases
    from jump.engines.evidence import api as evidence
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger
    from jump.engines.results import api as results

    def figures_of_the_day(actor: Actor) -> None:
        pass_ = results.computation(actor)
        if pass_ is None or pass_.as_of < clock.today():
            results.recompute_later(actor, on=clock.today())

    regular.every_minute("chain", lambda _actor: ledger.seal_chain())
    regular.every_minute("holds", lambda _actor: ledger.lapse_holds())
    regular.every_day("cases", lambda actor: cases.look_again(actor, on=clock.today()))
    regular.every_day("loans", lambda actor: finance.age_loans(actor, on=clock.today()))
    regular.every_day("figures", figures_of_the_day)
    regular.every_day("sheets", evidence.drop_old_sheets)


def engines() -> Mapping[str, tuple[ModuleType | None, ModuleType | None, ModuleType]]:
    """Each engine, lowest first: the package data it reads, the effects it offers, its duties.

    The ledger offers no effects: money moves through finance alone.
    """
    from jump.engines.cases import definitions as cases_definitions
    from jump.engines.cases import duties as cases_duties
    from jump.engines.cases import effects as cases_effects
    from jump.engines.decisions import definitions as decisions_definitions
    from jump.engines.decisions import duties as decisions_duties
    from jump.engines.decisions import effects as decisions_effects
    from jump.engines.evidence import definitions as evidence_definitions
    from jump.engines.evidence import duties as evidence_duties
    from jump.engines.evidence import effects as evidence_effects
    from jump.engines.finance import definitions as finance_definitions
    from jump.engines.finance import duties as finance_duties
    from jump.engines.finance import effects as finance_effects
    from jump.engines.jobs import definitions as jobs_definitions
    from jump.engines.jobs import duties as jobs_duties
    from jump.engines.jobs import effects as jobs_effects
    from jump.engines.ledger import definitions as ledger_definitions
    from jump.engines.ledger import duties as ledger_duties
    from jump.engines.parties import definitions as parties_definitions
    from jump.engines.parties import duties as parties_duties
    from jump.engines.parties import effects as parties_effects
    from jump.engines.reports import definitions as reports_definitions
    from jump.engines.reports import duties as reports_duties
    from jump.engines.reports import effects as reports_effects
    from jump.engines.results import definitions as results_definitions
    from jump.engines.results import duties as results_duties
    from jump.engines.results import effects as results_effects

    return {
        "parties": (parties_definitions, parties_effects, parties_duties),
        "evidence": (evidence_definitions, evidence_effects, evidence_duties),
        "ledger": (ledger_definitions, None, ledger_duties),
        "cases": (cases_definitions, cases_effects, cases_duties),
        "jobs": (jobs_definitions, jobs_effects, jobs_duties),
        "finance": (finance_definitions, finance_effects, finance_duties),
        "decisions": (decisions_definitions, decisions_effects, decisions_duties),
        "results": (results_definitions, results_effects, results_duties),
        "reports": (reports_definitions, reports_effects, reports_duties),
    }


def bring_answer(
    answer_to: str,
    *,
    outcome: str,
    result: Mapping[str, Any],
    code: str,
    facts: Mapping[str, Any],
    cause: Cause,
) -> None:
    """Bring the answer of an effect to whoever waits for it: "cases:<step>:<number>"."""
    engine = answer_to.partition(":")[0]
    if engine != "cases":
        raise LookupError(f"nobody waits under {answer_to}")
    from jump.base.models import OutboxFailure
    from jump.engines.cases import api as cases

    given: dict[str, Any] = {"bound": result.get("bound", {})}
    if code:
        said = OutboxFailure.objects.filter(key=cause.key).values_list("message", flat=True).first()
        given = {**facts, "code": code, "message": said or ""}
    cases.answer(
        cause.actor,
        key=answer_to,
        outcome=outcome,
        proof_ref=Ref(result["ref"]) if isinstance(result.get("ref"), str) else None,
        facts=given,
        on=cause.on,
    )
