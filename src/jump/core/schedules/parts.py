"""What is owed on a loan, by part."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What a payment can be used for."""

    FEE = "fee"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


CHARGES = (Part.FEE, Part.PENALTY)
AGREED_PARTS = (Part.FEE, Part.INTEREST, Part.PRINCIPAL)  # all but late fees
