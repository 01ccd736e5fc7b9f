"""Reads of the jobs engine: jobs and posts, the decent-work test of a country, the statement of the count."""

from jump.engines.jobs.queries.floors import country_of, floors
from jump.engines.jobs.queries.jobs import (
    count_jobs,
    count_waiting_for_verification,
    counted_by_employer,
    counted_by_sex,
    job,
    jobs,
    jobs_of_sources,
    post,
    staff_posts,
    waiting_for_verification,
)
from jump.engines.jobs.queries.statement import statement

__all__ = [
    "count_jobs",
    "count_waiting_for_verification",
    "counted_by_employer",
    "counted_by_sex",
    "country_of",
    "floors",
    "job",
    "jobs",
    "jobs_of_sources",
    "post",
    "staff_posts",
    "statement",
    "waiting_for_verification",
]
