"""What cases can do: one verb, one transaction each."""

from jump.engines.cases.services.courses import (
    enrol,
    enrol_many,
    finish_course,
    leave_course,
    open_course,
    revision_done,
)
from jump.engines.cases.services.fieldwork import plan_visit, read_month, record_supervision, record_visit, sign_month
from jump.engines.cases.services.gatherings import (
    add_action_points,
    add_session_report,
    amend_attendance,
    cancel_session,
    plan_reconvening,
    plan_session,
    record_session,
    report_on_session,
)
from jump.engines.cases.services.people_lists import check_people, read_people, take_attendance, take_enrolments
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
from jump.engines.cases.services.procedures.withdrawing import begun_beyond, form_withdrawn
from jump.engines.cases.services.tasks import add_task, drop_task, finish_task, plan_calendar

__all__ = [
    "begun_beyond",
    "form_withdrawn",
    "add_action_points",
    "add_session_report",
    "report_on_session",
    "add_task",
    "amend_attendance",
    "answer",
    "ask_again",
    "cancel_session",
    "check_people",
    "close_case",
    "drop_task",
    "enrol",
    "enrol_many",
    "finish_course",
    "finish_task",
    "form_accepted",
    "leave_course",
    "look_again",
    "open_case",
    "open_course",
    "plan_calendar",
    "plan_reconvening",
    "plan_session",
    "plan_visit",
    "re_date",
    "read_month",
    "read_people",
    "record_document",
    "record_form",
    "record_session",
    "record_supervision",
    "record_visit",
    "reopen",
    "revision_done",
    "set_facts",
    "sign_month",
    "skip_step",
    "take_attendance",
    "take_enrolments",
    "waive",
]
