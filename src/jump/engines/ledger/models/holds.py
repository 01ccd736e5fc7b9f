"""Holds: an amount of an account that is spoken for, until it is posted, let go or lapses.

A hold is never changed. What became of it is a row of its own; triggers take that from what is open and from what the
account has reserved (`guards`), and the check on the balance refuses to reserve more than is free.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.engines.ledger.models.tables import Account, Entry
from jump.engines.ledger.types import HoldEnd


class Hold(models.Model):
    """So much of an account is spoken for."""

    ref = RefField(kind="hld")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds", db_index=False)
    amount_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()
    purpose = models.CharField(max_length=300)
    source = PointerField(blank=True)
    key = models.CharField(max_length=200)
    placed_at = models.DateTimeField()
    lapses_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["account", "key"], name="ledger_hold_key_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_hold_amount"),
            models.CheckConstraint(condition=Q(open_minor__gte=0), name="ledger_hold_open"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "lapses_at"], name="ledger_hold_is_open", condition=Q(open_minor__gt=0))
        ]


class HoldMove(models.Model):
    """What became of a hold or of a part of it: posted by an entry, let go, or lapsed."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="hold_moves")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_holdmove_amount"),
            models.CheckConstraint(condition=Q(kind__in=[end.value for end in HoldEnd]), name="ledger_holdmove_kind"),
            models.CheckConstraint(
                condition=Q(kind=HoldEnd.POSTED.value, entry__isnull=False)
                | (~Q(kind=HoldEnd.POSTED.value) & Q(entry__isnull=True)),
                name="ledger_holdmove_entry",
            ),
        ]
