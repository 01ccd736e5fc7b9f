"""Say that facts about jobs have changed, so that figures are worked out anew behind the page."""

from datetime import date

from jump.base.actors import Actor
from jump.base.outbox import EffectCall, after_commit, offered

RECOMPUTE = "results.recompute"


def figures_changed(actor: Actor, *, on: date) -> None:
    """Ask for new figures once the change is committed. Many changes in a row ask once."""
    if RECOMPUTE in offered():
        after_commit([EffectCall(RECOMPUTE)], key=RECOMPUTE, actor=actor, on=on, once=True)
