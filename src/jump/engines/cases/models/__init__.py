"""The tables of cases, in three rooms."""

from jump.engines.cases.models.fieldwork import WorkerMonth
from jump.engines.cases.models.gatherings import Attendance, Course, Enrolment, ExpectedReport, Session
from jump.engines.cases.models.procedures import Case, GateWaiver, Step, StepDating
from jump.engines.cases.models.tasks import Task

__all__ = [
    "Attendance",
    "Case",
    "Course",
    "Enrolment",
    "ExpectedReport",
    "GateWaiver",
    "Session",
    "Step",
    "StepDating",
    "Task",
    "WorkerMonth",
]
