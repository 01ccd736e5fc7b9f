"""What cases can do: one verb, one transaction each."""

from jump.engines.cases.services.courses import enrol, finish_course, open_course
from jump.engines.cases.services.gatherings import (
    add_session_report,
    cancel_session,
    plan_reconvening,
    plan_session,
    record_session,
)
from jump.engines.cases.services.procedures.answers import answer, ask_again
from jump.engines.cases.services.procedures.dates import re_date
from jump.engines.cases.services.procedures.gates import waive
from jump.engines.cases.services.procedures.opening import (
    close_case,
    look_again,
    open_case,
    reopen,
    set_facts,
)
from jump.engines.cases.services.procedures.recording import (
    form_accepted,
    record_document,
    record_form,
    skip_step,
)
from jump.engines.cases.services.tasks import add_task, drop_task, finish_task, plan_calendar

__all__ = [
    "add_session_report",
    "add_task",
    "answer",
    "ask_again",
    "cancel_session",
    "close_case",
    "drop_task",
    "enrol",
    "finish_course",
    "finish_task",
    "form_accepted",
    "look_again",
    "open_case",
    "open_course",
    "plan_calendar",
    "plan_reconvening",
    "plan_session",
    "re_date",
    "record_document",
    "record_form",
    "record_session",
    "reopen",
    "set_facts",
    "skip_step",
    "waive",
]
