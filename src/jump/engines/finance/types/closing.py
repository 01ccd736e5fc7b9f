"""What waits in the money of a book when a month is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jump.core.units import Ref


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Something prepared and not done, or collected and not counted. `about` is what its page is of."""

    kind: str  # tranche, write_off, savings, collection, guarantee, bank_move
    ref: Ref
    about: Ref
    on: date | None
