"""Words for what the jobs engine calls by code."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.engines.jobs import api as jobs
from jump.web import formats

KINDS: dict[str, Any] = {
    "created": gettext_lazy("Created"),
    "preserved": gettext_lazy("Preserved"),
    "secured": gettext_lazy("Secured"),
    "placed": gettext_lazy("Placed"),
    "staff": gettext_lazy("Our own staff"),
}
KIND_MEANINGS: dict[str, Any] = {
    "created": gettext_lazy("The job did not exist before."),
    "preserved": gettext_lazy("The job existed and was about to be lost; the threat is proved."),
    "secured": gettext_lazy("Work made safe for the person, or obtained from an employer."),
    "placed": gettext_lazy("A person started in a job that somebody else made."),
}
STATES: dict[str, tuple[Any, str]] = {
    "claimed": (gettext_lazy("Claimed, waits for a look"), "blue"),
    "verified": (gettext_lazy("Verified"), "good"),
    "not_confirmed": (gettext_lazy("Not confirmed"), "bad"),
    "ended": (gettext_lazy("Ended"), ""),
}
METHODS: dict[str, Any] = {
    "visit": gettext_lazy("by a visit"),
    "phone": gettext_lazy("by telephone"),
    "employer": gettext_lazy("from the employer’s records"),
}
LASTED: dict[str, Any] = {
    "yes": gettext_lazy("Yes"),
    "no": gettext_lazy("No"),
    "not_yet": gettext_lazy("Not known yet"),
}
RULES: dict[str, Any] = {
    "refused": gettext_lazy("The visit did not confirm the job."),
    "not_started": gettext_lazy("The job had not begun on this day."),
    "same_job": gettext_lazy("The same person in the same post was reported more than once."),
    "same_post_again": gettext_lazy("The person came back to the same post: still one job."),
    "replacement": gettext_lazy("A new worker took over an existing post: not a new job."),
    "not_verified": gettext_lazy("Nobody but the claimant has confirmed the job yet."),
    "ended": gettext_lazy("The job had ended on this day."),
    "not_decent": gettext_lazy("The job does not pass the decent-work test."),
}
SEXES: dict[str, Any] = {
    "female": gettext_lazy("Women"),
    "male": gettext_lazy("Men"),
    "other": gettext_lazy("Other"),
    "not_stated": gettext_lazy("Not stated"),
}


def yes_no(value: bool | None) -> str:
    return formats.MISSING if value is None else _("Yes") if value else _("No")


def terms_rows(terms: jobs.Terms) -> list[tuple[str, str]]:
    """The terms of a job as the decent-work test asks for them."""
    pay = formats.money(terms.pay_minor_monthly, terms.currency) if terms.currency else formats.MISSING
    hours, months = terms.hours_weekly, terms.months_expected
    return [
        (_("Pay in a month"), pay),
        (_("Hours in a week"), formats.number(hours)),
        (_("Written terms"), yes_no(terms.has_written_terms)),
        (_("Social protection"), yes_no(terms.has_social_protection)),
        (_("Safety at work"), yes_no(terms.is_safe)),
        (_("Rights and a voice"), yes_no(terms.has_rights)),
        (_("Months the job should last"), formats.number(months)),
        (_("Freely chosen"), yes_no(terms.is_freely_chosen)),
        (_("Nobody under 18 in hazardous work"), yes_no(terms.is_free_of_hazard)),
        (_("Paid on time"), yes_no(terms.is_paid_on_time)),
        (_("Equal treatment"), yes_no(terms.is_equal)),
    ]


def decent_tag(job: jobs.JobView) -> tuple[str, str]:
    """The result of the test in one word; a claim has none yet."""
    if job.is_decent is None:
        return _("Not tested yet"), ""
    return (_("Decent"), "good") if job.is_decent else (_("Not decent yet"), "warn")
