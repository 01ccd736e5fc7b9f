"""The composition root: the only place that knows which engine answers to which name.

An AppConfig, last among the installed apps. When Django is ready it offers every effect by name, registers every
engine's answers to the six questions, tells packages which kinds of data there are, and says who takes the
answers of effects. Nothing imports this module.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.conf import settings

from jump.core.units import Ref

if TYPE_CHECKING:
    from jump.base.outbox import Cause

logger = logging.getLogger(__name__)

# What has tables is imported when the apps are loaded, in the functions below.


class WiringConfig(AppConfig):
    """Fills the tables of effects, duties and definitions, once, at start."""

    name = "jump.wiring"
    label = "wiring"
    verbose_name = "JUMP wiring"

    def ready(self) -> None:
        from jump.base import outbox

        for engine in settings.ENGINES:
            _wire(engine)
        outbox.on_answer(bring_answer)


def _wire(engine: str) -> None:
    """Make one engine known: its package data, its effects, its duties."""
    from jump.base import duties, outbox, packages

    for kind in _part(engine, "definitions", "KINDS", ()):
        packages.register_kind(kind)
    for name, function in _effects(engine):
        outbox.offer(name, function)
    module = _module(engine, "duties")
    if module is not None:
        duties.register(engine, module)


def _effects(engine: str) -> Iterator[tuple[str, Callable[..., Mapping[str, Any] | None]]]:
    offered: Mapping[str, Callable[..., Mapping[str, Any] | None]] = _part(engine, "effects", "EFFECTS", {})
    for name, function in offered.items():
        assert name.startswith(f"{engine}."), f"{engine} may not offer {name}"
        yield name, function


def _module(engine: str, part: str) -> ModuleType | None:
    path = f"jump.engines.{engine}"
    if find_spec(path) is None or find_spec(f"{path}.{part}") is None:
        return None
    try:
        return import_module(f"{path}.{part}")
    except Exception as error:  # UNDER CONSTRUCTION: an engine is not complete yet; goes when all nine stand
        logger.warning("%s.%s cannot be imported yet: %s", path, part, error)
        return None


def _part(engine: str, part: str, name: str, default: Any) -> Any:
    module = _module(engine, part)
    return default if module is None else getattr(module, name, default)


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
    from jump.engines.cases import api as cases

    given: dict[str, Any] = {"bound": result.get("bound", {}), **({"code": code, **facts} if code else {})}
    cases.answer(
        cause.actor,
        key=answer_to,
        outcome=outcome,
        proof_ref=Ref(result["ref"]) if isinstance(result.get("ref"), str) else None,
        facts=given,
        on=cause.on,
    )
