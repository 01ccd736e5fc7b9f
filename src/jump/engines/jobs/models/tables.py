"""Tables of the jobs engine. The database keeps the rules that one row or one key can express.

A spell's kind never changes after the claim; terms, verifications, follow-ups and test results are only ever added;
nobody verifies what they claimed: triggers refuse all three (see `guards`).
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.jobs.types import Kind, Method, State, Terms

PROOF_STATES = (State.CLAIMED, State.VERIFIED, State.NOT_CONFIRMED)


def _choices(values: Any) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


class Post(Scoped):
    """One place of work at one employer. A second person in the same post replaces the first: no new job."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="pst")
    employer_ref = PointerField()
    title = models.CharField(max_length=120)
    isco = models.CharField(max_length=8, blank=True, default="")
    share_percent = models.PositiveSmallIntegerField(default=100)
    salary_minor_monthly = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    budget_line = models.CharField(max_length=60, blank=True, default="")
    funded_by = PointerField(blank=True)
    key = models.CharField(max_length=200, null=True, unique=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(share_percent__gte=1, share_percent__lte=100), name="jobs_post_share"),
            models.CheckConstraint(
                condition=Q(salary_minor_monthly__isnull=True) | Q(salary_minor_monthly__gte=0, currency__gt=""),
                name="jobs_post_salary",
            ),
        ]


class JobSpell(Scoped):
    """One person in one post for a time: a claim until somebody else has verified it."""

    data_class: ClassVar[str] = "P2"

    ref = RefField(kind="job")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="spells")
    employer_ref = PointerField()
    person_ref = PointerField()
    kind = models.CharField(max_length=10, choices=_choices(Kind))
    started_on = models.DateField(db_index=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")
    claimed_on = models.DateField()
    claimed_by = models.CharField(max_length=120)
    author = models.CharField(max_length=120, blank=True, default="")
    evidence_ref = PointerField(blank=True)
    threat_ref = PointerField(blank=True)
    cause_ref = PointerField(blank=True)
    proof = models.CharField(max_length=14, choices=_choices(PROOF_STATES), default=State.CLAIMED)
    verified_on = models.DateField(null=True)
    is_decent = models.BooleanField(null=True)
    missing = models.JSONField(default=list)
    test_version = models.CharField(max_length=80, blank=True, default="")
    duplicate_of = PointerField(blank=True)
    duplicate_rule = models.CharField(max_length=20, blank=True, default="")
    key = models.CharField(max_length=200, null=True, unique=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(kind__in=[str(kind) for kind in Kind]), name="jobs_spell_kind"),
            models.CheckConstraint(condition=Q(proof__in=[str(one) for one in PROOF_STATES]), name="jobs_spell_proof"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")), name="jobs_spell_period"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.PRESERVED) | Q(threat_ref__gt=""), name="jobs_preserved_needs_threat"
            ),
            models.CheckConstraint(
                condition=~Q(proof=State.VERIFIED) | Q(verified_on__isnull=False), name="jobs_verified_has_day"
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=F("ref")), name="jobs_not_its_own_duplicate"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["scope", "proof", "claimed_on"], name="jobs_spell_waiting"),
            models.Index(fields=["employer_ref", "person_ref"], name="jobs_spell_pair"),
        ]


class TermsRow(models.Model):
    """What a job offered, as said or seen at one moment."""

    spell = models.ForeignKey(JobSpell, on_delete=models.PROTECT, related_name="terms_rows")
    source = models.CharField(max_length=12, choices=_choices(("claim", "verification", "follow_up")))
    on = models.DateField()
    pay_minor_monthly = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    hours_weekly = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    has_written_terms = models.BooleanField(null=True)
    has_social_protection = models.BooleanField(null=True)
    is_safe = models.BooleanField(null=True)
    has_rights = models.BooleanField(null=True)
    is_freely_chosen = models.BooleanField(null=True)
    is_free_of_hazard = models.BooleanField(null=True)
    is_paid_on_time = models.BooleanField(null=True)
    is_equal = models.BooleanField(null=True)
    months_expected = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(pay_minor_monthly__isnull=True) | Q(pay_minor_monthly__gte=0, currency__gt=""),
                name="jobs_terms_pay",
            ),
            models.CheckConstraint(
                condition=Q(hours_weekly__isnull=True) | Q(hours_weekly__gte=0, hours_weekly__lte=168),
                name="jobs_terms_hours",
            ),
        ]

    def terms(self) -> Terms:
        return Terms(
            pay_minor_monthly=self.pay_minor_monthly,
            currency=self.currency,
            hours_weekly=self.hours_weekly,
            has_written_terms=self.has_written_terms,
            has_social_protection=self.has_social_protection,
            is_safe=self.is_safe,
            has_rights=self.has_rights,
            is_freely_chosen=self.is_freely_chosen,
            is_free_of_hazard=self.is_free_of_hazard,
            is_paid_on_time=self.is_paid_on_time,
            is_equal=self.is_equal,
            months_expected=self.months_expected,
        )


class Verification(models.Model):
    """A check of a claim by somebody who neither claimed it nor wrote the form it came from."""

    ref = RefField(kind="ver")
    spell = models.ForeignKey(JobSpell, on_delete=models.PROTECT, related_name="verifications")
    confirmed = models.BooleanField()
    method = models.CharField(max_length=8, choices=_choices(Method))
    on = models.DateField()
    by = models.CharField(max_length=120)
    evidence_ref = PointerField(blank=True)
    terms = models.ForeignKey(TermsRow, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=200, null=True, unique=True)


class FollowUp(models.Model):
    """A later look at whether the person is still at work."""

    ref = RefField(kind="fup")
    spell = models.ForeignKey(JobSpell, on_delete=models.PROTECT, related_name="follow_ups")
    on = models.DateField()
    still_at_work = models.BooleanField()
    by = models.CharField(max_length=120)
    evidence_ref = PointerField(blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["spell", "on"], name="jobs_one_follow_up_a_day")
        ]


class DecentWorkResult(models.Model):
    """A job held against one version of a country's decent-work test. A newer test adds a row, never replaces one."""

    spell = models.ForeignKey(JobSpell, on_delete=models.PROTECT, related_name="decent_work_results")
    terms = models.ForeignKey(TermsRow, on_delete=models.PROTECT, related_name="+")
    definition = models.CharField(max_length=80)
    version = models.CharField(max_length=80)
    on = models.DateField()
    is_decent = models.BooleanField()
    missing = models.JSONField(default=list)
    recorded_at = models.DateTimeField()
