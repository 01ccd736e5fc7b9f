"""What cases can tell, scoped to who asks."""

from jump.engines.cases.queries.gatherings import (
    attendance_count,
    attendees,
    count_sessions,
    course,
    courses,
    past_attendees,
    session,
    sessions,
)
from jump.engines.cases.queries.procedures import (
    case,
    case_of,
    case_row,
    cases,
    count_cases,
    count_open_steps,
    open_steps,
    over_runs,
    road,
    step,
)
from jump.engines.cases.queries.tasks import count_tasks, task, tasks

__all__ = [
    "attendance_count",
    "attendees",
    "case",
    "case_of",
    "case_row",
    "cases",
    "count_cases",
    "count_open_steps",
    "count_sessions",
    "count_tasks",
    "course",
    "courses",
    "open_steps",
    "over_runs",
    "past_attendees",
    "road",
    "session",
    "sessions",
    "step",
    "task",
    "tasks",
]
