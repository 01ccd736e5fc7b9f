"""Standing bodies: who sits for whom, and what was resolved."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped


class Committee(Scoped):
    """A committee, or a team or working group under one."""

    data_class = "P1"

    ref = RefField(kind="com")
    kind = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=200)
    definition = models.CharField(max_length=120, blank=True, default="")
    about_ref = PointerField(blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="sub_groups")
    mandate = models.TextField(blank=True, default="")
    products = models.JSONField(default=list)
    required_classes = models.JSONField(default=list)
    quorum_percent = models.PositiveSmallIntegerField()
    secretary_role = models.CharField(max_length=40)
    constituted_on = models.DateField()
    ended_on = models.DateField(null=True)
    key = models.CharField(max_length=200, unique=True, null=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(quorum_percent__gte=1, quorum_percent__lte=100), name="decisions_committee_quorum"
            ),
        ]


class Seat(models.Model):
    """One person in one seat between two dates; ended seats stay as the history of membership (JNCC-08)."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="seats")
    party_ref = PointerField()
    body_ref = PointerField(blank=True)
    seat_class = models.CharField(max_length=60)
    office = models.CharField(max_length=20, default="member")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    why_ended = models.TextField(blank=True, default="")
    decided_by = PointerField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["committee", "party_ref"], condition=Q(ends_on__isnull=True), name="decisions_one_seat_each"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="decisions_seat_period"
            ),
        ]


class Resolution(models.Model):
    """One vote of a committee, numbered; never changed."""

    ref = RefField(kind="res")
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="resolutions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    session_ref = PointerField(blank=True)
    votes_for = models.PositiveIntegerField()
    votes_against = models.PositiveIntegerField()
    abstentions = models.PositiveIntegerField(default=0)
    seats = models.PositiveIntegerField()
    passed = models.BooleanField()
    linked_programme = models.CharField(max_length=200, blank=True, default="")
    on = models.DateField()
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=200, unique=True, null=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("number",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["committee", "number"], name="decisions_resolution_number"),
            models.CheckConstraint(condition=~Q(text=""), name="decisions_resolution_text"),
        ]
