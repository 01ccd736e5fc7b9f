"""What cases can do. Signatures stand; bodies follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from jump.base.actors import Actor
from jump.core.units import Ref

from ..types import AgendaItem, Attendee, Product


# --- procedures
def open_case(actor: Actor, *, procedure: str, subject_ref: Ref, scope: str, on: date, key: str, facts: Mapping[str, object] | None = None, title: str = "", submission_ref: Ref | None = None) -> Ref: raise NotImplementedError  # submission_ref: the accepted form of the first step, if that is what opened the case
def record_form(actor: Actor, *, step_ref: Ref, submission_ref: Ref, on: date) -> None: raise NotImplementedError
def record_document(actor: Actor, *, step_ref: Ref, dossier_version_ref: Ref, on: date) -> None: raise NotImplementedError
def skip_step(actor: Actor, *, step_ref: Ref, why: str, on: date) -> None: raise NotImplementedError  # only a step declared `optional: true`
def waive(actor: Actor, *, step_ref: Ref, gate: str, why: str, on: date) -> None: raise NotImplementedError
def re_date(actor: Actor, *, step_ref: Ref, due_on: date, why: str) -> None: raise NotImplementedError
def answer(actor: Actor, *, key: str, outcome: str, proof_ref: Ref | None = None, facts: Mapping[str, object] | None = None, on: date) -> None: raise NotImplementedError
def ask_again(actor: Actor, *, step_ref: Ref, on: date) -> None: raise NotImplementedError  # after a refused effect or decision request
def reopen(actor: Actor, *, case_ref: Ref, step: str, why: str, on: date) -> Ref: raise NotImplementedError  # the new step
def close_case(actor: Actor, *, case_ref: Ref, outcome: str, why: str, on: date) -> None: raise NotImplementedError
def set_facts(actor: Actor, *, case_ref: Ref, facts: Mapping[str, object], on: date) -> None: raise NotImplementedError
def look_again(actor: Actor, *, on: date, case_ref: Ref | None = None) -> int: raise NotImplementedError  # waits that are over, gates that became true; how many steps moved
# --- gatherings
def plan_session(actor: Actor, *, kind: str, title: str, scope: str, planned_on: date, ended_on: date | None = None, hosts: Sequence[Ref] = (), about: Sequence[Ref] = (), agenda: Sequence[AgendaItem] = (), invited: Sequence[Ref] = (), purpose: str = "", reports_from: Sequence[Ref] = (), details: Mapping[str, str] | None = None, step_ref: Ref | None = None, course_ref: Ref | None = None, curriculum: str = "", key: str = "") -> Ref: raise NotImplementedError
def record_session(actor: Actor, *, kind: str = "", title: str = "", scope: str = "", held_on: date, ended_on: date | None = None, hosts: Sequence[Ref] = (), about: Sequence[Ref] = (), agenda: Sequence[AgendaItem] = (), products: Sequence[Product] = (), issues: Sequence[str] = (), attendance: Sequence[Attendee] = (), totals: Mapping[str, int] | None = None, purpose: str = "", cost_minor: int | None = None, currency: str = "", minutes: str = "", details: Mapping[str, str] | None = None, reports_from: Sequence[Ref] = (), step_ref: Ref | None = None, course_ref: Ref | None = None, curriculum: str = "", planned_ref: Ref | None = None, key: str) -> Ref: raise NotImplementedError  # totals {"female:15-24": 7}: people not listed one by one; planned_ref: the plan that took place
def cancel_session(actor: Actor, *, session_ref: Ref, why: str) -> None: raise NotImplementedError
def add_session_report(actor: Actor, *, session_ref: Ref, from_ref: Ref, submission_ref: Ref, on: date) -> None: raise NotImplementedError
def plan_reconvening(actor: Actor, *, case_ref: Ref, title: str, planned_on: date, agenda: Sequence[AgendaItem] = (), step_ref: Ref | None = None, key: str = "") -> Ref: raise NotImplementedError
def open_course(actor: Actor, *, curriculum: str, title: str, scope: str, level: str, starts_on: date, ends_on: date, trainers: Sequence[Ref] = (), key: str = "") -> Ref: raise NotImplementedError
def enrol(actor: Actor, *, course_ref: Ref, person_ref: Ref, group_ref: Ref | None = None, on: date) -> None: raise NotImplementedError
def finish_course(actor: Actor, *, course_ref: Ref, on: date) -> int: raise NotImplementedError  # how many completed
# --- tasks
def add_task(actor: Actor, *, title: str, about: Ref | None, owner_role: str, scope: str, due_on: date | None, key: str, owner_ref: Ref | None = None, asks: str = "", source: str = "") -> Ref: raise NotImplementedError
def finish_task(actor: Actor, *, ref: Ref, on: date, note: str = "", proof_ref: Ref | None = None) -> None: raise NotImplementedError
def drop_task(actor: Actor, *, ref: Ref, why: str) -> None: raise NotImplementedError
def plan_calendar(actor: Actor, *, package: str, scope: str, starts_on: date, until: date, about: Ref | None = None, only: Sequence[str] = ()) -> int: raise NotImplementedError  # tasks from calendar.yaml; safe to repeat; how many are new
