"""The package data that cases reads: procedures, curricula, the calendar of what is owed when."""

from jump.engines.cases.definitions.calendar import CALENDAR, Rhythm, rhythms
from jump.engines.cases.definitions.curricula import (
    CURRICULA,
    CourseGate,
    Curriculum,
    Module,
    curricula,
    curriculum,
)
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
    "CourseGate",
    "Curriculum",
    "GateDef",
    "Module",
    "Procedure",
    "Rhythm",
    "StepDef",
    "curricula",
    "curriculum",
    "procedure",
    "rhythms",
]
