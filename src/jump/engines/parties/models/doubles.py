"""Which records may be one person: keys to find them by, searches with the weights they used, and pairs to decide."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from jump.base.actors import Actor
from jump.base.refs import RefField
from jump.engines.parties.models.parties import Person
from jump.engines.parties.types import DoubleState


class SearchKey(models.Model):
    """One of the keys under which a person is looked for: a name as it sounds, with a date, a place or a number.

    Only a digest is kept, made with the installation's secret; it goes when the name goes.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="search_keys")
    digest = models.BigIntegerField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["digest", "person"], name="parties_search_key_digest")
        ]


class DoublesSearch(models.Model):
    """A search through everybody at and under a node: asked, done, what it found, and the weights it learnt."""

    scope = models.CharField(max_length=200)
    by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(default=0)
    compared = models.PositiveBigIntegerField(default=0)
    sure = models.PositiveIntegerField(default=0)
    to_ask = models.PositiveIntegerField(default=0)
    weights = models.JSONField(default=dict)


class PossibleDoubleQuerySet(models.QuerySet["PossibleDouble"]):
    """Pairs of which the reader may see both."""

    def visible_to(self, actor: Actor) -> Self:
        seen = Person.objects.visible_to(actor).values("pk")
        return self.filter(one__in=seen, other__in=seen)


class PossibleDouble(models.Model):
    """Two records that may be one person: how probably, what speaks for and against it, and what a person decided."""

    ref = RefField(kind="dbl")
    one = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    why = models.JSONField(default=list)  # [field, level, weight in bits]
    found_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in DoubleState], default=DoubleState.WAITING
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    why_decided = models.TextField(blank=True, default="")

    objects = PossibleDoubleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["one", "other"], name="parties_pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="parties_pair_of_two"),
            models.CheckConstraint(
                condition=Q(state=DoubleState.WAITING, decided_at__isnull=True)
                | Q(state__in=[DoubleState.SAME, DoubleState.DIFFERENT], decided_at__isnull=False),
                name="parties_pair_decided",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-probability"], name="parties_pair_waiting")
        ]
