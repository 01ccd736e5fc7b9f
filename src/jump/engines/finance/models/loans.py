"""What happens to a loan beside the money that goes out and comes back, and how each loan stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.engines.finance.models.contracts import Contract
from jump.engines.finance.types.loans import LoanFactKind, LoanFactState


class LoanFact(models.Model):
    """A waiver, a refund, a new plan, a charge-off, or the taking back of an earlier fact.

    Prepared by one person and agreed by another, then never changed: what turns out wrong is taken back by a fact that
    names it. Tranches, repayments and the write-off have rows of their own.
    """

    ref = RefField(kind="lnf")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="loan_facts")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default=LoanFactState.PREPARED.value)
    on = models.DateField()  # the day it counts from
    amount_minor = models.BigIntegerField(default=0)
    part = models.CharField(max_length=10, blank=True, default="")
    change = models.JSONField(default=dict)  # a new plan
    target = PointerField(blank=True)  # what is taken back
    why = models.CharField(max_length=600)
    prepared_by = models.CharField(max_length=120)
    prepared_on = models.DateField()
    agreed_by = models.CharField(max_length=120, blank=True, default="")
    agreed_on = models.DateField(null=True)
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in LoanFactKind]), name="finance_loan_fact_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in LoanFactState]), name="finance_loan_fact_state"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | ~Q(kind__in=["waiver", "refund"]), name="finance_loan_fact_amount"
            ),
            models.CheckConstraint(condition=~Q(kind="undone") | ~Q(target=""), name="finance_loan_fact_target"),
            # Four eyes where money or claims are given up, also in the database; a mistake is taken back by one.
            models.CheckConstraint(
                condition=~Q(state="agreed")
                | Q(kind="undone")
                | (~Q(prepared_by=F("agreed_by")) & ~Q(agreed_by="") & Q(agreed_on__isnull=False)),
                name="finance_loan_fact_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["target"], condition=Q(kind="undone"), name="finance_loan_fact_undone_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["contract", "on", "id"], name="finance_loan_fact_by_day"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class LoanStanding(models.Model):
    """How a loan stands: worked out from its facts after each of them, and on the nights when time alone changes it.

    What stands here held at the end of `as_of` and holds until the end of the day before `changes_on`. How many days
    late the loan is, and what interest it has earned by a day, follow from its schedule and are not kept.
    `booked` is what the ledger holds of this loan, account by account: each entry books what is missing to the truth.
    """

    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="standing")
    as_of = models.DateField()
    principal_minor = models.BigIntegerField(default=0)
    principal_late_minor = models.BigIntegerField(default=0)
    due_minor = models.BigIntegerField(default=0)
    owed_minor = models.BigIntegerField(default=0)
    penalty_minor = models.BigIntegerField(default=0)
    overpaid_minor = models.BigIntegerField(default=0)
    late_since = models.DateField(null=True)  # the day the oldest late instalment fell due
    changes_on = models.DateField(null=True)  # none: not worked out yet
    is_rescheduled = models.BooleanField(default=False)
    booked = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["changes_on", "contract"], name="finance_standing_changes"),
        ]
