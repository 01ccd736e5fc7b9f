"""The door of the jobs engine: posts, job spells, verification, the decent-work test and the honest count.

declare_post(actor, *, employer_ref, title, isco, scope, key, share_percent=100, salary_monthly=None,
             budget_line="", funded_by="") -> Ref
claim_job(actor, *, employer_ref, title, isco="", person_ref, kind, started_on, terms, scope, evidence_ref, on, key,
          threat_ref=None, post_ref=None, cause_ref=None, ended_on=None) -> Ref
verify_job(actor, *, job_ref, confirmed, method, on, evidence_ref, terms_seen=None, note="", key="") -> Ref
require_verifier(actor, *, job_ref) -> None        refuses the claimant before a form is filled in vain
end_job(actor, *, job_ref, on, why) -> JobView
follow_up(actor, *, job_ref, on, still_at_work, evidence_ref, terms_seen=None) -> Ref
recheck_jobs_of(party_ref) -> tuple[Ref, ...]      flags duplicates after a merge, clears them after an unmerge
retest(actor, *, country, version=None) -> int     holds verified jobs against a newer test, keeping old results

job(actor, ref) -> JobView; jobs(actor, *, scope, state, employer_ref, person_ref, kind, limit, offset)
count_jobs(actor, *, ...same filters); counted_by_sex(actor, *, scope, employer_ref) -> {sex: jobs}
counted_by_employer(actor, employer_refs) -> {employer_ref: jobs}
waiting_for_verification(actor, *, scope="", limit, offset)
statement(actor, *, scope="", as_of) -> JobCountStatement; floors(country, version=None) -> Floors
country_of(scope) -> str; post(actor, ref) -> PostView; staff_posts(actor, *, scope="", as_of) -> list[StaffCost]
"""

from jump.engines.jobs.queries import (
    count_jobs,
    count_waiting_for_verification,
    counted_by_employer,
    counted_by_sex,
    country_of,
    floors,
    job,
    jobs,
    jobs_of_sources,
    post,
    staff_posts,
    statement,
    waiting_for_verification,
)
from jump.engines.jobs.services.claim import claim_job
from jump.engines.jobs.services.end import end_job
from jump.engines.jobs.services.follow import follow_up
from jump.engines.jobs.services.once import recheck_jobs_of
from jump.engines.jobs.services.posts import declare_post
from jump.engines.jobs.services.retest import retest
from jump.engines.jobs.services.verify import require_verifier, verify_job
from jump.engines.jobs.types import (
    Floor,
    Floors,
    FollowUpView,
    JobView,
    Kind,
    Method,
    MissingView,
    PostView,
    StaffCost,
    State,
    Sustained,
    Terms,
    VerificationView,
)

__all__ = [
    "declare_post",
    "claim_job",
    "require_verifier",
    "verify_job",
    "end_job",
    "follow_up",
    "recheck_jobs_of",
    "retest",
    "job",
    "jobs",
    "count_jobs",
    "jobs_of_sources",
    "waiting_for_verification",
    "count_waiting_for_verification",
    "counted_by_employer",
    "counted_by_sex",
    "statement",
    "floors",
    "country_of",
    "post",
    "staff_posts",
    "Floor",
    "Floors",
    "FollowUpView",
    "JobView",
    "Kind",
    "Method",
    "MissingView",
    "PostView",
    "StaffCost",
    "State",
    "Sustained",
    "Terms",
    "VerificationView",
]
