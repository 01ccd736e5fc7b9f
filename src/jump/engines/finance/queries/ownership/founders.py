"""Whether an enterprise belongs to those who conceived it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from jump.base.actors import Actor, system_actor
from jump.core.units import Ref
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.ownership.registers import register_row, view_of_register
from jump.engines.finance.types.ownership import FoundersTest
from jump.engines.parties import api as parties


def founders_test(actor: Actor, *, register_ref: Ref, on: date | None = None) -> FoundersTest | None:
    """The owners beside the founders on a day; None where the register's product does not ask who owns it.

    It is met when the owners are just those who conceived the enterprise (001, Sustainability): every founder holds
    shares, and nobody else does. Founders are the links to the enterprise that the product names. Two records of one
    person are one person.
    """
    row = register_row(actor, register_ref)
    said = row.terms.get("owned_by")
    if said is None:
        return None
    view = view_of_register(row, on)
    # Who may read the register reads the same answer as everybody; names are masked where they are shown.
    links = parties.relations(system_actor("founders"), of=Ref(row.enterprise), kind=said["relation"], as_of=view.on)
    founders = list(dict.fromkeys(one.from_ref for one in links if one.to_ref == row.enterprise))
    held = {one.holder_ref: one.part for one in view.holders if one.held}
    same = parties.cluster_of([*founders, *held])
    conceived = {same[one] for one in founders}
    owning = {same[one] for one in held}
    return FoundersTest(
        on=view.on,
        title=title_of(said["title"]),
        relation=said["relation"],
        founders=tuple(founders),
        without_shares=tuple(one for one in founders if same[one] not in owning),
        others=tuple(one for one in held if same[one] not in conceived),
        part=sum((part for one, part in held.items() if same[one] in conceived), Fraction(0)),
    )
