"""The tables of evidence. A form version, a review, a check and a frozen dossier are never changed."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from jump.base.actors import ROOT, Actor
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped, ScopedQuerySet
from jump.engines.evidence.types import SubmissionState, Verdict

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
        if "by_key" in names and actor.user_id is not None:
            rules |= Q(by_key=actor.key)
        return self.filter(rules)


class Form(models.Model):
    """A form by its full id; what it asks stands in its versions."""

    form_id = models.CharField(max_length=120, unique=True)


class FormVersion(models.Model):
    """A form as one version of its package had it: the XForm for devices, the schema and settings for the server."""

    ref = RefField(kind="frm")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    title = models.JSONField()
    xform = models.TextField()
    schema = models.JSONField()
    settings = models.JSONField()
    digest = models.CharField(max_length=64)
    installed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["form", "version"], name="evidence_form_version_once")
        ]


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
    """What a submission said before it was sent in again: nothing typed is lost."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="earlier")
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


class Review(models.Model):
    """That somebody other than the author looked, and what they found."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="reviews")
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    author_key = models.CharField(max_length=120)
    verdict = models.CharField(max_length=12)
    why = models.TextField(blank=True, default="")
    comments = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(by_key=F("author_key")), name="evidence_review_by_another"),
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


class Entity(Scoped):
    """One line of a register: current values; its history is its versions. Written by accepted submissions only."""

    ref = RefField(kind="ent")
    register = models.CharField(max_length=120)
    key = models.CharField(max_length=300)
    label = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    about_ref = PointerField(blank=True)
    on = models.DateField()
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    data_class = models.CharField(max_length=2, default="P1")

    objects = ClassedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["register", "scope", "about_ref", "key"], name="evidence_entity_once")
        ]


class EntityVersion(models.Model):
    """What one submission said of a line of a register."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="versions")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField()
    on = models.DateField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["entity", "submission"], name="evidence_entity_version_once")
        ]


class Dossier(Scoped):
    """Several forms about one subject, by a definition at the version with which it was opened."""

    ref = RefField(kind="dos")
    definition = models.CharField(max_length=120)
    definition_version = models.CharField(max_length=20)
    about_ref = PointerField()
    opened_on = models.DateField()
    opened_by = models.CharField(max_length=120)
    signed_on = models.DateField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_title = models.CharField(max_length=150, blank=True, default="")
    data_class = models.CharField(max_length=2, default="P1")

    objects = ClassedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["definition", "about_ref"], name="evidence_dossier_once"),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True, signed_by="") | (Q(signed_on__isnull=False) & ~Q(signed_by="")),
                name="evidence_signed_by_somebody",
            ),
        ]


class DossierVersion(models.Model):
    """A dossier as it was on a day: never changed, so two can be compared and one can be decided upon."""

    ref = RefField(kind="dsv")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    frozen_on = models.DateField()
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=120)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dossier", "number"], name="evidence_dossier_version_number"),
            models.CheckConstraint(condition=Q(numerator__lte=F("denominator")), name="evidence_part_of_the_whole"),
        ]


class DossierSignature(models.Model):
    """One party's name under one version: of each party one person, and nobody for two parties."""

    version = models.ForeignKey(DossierVersion, on_delete=models.PROTECT, related_name="signatures")
    signer = models.CharField(max_length=40)
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150)
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "signer"], name="evidence_signed_once_by_a_party"),
            models.UniqueConstraint(fields=["version", "by_key"], name="evidence_signed_for_one_party"),
        ]


class Check(Scoped):
    """That somebody other than the author of a row looked at what it says."""

    ref = RefField(kind="chk")
    target_ref = PointerField()
    verdict = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Verdict])
    submission_ref = PointerField(blank=True)
    on = models.DateField()
    at = models.DateTimeField()
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    author_key = models.CharField(max_length=120)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(by_key=F("author_key")), name="evidence_check_by_another"),
            models.CheckConstraint(
                condition=Q(verdict__in=[one.value for one in Verdict]), name="evidence_check_verdict"
            ),
        ]


class Sample(Scoped):
    """Units drawn for a check: with the seed, the draw can be repeated by anybody."""

    ref = RefField(kind="smp")
    title = models.CharField(max_length=200)
    units = models.JSONField()
    drawn = models.JSONField()
    seed = models.BigIntegerField()
    on = models.DateField()
    drawn_by = models.CharField(max_length=120)


class PublishedList(models.Model):
    """A list that another engine lends to forms: fields, accounts, posts of a place."""

    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=200, blank=True, default="")
    rows = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["name", "scope"], name="evidence_list_once")
        ]
