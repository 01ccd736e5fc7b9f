"""Community insurance: schemes, dated packages, families and their contributions, claims, closed years."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.core.insurance import ClaimState
from jump.engines.finance.types.cover import AppealState, CashKind, PaperState, PayTo, Relation, VersionState


def _one_of(field: str, values: Any, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [one.value for one in values]}), name=name)


class CoverScheme(Scoped):
    """A community insurance scheme with a book of its own. What it covers is said by its dated packages."""

    data_class = "F"

    ref = RefField(kind="sch")
    title = models.CharField(max_length=200)
    legal_form = models.CharField(max_length=60)
    owner = PointerField()
    currency = models.CharField(max_length=3)
    targets = models.JSONField(default=list)
    target_population = models.PositiveIntegerField(default=0)
    book = PointerField(unique=True, db_index=False)
    # Who holds this number reads diagnoses: the medical file of the scheme.
    medical = RefField(kind="mdf")
    opened_on = models.DateField()
    last_claim = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return str(self.ref)


class CoverVersion(models.Model):
    """A package of benefits: proposed with its premium sheet, adopted by the assembly, never changed afterwards."""

    ref = RefField(kind="cvv")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    sheet = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=VersionState.PROPOSED.value)
    valid_from = models.DateField()
    proposed_by = models.CharField(max_length=120)
    adopted_by = models.CharField(max_length=120, blank=True, default="")
    adopted_on = models.DateField(null=True)
    decision = PointerField(blank=True)
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            _one_of("state", VersionState, "finance_cover_version_state"),
            models.UniqueConstraint(fields=["scheme", "number"], name="finance_cover_version_once"),
            models.UniqueConstraint(
                fields=["scheme", "valid_from"],
                condition=Q(state="adopted"),
                name="finance_cover_version_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="adopted")
                | (~Q(decision="") & ~Q(adopted_by="") & ~Q(adopted_by=F("proposed_by")) & Q(adopted_on__isnull=False)),
                name="finance_cover_version_decided",
            ),
        ]


class CoverProvider(models.Model):
    """An agreement with a provider of care: its prices by benefit."""

    ref = RefField(kind="prv")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="providers")
    provider = PointerField()
    tariff = models.JSONField(default=dict)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    proof = PointerField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scheme", "provider", "starts_on"], name="finance_cover_provider_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="finance_cover_provider_days"
            ),
        ]


class CoverFamily(Scoped):
    """A family enrolled in a scheme: its head pays, its members are covered."""

    data_class = "F"

    ref = RefField(kind="cvf")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="families")
    head = PointerField()
    joined_on = models.DateField()
    ended_on = models.DateField(null=True)
    why_ended = models.CharField(max_length=300, blank=True, default="")
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        verbose_name_plural = "cover families"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["scheme", "head"], condition=Q(ended_on__isnull=True), name="finance_cover_family_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("joined_on")), name="finance_cover_family_days"
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class CoverPerson(models.Model):
    """An insured person of a family, with a card. Nobody is insured twice at a time in one scheme."""

    ref = RefField(kind="cvp")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="persons")
    family = models.ForeignKey(CoverFamily, on_delete=models.PROTECT, related_name="persons")
    person = PointerField()
    relation = models.CharField(max_length=8)
    card = models.CharField(max_length=40)
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            _one_of("relation", Relation, "finance_cover_relation"),
            models.UniqueConstraint(
                fields=["scheme", "person"], condition=Q(left_on__isnull=True), name="finance_cover_person_once"
            ),
            models.UniqueConstraint(
                fields=["scheme", "card"], condition=Q(left_on__isnull=True), name="finance_cover_card_once"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")), name="finance_cover_person_days"
            ),
        ]


class CoverContribution(models.Model):
    """A contribution that came in, booked once it was counted; undone by a reversing entry."""

    ref = RefField(kind="cvc")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="contributions")
    family = models.ForeignKey(CoverFamily, on_delete=models.PROTECT, related_name="contributions")
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    receipt = models.CharField(max_length=60)
    by = models.CharField(max_length=120)
    entry = PointerField()
    undone_entry = PointerField(blank=True)
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_cover_paid_positive"),
            models.UniqueConstraint(
                fields=["scheme", "receipt"], condition=Q(undone_entry=""), name="finance_cover_receipt_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["family", "on"], name="finance_cover_paid_by_day")]


class CoverClaim(Scoped):
    """A claim for one event of one insured person. It holds money, never what was wrong with somebody."""

    data_class = "F"

    ref = RefField(kind="clm")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="claims")
    family = models.ForeignKey(CoverFamily, on_delete=models.PROTECT, related_name="claims")
    insured = models.ForeignKey(CoverPerson, on_delete=models.PROTECT, related_name="claims")
    number = models.PositiveIntegerField()
    provider = PointerField(blank=True)
    event_on = models.DateField()
    reported_on = models.DateField()
    pay_to = models.CharField(max_length=8)
    papers = models.CharField(max_length=60, blank=True, default="")
    exclusion = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=8, default=ClaimState.ENTERED.value)
    needs_review = models.BooleanField(default=False)
    version = models.ForeignKey(CoverVersion, on_delete=models.PROTECT, null=True, related_name="claims")
    asked_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(null=True)
    decided_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    entry = PointerField(blank=True)
    paid_entry = PointerField(blank=True)
    by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    paid_by = models.CharField(max_length=120, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            _one_of("state", ClaimState, "finance_claim_state"),
            _one_of("pay_to", PayTo, "finance_claim_pay_to"),
            models.UniqueConstraint(fields=["scheme", "number"], name="finance_claim_number_once"),
            models.CheckConstraint(condition=Q(asked_minor__gt=0), name="finance_claim_asked_positive"),
            models.CheckConstraint(condition=Q(reported_on__gte=F("event_on")), name="finance_claim_days"),
            # Who enters, who approves and who pays are three people, also in the database.
            models.CheckConstraint(
                condition=~Q(state__in=["valued", "paid"]) | (~Q(approved_by="") & ~Q(approved_by=F("by"))),
                name="finance_claim_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid")
                | (~Q(paid_by="") & ~Q(paid_by=F("by")) & ~Q(paid_by=F("approved_by")) & Q(paid_on__isnull=False)),
                name="finance_claim_third_person",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["scheme", "state", "event_on"], name="finance_claim_by_state"),
            models.Index(fields=["family", "event_on"], name="finance_claim_by_family"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def currency(self) -> str:
        """A claim is in the currency of its scheme."""
        return str(self.scheme.currency)


class CoverClaimLine(models.Model):
    """One benefit of a claim: asked = paid + co-payment + refused, once it is valued."""

    claim = models.ForeignKey(CoverClaim, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    benefit = models.CharField(max_length=60)
    asked_minor = models.BigIntegerField()
    tariff_minor = models.BigIntegerField(null=True)
    paid_minor = models.BigIntegerField(null=True)
    copay_minor = models.BigIntegerField(null=True)
    refused_minor = models.BigIntegerField(null=True)
    reasons = models.JSONField(default=list)
    # The event as the database knows it, set when money is promised: the same event is paid once.
    event = models.CharField(max_length=160, null=True, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["claim", "benefit"], name="finance_claim_line_once"),
            models.CheckConstraint(condition=Q(asked_minor__gt=0), name="finance_claim_line_positive"),
            models.CheckConstraint(
                condition=Q(paid_minor__isnull=True)
                | Q(asked_minor=F("paid_minor") + F("copay_minor") + F("refused_minor")),
                name="finance_claim_line_adds_up",
            ),
        ]


class CoverClaimStep(models.Model):
    """Who brought a claim into which state. A round begins anew when an appeal is granted."""

    claim = models.ForeignKey(CoverClaim, on_delete=models.PROTECT, related_name="steps")
    round = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8)
    by = models.CharField(max_length=120)
    on = models.DateField()
    why = models.CharField(max_length=300, blank=True, default="")


class CoverDiagnosis(models.Model):
    """What was wrong, for the medical reviewer alone (class P3). Reading it is written to the trail.

    It is written under a key of its own (`base.keys`); destroying the key makes it unreadable, in backups too.
    """

    ref = RefField(kind="dia")
    claim = models.OneToOneField(CoverClaim, on_delete=models.PROTECT, related_name="diagnosis")
    person = PointerField()
    sealed = models.TextField(blank=True, default="")
    by = models.CharField(max_length=120)


class CoverAppeal(models.Model):
    """A member does not accept a rejection: somebody who did not reject it decides."""

    ref = RefField(kind="apl")
    claim = models.ForeignKey(CoverClaim, on_delete=models.PROTECT, related_name="appeals")
    on = models.DateField()
    why = models.CharField(max_length=600)
    by = models.CharField(max_length=120)
    state = models.CharField(max_length=8, default=AppealState.OPEN.value)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_on = models.DateField(null=True)
    answer = models.CharField(max_length=600, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            _one_of("state", AppealState, "finance_appeal_state"),
            models.UniqueConstraint(fields=["claim"], condition=Q(state="open"), name="finance_appeal_open_once"),
        ]


class CoverCash(models.Model):
    """An expense (prepared by one, paid by another) or a subsidy of a scheme."""

    ref = RefField(kind="cvm")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="cash_moves")
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=10)
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    what = models.CharField(max_length=200)
    prepared_by = models.CharField(max_length=120)
    booked_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            _one_of("kind", CashKind, "finance_cover_cash_kind"),
            _one_of("state", PaperState, "finance_cover_cash_state"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_cover_cash_positive"),
            models.CheckConstraint(
                condition=~Q(kind="expense", state="booked") | (~Q(booked_by="") & ~Q(prepared_by=F("booked_by"))),
                name="finance_cover_cash_four_eyes",
            ),
        ]


class CoverYear(models.Model):
    """A year closed: contributions earned, claims set aside, and what goes into or comes out of the reserve."""

    ref = RefField(kind="cvy")
    scheme = models.ForeignKey(CoverScheme, on_delete=models.PROTECT, related_name="years")
    since = models.DateField()
    until = models.DateField()
    state = models.CharField(max_length=10, default=PaperState.PREPARED.value)
    earned_minor = models.BigIntegerField()
    outstanding_minor = models.BigIntegerField()
    result_minor = models.BigIntegerField()
    target_minor = models.BigIntegerField()
    transfer_minor = models.BigIntegerField()
    prepared_by = models.CharField(max_length=120)
    booked_by = models.CharField(max_length=120, blank=True, default="")
    decision = PointerField(blank=True)
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            _one_of("state", PaperState, "finance_cover_year_state"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="finance_cover_year_days"),
            models.UniqueConstraint(
                fields=["scheme", "until"],
                condition=Q(state__in=["prepared", "booked"]),
                name="finance_cover_year_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | (~Q(booked_by="") & ~Q(prepared_by=F("booked_by")) & ~Q(decision="")),
                name="finance_cover_year_four_eyes",
            ),
        ]
