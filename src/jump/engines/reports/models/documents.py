"""Tables of reports: editions with their blocks, distribution, lessons."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.guards import Kept
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.reports.types import EditionState, LessonState


class Edition(Scoped):
    """A report as it was made. Its blocks never change; once published, nothing of it does (guards)."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="edn")
    template = models.CharField(max_length=80)
    template_version = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    period = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in EditionState])
    blocks = models.JSONField()
    missing_inputs = models.JSONField(default=list)
    as_of = models.DateField()
    figure_set = PointerField(blank=True)
    check_code = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    published_on = models.DateField(null=True)
    published_by = models.CharField(max_length=120, blank=True, default="")
    key = models.CharField(max_length=150, null=True, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["template", "period", "scope", "language", "number"], name="reports_edition_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state=EditionState.DRAFT.value, published_on__isnull=True)
                | Q(state=EditionState.PUBLISHED.value, published_on__isnull=False),
                name="reports_published_has_a_day",
            ),
        ]


class Distribution(models.Model):
    """One recipient of an edition. A body is a party; for others the class of recipient is enough: no names here."""

    ref = RefField(kind="dis")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="distributions")
    to = PointerField(blank=True)
    to_class = models.CharField(max_length=80, blank=True, default="")
    how = models.CharField(max_length=40)
    on = models.DateField()
    read_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["edition", "to", "to_class"], name="reports_sent_once"),
            models.CheckConstraint(condition=~Q(to="") | ~Q(to_class=""), name="reports_sent_to_somebody"),
        ]


class Lesson(Scoped):
    """What was learned. Published only with a record that proves it (EVAL-10)."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="les")
    title = models.CharField(max_length=200)
    text = models.TextField()
    context = models.TextField(blank=True, default="")
    about = models.CharField(max_length=80, blank=True, default="")
    proof = PointerField(blank=True)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in LessonState])
    on = models.DateField()
    by = models.CharField(max_length=120)
    used_in = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state=LessonState.DRAFT.value) | ~Q(proof=""), name="reports_lesson_has_proof"
            ),
        ]


# What was made is never rewritten; what was published is neither taken back nor removed.
GUARDS = (
    Kept(
        "reports_edition",
        ("ref", "template", "title", "period", "number", "language", "blocks", "as_of", "figure_set", "check_code"),
        "an edition is kept as it was made; make the next one",
    ),
    Kept(
        "reports_edition",
        ("state", "published_on", "published_by", "missing_inputs"),
        "a published edition never changes",
        when="OLD.state = 'published'",
        no_delete=True,
    ),
)
