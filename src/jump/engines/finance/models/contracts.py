"""Contracts: loans, grants and services, with their conditions, tranches, schedules and repayments."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.models.funds import Fund
from jump.engines.finance.types import ContractKind, ContractState, TrancheState


class Contract(Scoped):
    """Money promised to a party under a product, out of a fund or out of a budget."""

    data_class = "F"

    ref = RefField(kind="ctr")
    kind = models.CharField(max_length=10)
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    party = PointerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, null=True, related_name="contracts")
    cell = models.ForeignKey("BudgetCell", on_delete=models.PROTECT, null=True, related_name="contracts")
    labels = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    purpose = models.CharField(max_length=300)
    cause = PointerField(blank=True)
    terms = models.JSONField(default=dict)
    opened_on = models.DateField()
    state = models.CharField(max_length=12, default=ContractState.WAITING.value)
    account = PointerField(blank=True)
    first_unpaid_on = models.DateField(null=True)
    settled_on = models.DateField(null=True)
    prepared_by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_contract_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in ContractKind]), name="finance_contract_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ContractState]), name="finance_contract_state"
            ),
            models.CheckConstraint(
                condition=Q(fund__isnull=False, cell__isnull=True) | Q(fund__isnull=True, cell__isnull=False),
                name="finance_contract_one_home",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "first_unpaid_on"], name="finance_contract_unpaid"),
            models.Index(fields=["opened_on"], name="finance_contract_opened"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class Condition(models.Model):
    """Something that must be true before money is paid. It is told, with its proof and who decided; never asked for."""

    ref = RefField(kind="cnd")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="conditions")
    code = models.CharField(max_length=80)
    text = models.JSONField(default=dict)
    tranche = models.PositiveIntegerField(null=True)
    met_on = models.DateField(null=True)
    proof = PointerField(blank=True)
    decided_by = models.JSONField(default=list)
    told_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["contract", "code"], name="finance_condition_once")
        ]


class Tranche(models.Model):
    """A part of a contract that is paid at once. Prepared by one person, released by another."""

    ref = RefField(kind="trn")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="tranches")
    number = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, default=TrancheState.PLANNED.value)
    prepared_by = models.CharField(max_length=120, blank=True, default="")
    prepared_on = models.DateField(null=True)
    released_by = models.CharField(max_length=120, blank=True, default="")
    released_on = models.DateField(null=True)
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["contract", "number"], name="finance_tranche_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_tranche_positive"),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in TrancheState]), name="finance_tranche_state"
            ),
            # Four eyes, also in the database.
            models.CheckConstraint(
                condition=~Q(state="released") | (~Q(prepared_by=models.F("released_by")) & ~Q(prepared_by="")),
                name="finance_tranche_four_eyes",
            ),
        ]


class Instalment(models.Model):
    """One line of a loan's schedule, as computed by `core.schedules` when the money was paid out."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveIntegerField()
    from_on = models.DateField()
    due_on = models.DateField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["contract", "number"], name="finance_instalment_once")
        ]


class Repayment(models.Model):
    """Money that came back, and what it was used for."""

    ref = RefField(kind="rep")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="repayments")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    penalty_minor = models.BigIntegerField(default=0)
    interest_minor = models.BigIntegerField(default=0)
    principal_minor = models.BigIntegerField(default=0)
    recovered_minor = models.BigIntegerField(default=0)
    overpaid_minor = models.BigIntegerField(default=0)
    owed_after_minor = models.BigIntegerField()
    receipt = models.CharField(max_length=40)
    entry = PointerField()
    undone_entry = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["fund", "receipt"],
                condition=Q(undone_entry="") & ~Q(receipt=""),
                name="finance_receipt_once",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_repayment_positive"),
            models.CheckConstraint(
                condition=Q(
                    amount_minor=models.F("fee_minor")
                    + models.F("penalty_minor")
                    + models.F("interest_minor")
                    + models.F("principal_minor")
                    + models.F("recovered_minor")
                    + models.F("overpaid_minor")
                ),
                name="finance_repayment_sums",
            ),
        ]


class SpendProof(models.Model):
    """What a grant's holder showed for money already paid."""

    ref = RefField(kind="prf")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="proofs")
    amount_minor = models.BigIntegerField()
    use = models.CharField(max_length=80, blank=True, default="")
    proof = PointerField()
    on = models.DateField()
    entry = PointerField()
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_proof_positive")
        ]


class Refund(models.Model):
    """Money of a grant that was not used and came back: to the donor's money and the cell, or to the fund."""

    ref = RefField(kind="rfd")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    spend = models.OneToOneField("Spend", on_delete=models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    receipt = models.CharField(max_length=40)
    why = models.CharField(max_length=300)
    entry = PointerField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_refund_positive"),
            models.UniqueConstraint(fields=["contract", "receipt"], name="finance_refund_receipt_once"),
        ]


class WriteOff(models.Model):
    """Principal that is no longer expected; prepared by one person, approved by another. It is still collected."""

    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="write_off")
    amount_minor = models.BigIntegerField(default=0)
    why = models.TextField()
    decision = PointerField(blank=True)
    prepared_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    on = models.DateField(null=True)
    entry = PointerField(blank=True)
