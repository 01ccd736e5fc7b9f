"""The tables of the base app."""

import datetime
import json
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import ScopeNode

__all__ = ["ScopeNode"]


class Installation(models.Model):
    """The one row about this installation itself."""

    today_pinned = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.CheckConstraint(condition=Q(pk=1), name="base_one_installation")]


class AssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def held_on(self, day: datetime.date) -> Self:
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class RoleAssignment(models.Model):
    """A role held by a user at a node, for a period. Ending it ends the access (actors.md, rule 8)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=40)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "role", "node", "starts_on"], name="base_role_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="base_role_period",
            ),
        ]


class RowGrant(models.Model):
    """Reach to one row beyond the roles: one's own record, or a case that was handed over."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="row_grants")
    ref = PointerField()
    why = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["user", "ref"], name="base_row_grant_once")]


class AuditEvent(models.Model):
    """Who did what to which row, when and why. Rows are only ever added: triggers refuse the rest."""

    ref = RefField(kind="aud")
    at = models.DateTimeField(db_index=True)
    who = models.CharField(max_length=120)
    action = models.CharField(max_length=80)
    about = PointerField(blank=True)
    why = models.TextField(blank=True, default="")
    facts = models.JSONField(default=dict)


class OrderedJSONField(models.TextField[Any, Any]):
    """JSON kept as text: PostgreSQL's jsonb forgets in which order keys stood, and steps stand in an order."""

    def from_db_value(self, value: str | None, *_more: Any) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)


class PackageVersion(models.Model):
    """One installed version of a programme package: its whole content, as it was read and checked."""

    name = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    content = OrderedJSONField()
    installed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["name", "version"], name="base_package_version_once")
        ]


class StoredFile(models.Model):
    """A file kept for somebody: private, named by its reference, addressed by its content."""

    ref = RefField(kind="fil")
    sha256 = models.CharField(max_length=64, db_index=True)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    stored_at = models.DateTimeField()
    stored_by = models.CharField(max_length=120)


class Consequence(models.Model):
    """Something that stands, stood or was left standing because of an accepted record: one row per declared call."""

    cause_ref = PointerField()
    result_ref = PointerField(blank=True)  # what stands because of it; empty where nothing does
    slot = models.CharField(max_length=120)
    effect = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    why_left = models.CharField(max_length=200, blank=True, default="")
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["cause_ref", "slot"], name="base_consequence_once"),
            models.CheckConstraint(
                condition=Q(state__in=["standing", "taken_back", "left"]), name="base_consequence_state"
            ),
        ]


class Notice(models.Model):
    """Something told to a party or a user: the inbox. Mail and text messages are further carriers of the same row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="notices")
    party = PointerField(blank=True)
    template = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)
    about = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)


class SearchRow(models.Model):
    """What search finds: one row per reference, put and dropped by the engine that owns it; never P3 text."""

    about = PointerField(unique=True, db_index=False)
    kind = models.CharField(max_length=3, db_index=True)
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=200, blank=True, default="")
    data_class = models.CharField(max_length=2)
    scope = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="+")


class SearchToken(models.Model):
    """A word of a search row, without accents and case."""

    row = models.ForeignKey(SearchRow, on_delete=models.CASCADE, related_name="tokens")
    token = models.CharField(max_length=40, db_index=True)


class PersonKey(models.Model):
    """The key under which a person's names are written. Destroying it makes them unreadable for good."""

    person = PointerField(unique=True, db_index=False)
    wrapped = models.BinaryField()
    destroyed_at = models.DateTimeField(null=True)


class OutboxFailure(models.Model):
    """An effect that was refused or failed: shown to the coordinator until it is settled."""

    key = models.CharField(max_length=250, unique=True)
    effect = models.CharField(max_length=80)
    about = PointerField(blank=True)
    code = models.CharField(max_length=80)
    message = models.TextField()
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A token of a user: a program that shows it acts with exactly the user's roles, until it ends or is given back.

    Only its digest is kept.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=100, blank=True, default="")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["ends_at"], name="base_token_end")]
