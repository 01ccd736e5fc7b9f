"""What stands behind loans and beside the seed: guarantees, matching funds, lines with banks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.models.contracts import Contract
from jump.engines.finance.models.funds import Contribution, Fund
from jump.engines.finance.types import Contributor
from jump.engines.finance.types.securities import BankLineKind, GuaranteeState, LineMoveKind


class Guarantee(Scoped):
    """A promise to pay part of a loan if the borrower does not: for a loan of one of our funds, or of another lender.

    The guarantor is a person, an organisation, a group whose members stand together, or a fund.
    """

    data_class = "F"

    ref = RefField(kind="gua")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    guarantor = PointerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, null=True, related_name="guarantees_given")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="guarantees")
    lender = models.CharField(max_length=200, blank=True, default="")
    borrower = PointerField()
    jointly = models.JSONField(default=list)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    called_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default=GuaranteeState.OPEN.value)
    opened_on = models.DateField()
    ends_on = models.DateField(null=True)
    called_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    why = models.CharField(max_length=300, blank=True, default="")
    proof = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_guarantee_positive"),
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="finance_guarantee_percent"),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, paid_minor__lte=F("called_minor"), called_minor__lte=F("amount_minor")),
                name="finance_guarantee_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in GuaranteeState]), name="finance_guarantee_state"
            ),
            models.CheckConstraint(
                condition=Q(contract__isnull=False, lender="") | (Q(contract__isnull=True) & ~Q(lender="")),
                name="finance_guarantee_one_loan",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["guarantor", "state"], name="finance_guarantee_exposure"),
        ]


class GuaranteePayment(models.Model):
    """Money that a guarantor paid. Out of a fund it is prepared by one person and paid by another."""

    ref = RefField(kind="gpy")
    guarantee = models.ForeignKey(Guarantee, on_delete=models.PROTECT, related_name="payments")
    amount_minor = models.BigIntegerField()
    on = models.DateField()
    receipt = models.CharField(max_length=40, blank=True, default="")
    leaves_fund = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    prepared_by = models.CharField(max_length=120)
    booked_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    repayment = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_guarantee_payment_positive"),
            models.CheckConstraint(
                condition=~Q(leaves_fund=True, state="booked") | (~Q(prepared_by=F("booked_by")) & ~Q(booked_by="")),
                name="finance_guarantee_payment_four_eyes",
            ),
        ]


class MatchingPledge(models.Model):
    """What a partner, a state or a community promised to put into a fund beside the seed."""

    ref = RefField(kind="mat")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="pledges")
    party = PointerField()
    source = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    on = models.DateField()
    until = models.DateField(null=True)
    earmark = models.JSONField(default=dict)
    proof = PointerField(blank=True)
    note = models.CharField(max_length=200, blank=True, default="")
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_pledge_positive"),
            models.CheckConstraint(
                condition=Q(source__in=[one.value for one in Contributor]), name="finance_pledge_source"
            ),
        ]


class MatchingReceipt(models.Model):
    """A contribution that came in under a pledge."""

    pledge = models.ForeignKey(MatchingPledge, on_delete=models.PROTECT, related_name="receipts")
    contribution = models.OneToOneField(Contribution, on_delete=models.PROTECT, related_name="pledged")


class BankLine(Scoped):
    """A link between a bank and a fund or a group: an account kept there, or a credit line (000, 8.1, output 11)."""

    data_class = "F"

    ref = RefField(kind="lin")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    kind = models.CharField(max_length=12)
    bank = PointerField(blank=True)
    bank_name = models.CharField(max_length=200)
    party = PointerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, null=True, related_name="bank_lines")
    number = models.CharField(max_length=40, blank=True, default="")
    currency = models.CharField(max_length=3)
    limit_minor = models.BigIntegerField(default=0)
    account = PointerField(blank=True)
    opened_on = models.DateField()
    ends_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    proof = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in BankLineKind]), name="finance_bank_line_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="account") | Q(kind="credit_line", limit_minor__gt=0), name="finance_bank_line_limit"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("opened_on")), name="finance_bank_line_days"
            ),
        ]


class BankLineMove(models.Model):
    """Money drawn from a line or paid back to it; put into an account at the bank or taken out of it."""

    ref = RefField(kind="lmv")
    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField()
    on = models.DateField()
    receipt = models.CharField(max_length=40, blank=True, default="")
    leaves_fund = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    prepared_by = models.CharField(max_length=120)
    booked_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_line_move_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in LineMoveKind]), name="finance_line_move_kind"
            ),
            models.CheckConstraint(
                condition=~Q(leaves_fund=True, state="booked") | (~Q(prepared_by=F("booked_by")) & ~Q(booked_by="")),
                name="finance_line_move_four_eyes",
            ),
        ]
