"""The tables of filled forms: answers, files, reviews and the facts that were declared."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from jump.base.actors import ROOT, Actor
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped, ScopedQuerySet
from jump.engines.evidence.models.forms import FormVersion
from jump.engines.evidence.types import CorrectionState, SubmissionState

ROW_CLASSES = ("P0", "P1", "P2", "P3", "F", "D")


class ClassedQuerySet(ScopedQuerySet):
    """Rows that each carry their own class of data: a form on income and a form on refugees lie in one table.

    Class P3 is seen only by those to whom the row, or what it is about, was granted.
    """

    def visible_to(self, actor: Actor, data_class: str | None = None) -> Self:
        if actor.is_system:
            return self
        names = {field.name for field in self.model._meta.fields}
        rules = Q(ref__in=actor.row_refs) | Q(about_ref__in=actor.row_refs) if actor.row_refs else Q(pk__in=[])
        for one in ROW_CLASSES:
            for path in actor.paths_viewing(one) if one != "P3" else ():
                here = Q(data_class=one)
                rules |= here if path == ROOT else here & Q(scope__path__startswith=path)
        if "by_key" in names and (actor.user_id is not None or actor.device_ref is not None):
            rules |= Q(by_key=actor.key)
        return self.filter(rules)


class Submission(Scoped):
    """A filled form: who, when, where, about whom, and what was answered. Names in it lie under a key of their own."""

    ref = RefField(kind="sub")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="submissions")
    about_ref = PointerField(blank=True)
    on = models.DateField()
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    by_key = models.CharField(max_length=120, db_index=True)
    by_title = models.CharField(max_length=150, blank=True, default="")
    by_party = models.CharField(max_length=24, blank=True, default="")
    filled_by = models.CharField(
        max_length=120, blank=True, default=""
    )  # of a paper form: who wrote it, not who typed it
    source = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in SubmissionState], db_index=True)
    data_class = models.CharField(max_length=2)
    answers = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="")
    flags = models.JSONField(default=list)
    key = models.CharField(max_length=200, unique=True)
    key_digest = models.CharField(max_length=64)
    reviews_needed = models.PositiveSmallIntegerField(default=0)
    is_drawn = models.BooleanField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)  # of the answers: one more whenever others take their place
    known_to = models.BigIntegerField(null=True)  # what the sender's phone had heard of registers: see known_lines
    turn = models.PositiveIntegerField(default=1)  # of the review: one more whenever everybody has to look again

    objects = ClassedQuerySet.as_manager()  # type: ignore[misc]  # rows of several classes

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in SubmissionState]), name="evidence_submission_state"
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at__isnull=True)),
                name="evidence_accepted_has_its_instant",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["about_ref", "state", "form_version", "-on"], name="evidence_submission_about"),
            models.Index(fields=["state", "scope", "received_at"], name="evidence_submission_waiting"),
        ]


class EarlierAnswers(models.Model):
    """What a submission said before other answers took their place: nothing typed is lost."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="earlier")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+", null=True)
    revision = models.PositiveIntegerField(default=1)
    on = models.DateField(null=True)
    by_title = models.CharField(max_length=150, blank=True, default="")
    by_party = models.CharField(max_length=24, blank=True, default="")
    filled_by = models.CharField(max_length=120, blank=True, default="")
    accepted_at = models.DateTimeField(null=True)
    answers = models.JSONField()
    sealed = models.TextField(blank=True, default="")
    by_key = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)
    key_digest = models.CharField(max_length=64)
    at = models.DateTimeField()


class NamedPerson(models.Model):
    """A person whom a submission names: so that forgetting the person finds it."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="people")
    person_ref = PointerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["submission", "person_ref"], name="evidence_named_once")
        ]


class Attachment(models.Model):
    """A file that answers a question of a submission; the bytes are kept by base.files."""

    ref = RefField(kind="att")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attachments")
    path = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    file_ref = PointerField()


class Correction(models.Model):
    """Other answers to an accepted submission, until somebody has looked. What was accepted stands meanwhile."""

    ref = RefField(kind="cor")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="corrections")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    received_at = models.DateTimeField()
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    by_party = models.CharField(max_length=24, blank=True, default="")
    filled_by = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in CorrectionState])
    answers = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="")
    flags = models.JSONField(default=list)
    key = models.CharField(max_length=200, unique=True)
    key_digest = models.CharField(max_length=64)
    reviews_needed = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(state="received"), name="evidence_one_correction_waits"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in CorrectionState]), name="evidence_correction_state"
            ),
        ]


class Review(models.Model):
    """That somebody other than the author looked, and what they found."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="reviews")
    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="reviews", null=True)
    turn = models.PositiveIntegerField(default=1)
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    by_party = models.CharField(max_length=24, blank=True, default="")
    author_key = models.CharField(max_length=120)
    author_party = models.CharField(max_length=24, blank=True, default="")
    verdict = models.CharField(max_length=12)
    why = models.TextField(blank=True, default="")
    comments = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(by_key=F("author_key")), name="evidence_review_by_another"),
            models.CheckConstraint(
                condition=Q(by_party="") | ~Q(by_party=F("author_party")), name="evidence_review_by_another_person"
            ),
        ]


class DeclaredFact(models.Model):
    """A fact that an accepted submission declares, in the words of its form's version (forms.yaml, `facts`)."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=80, db_index=True)
    value = models.DecimalField(max_digits=34, decimal_places=12)
    on = models.DateField()
    until = models.DateField(null=True)
    party_ref = PointerField(blank=True)
    codes = models.JSONField(default=dict)
