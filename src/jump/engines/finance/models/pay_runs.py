"""Work for clients: contracts, muster rolls, pay runs, invoices and their payments."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.types.pay_runs import ClientContractState, MusterState, PayRunState


class ClientContract(Scoped):
    """Work that members of a co-operative do together for a client, under a product of a package."""

    data_class = "F"

    ref = RefField(kind="clc")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    work = models.TextField()
    safety = models.TextField()
    cooperative = PointerField()
    client = PointerField()
    book = PointerField()
    currency = models.CharField(max_length=3)
    rates = models.JSONField(default=list)
    terms = models.JSONField(default=dict)
    charges = models.JSONField(default=list)
    checklist = models.JSONField(default=list)
    agreed = models.JSONField(default=dict)
    floor_daily_minor = models.BigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=8, default=ClientContractState.DRAFT.value)
    signed_on = models.DateField(null=True)
    paper = PointerField(blank=True)
    prepared_by = models.CharField(max_length=120)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ClientContractState]), name="finance_client_contract_state"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="finance_client_contract_days"),
            models.CheckConstraint(condition=Q(floor_daily_minor__gt=0), name="finance_client_contract_floor"),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(prepared_by=F("signed_by")) & ~Q(signed_by="")),
                name="finance_client_contract_four_eyes",
            ),
        ]


class MusterRoll(models.Model):
    """Who worked on which days of one pay period: written by one person, accepted by another."""

    ref = RefField(kind="mus")
    contract = models.ForeignKey(ClientContract, on_delete=models.PROTECT, related_name="musters")
    period_from = models.DateField()
    period_to = models.DateField()
    state = models.CharField(max_length=8, default=MusterState.WRITTEN.value)
    client_proof = PointerField(blank=True)
    cause = PointerField(blank=True)
    written_by = models.CharField(max_length=120)
    accepted_by = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in MusterState]), name="finance_muster_state"
            ),
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="finance_muster_days"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | (~Q(written_by=F("accepted_by")) & ~Q(accepted_by="")),
                name="finance_muster_four_eyes",
            ),
        ]


class MusterRow(models.Model):
    """One worker on one day, or pieces that the team made together (no worker)."""

    roll = models.ForeignKey(MusterRoll, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    on = models.DateField()
    task = models.CharField(max_length=80)
    worker = PointerField(blank=True)
    hours = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    pieces = models.PositiveIntegerField(default=0)
    is_member = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(hours__gte=0, hours__lte=24), name="finance_muster_hours"),
            models.CheckConstraint(condition=Q(hours__gt=0) | Q(pieces__gt=0), name="finance_muster_something"),
            models.UniqueConstraint(fields=["roll", "number"], name="finance_muster_row_once"),
        ]


class PayRun(models.Model):
    """The wage sheet of one muster roll: prepared by one person, approved by another, posted once."""

    ref = RefField(kind="prn")
    roll = models.OneToOneField(MusterRoll, on_delete=models.PROTECT, related_name="pay_run")
    state = models.CharField(max_length=8, default=PayRunState.PREPARED.value)
    pay_by = models.DateField()
    gross_minor = models.BigIntegerField()
    contribution_minor = models.BigIntegerField()
    cooperative_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    account = PointerField(blank=True)
    prepared_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    approved_on = models.DateField(null=True)
    why = models.CharField(max_length=300, blank=True, default="")
    paid_by = models.CharField(max_length=120, blank=True, default="")
    paid_on = models.DateField(null=True)
    entry = PointerField(blank=True)
    paid_entry = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in PayRunState]), name="finance_pay_run_state"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("contribution_minor") + F("cooperative_minor") + F("net_minor")),
                name="finance_pay_run_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared") | (~Q(prepared_by=F("approved_by")) & ~Q(approved_by="")),
                name="finance_pay_run_four_eyes",
            ),
        ]


class PayRunLine(models.Model):
    """What one worker gets."""

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="lines")
    worker = PointerField()
    hours = models.DecimalField(max_digits=8, decimal_places=2)
    gross_minor = models.BigIntegerField()
    contribution_minor = models.BigIntegerField()
    cooperative_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    floor_minor = models.BigIntegerField()
    is_below_floor = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(gross_minor=F("contribution_minor") + F("cooperative_minor") + F("net_minor")),
                name="finance_pay_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(contribution_minor__gte=0, cooperative_minor__gte=0, net_minor__gte=0),
                name="finance_pay_line_amounts",
            ),
            models.UniqueConstraint(fields=["run", "worker"], name="finance_pay_line_once"),
        ]


class ClientInvoice(models.Model):
    """What a client is billed for one muster roll."""

    ref = RefField(kind="inv")
    roll = models.OneToOneField(MusterRoll, on_delete=models.PROTECT, related_name="invoice")
    contract = models.ForeignKey(ClientContract, on_delete=models.PROTECT, related_name="invoices")
    book = PointerField(db_index=False)
    number = models.PositiveIntegerField()
    on = models.DateField()
    due_on = models.DateField()
    lines = models.JSONField(default=list)
    charges = models.JSONField(default=list)
    work_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    retention_minor = models.BigIntegerField(default=0)
    entry = PointerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(work_minor__gt=0, total_minor__gte=F("work_minor"), retention_minor__gte=0),
                name="finance_invoice_amounts",
            ),
            models.UniqueConstraint(fields=["book", "number"], name="finance_invoice_number_once"),
        ]


class InvoicePayment(models.Model):
    """Money that a client paid on an invoice, or gave back of what it had kept."""

    ref = RefField(kind="ipy")
    invoice = models.ForeignKey(ClientInvoice, on_delete=models.PROTECT, related_name="payments")
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    receipt = models.CharField(max_length=40, blank=True, default="")
    is_retention = models.BooleanField(default=False)
    entry = PointerField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_invoice_payment_positive"),
        ]
