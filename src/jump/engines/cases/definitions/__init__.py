"""The package data that cases reads: procedures, curricula, the calendar of what is owed when."""

from jump.engines.cases.definitions.calendar import CALENDAR, Rhythm, rhythms
from jump.engines.cases.definitions.curricula import CURRICULA, Curriculum, curriculum
from jump.engines.cases.definitions.procedures import (
    CLOSED,
    PROCEDURES,
    GateDef,
    Procedure,
    StepDef,
    procedure,
)

KINDS = (PROCEDURES, CURRICULA, CALENDAR)

__all__ = [
    "CALENDAR",
    "CLOSED",
    "CURRICULA",
    "KINDS",
    "PROCEDURES",
    "Curriculum",
    "GateDef",
    "Procedure",
    "Rhythm",
    "StepDef",
    "curriculum",
    "procedure",
    "rhythms",
]
