"""What cases can tell. Signatures stand; bodies follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jump.base.actors import Actor
from jump.core.units import Ref

from .types import AttendanceCount, Attendee, CaseRow, CaseView, CourseView, OpenStep, PastAttendees, SessionView, StepView, TaskView


def case(actor: Actor, ref: Ref) -> CaseView: raise NotImplementedError
def cases(actor: Actor, *, procedure: str = "", scope: str = "", state: str = "", step: str = "", subject_ref: Ref | None = None, limit: int = 50, offset: int = 0) -> list[CaseRow]: raise NotImplementedError
def count_cases(actor: Actor, *, procedure: str = "", scope: str = "", state: str = "", step: str = "", subject_ref: Ref | None = None) -> int: raise NotImplementedError
def case_of(subject_ref: Ref, procedure: str) -> Ref | None: raise NotImplementedError  # the open one
def step(actor: Actor, ref: Ref) -> StepView: raise NotImplementedError
def open_steps(actor: Actor, *, scope: str = "", by_role: str = "", as_of: date, late_only: bool = False, limit: int = 50, offset: int = 0) -> list[OpenStep]: raise NotImplementedError
def count_open_steps(actor: Actor, *, scope: str = "", by_role: str = "", as_of: date, late_only: bool = False) -> int: raise NotImplementedError
def over_runs(actor: Actor, *, scope: str = "", as_of: date) -> list[OpenStep]: raise NotImplementedError  # stages beyond their planned length
def session(actor: Actor, ref: Ref) -> SessionView: raise NotImplementedError
def sessions(actor: Actor, *, scope: str = "", kind: str = "", state: str = "", case_ref: Ref | None = None, host_ref: Ref | None = None, course_ref: Ref | None = None, since: date | None = None, until: date | None = None, limit: int = 50, offset: int = 0) -> list[SessionView]: raise NotImplementedError
def count_sessions(actor: Actor, *, scope: str = "", kind: str = "", state: str = "", case_ref: Ref | None = None, host_ref: Ref | None = None, course_ref: Ref | None = None, since: date | None = None, until: date | None = None) -> int: raise NotImplementedError
def attendees(actor: Actor, session_ref: Ref) -> list[Attendee]: raise NotImplementedError
def past_attendees(actor: Actor, case_ref: Ref) -> PastAttendees: raise NotImplementedError
def attendance_count(session_refs: Sequence[Ref]) -> AttendanceCount: raise NotImplementedError
def course(actor: Actor, ref: Ref) -> CourseView: raise NotImplementedError
def courses(actor: Actor, *, scope: str = "", curriculum: str = "", level: str = "", limit: int = 50, offset: int = 0) -> list[CourseView]: raise NotImplementedError
def task(actor: Actor, ref: Ref) -> TaskView: raise NotImplementedError
def tasks(actor: Actor, *, scope: str = "", state: str = "", owner_role: str = "", about: Ref | None = None, as_of: date, late_only: bool = False, limit: int = 50, offset: int = 0) -> list[TaskView]: raise NotImplementedError
def count_tasks(actor: Actor, *, scope: str = "", state: str = "", owner_role: str = "", about: Ref | None = None, as_of: date, late_only: bool = False) -> int: raise NotImplementedError
