"""Who owns enterprises: registers of shares, internal capital accounts, trusts, pledges, and the steps that move them.

What is held stands in the ledger. A step says what was asked, what follows from it, who prepared and who approved it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.models.funds import Fund
from jump.engines.finance.types.ownership import FinancingState, StakeState, StepKind, StepState


class OwnershipStep(Scoped):
    """One step of a register, of capital accounts, of a trust or of a development fund."""

    data_class = "F"

    ref = RefField(kind="own")
    subject = PointerField()
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=8, default=StepState.PREPARED.value)
    on = models.DateField()
    year = models.PositiveSmallIntegerField(null=True)
    about = PointerField(blank=True)
    party = PointerField(blank=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(default=0)
    shares = models.BigIntegerField(default=0)
    asked = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    entry = PointerField(blank=True)
    prepared_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    # Which booked step of its subject this is, counted from 1: steps of one day have an order.
    turn = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in StepKind]), name="finance_step_kind"),
            models.CheckConstraint(condition=Q(state__in=[one.value for one in StepState]), name="finance_step_state"),
            models.CheckConstraint(
                condition=~Q(state__in=["booked", "reversed"])
                | (~Q(prepared_by=F("approved_by")) & ~Q(approved_by="")),
                name="finance_step_four_eyes",
            ),
            # A year is closed once, and hours of a year are recorded once, unless the first was taken back.
            models.UniqueConstraint(
                fields=["subject", "kind", "year"],
                condition=Q(year__isnull=False) & ~Q(state__in=["dropped", "reversed"]),
                name="finance_step_year_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["subject", "state", "on"], name="finance_step_of_subject")]


class ShareRegister(Scoped):
    """The register of an enterprise's shares. Who holds what is read from the enterprise's book, in the unit share."""

    data_class = "F"

    ref = RefField(kind="shr")
    enterprise = PointerField(unique=True, db_index=False)
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    book = PointerField()
    currency = models.CharField(max_length=3)
    nominal_minor = models.BigIntegerField()
    jurisdiction = models.CharField(max_length=2)
    founded_on = models.DateField()
    holder_kinds = models.JSONField(default=dict)
    opened_on = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(nominal_minor__gt=0), name="finance_register_nominal"),
        ]


class SharePurchase(models.Model):
    """Shares bought by instalments, from a holder or from the enterprise itself."""

    ref = RefField(kind="pur")
    register = models.ForeignKey(ShareRegister, on_delete=models.PROTECT, related_name="purchases")
    buyer = PointerField()
    seller = PointerField(blank=True)
    share_class = models.CharField(max_length=40)
    shares = models.BigIntegerField()
    delivered = models.BigIntegerField(default=0)
    price_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    instalments = models.JSONField(default=list)
    agreed_on = models.DateField()
    state = models.CharField(max_length=8, default=StakeState.OPEN.value)
    step = models.OneToOneField(OwnershipStep, on_delete=models.PROTECT, related_name="purchase")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(shares__gt=0, price_minor__gt=0, delivered__gte=0, delivered__lte=F("shares")),
                name="finance_purchase_shares",
            ),
            models.CheckConstraint(condition=Q(paid_minor__gte=0), name="finance_purchase_paid"),
        ]


class CapitalSet(Scoped):
    """The internal capital accounts of one co-operative, with the rules it agreed."""

    data_class = "F"

    ref = RefField(kind="cap")
    enterprise = PointerField(unique=True, db_index=False)
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    book = PointerField()
    currency = models.CharField(max_length=3)
    opened_on = models.DateField()
    closed_until = models.PositiveSmallIntegerField(null=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)


class CapitalAccount(models.Model):
    """One member's stake, from entry to the last pay-out. Its balance is that of one account of the ledger."""

    ref = RefField(kind="mca")
    capital = models.ForeignKey(CapitalSet, on_delete=models.PROTECT, related_name="accounts")
    member = PointerField()
    account = PointerField(unique=True, db_index=False)
    fee_minor = models.BigIntegerField()
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    cause = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=8, default=StakeState.OPEN.value)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="finance_capital_fee"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True, state="open")
                | Q(left_on__isnull=False, state__in=["leaving", "closed"]),
                name="finance_capital_state",
            ),
            models.UniqueConstraint(
                fields=["capital", "member"], condition=Q(state="open"), name="finance_capital_one_open"
            ),
        ]


class CapitalLine(models.Model):
    """One line of a member's account, as a booked step made it."""

    account = models.ForeignKey(CapitalAccount, on_delete=models.PROTECT, related_name="lines")
    step = models.ForeignKey(OwnershipStep, on_delete=models.PROTECT, related_name="capital_lines")
    on = models.DateField()
    kind = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()


class CapitalPayOut(models.Model):
    """What is owed to a member who left, year by year."""

    account = models.ForeignKey(CapitalAccount, on_delete=models.PROTECT, related_name="pay_outs")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    capital_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    step = models.ForeignKey(OwnershipStep, on_delete=models.PROTECT, null=True, related_name="pay_outs")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["account", "number"], name="finance_pay_out_once"),
            models.CheckConstraint(
                condition=Q(capital_minor__gte=0, interest_minor__gte=0), name="finance_pay_out_sum"
            ),
        ]


class EsopTrust(Scoped):
    """A trust that holds shares for employees, with a book of its own."""

    data_class = "F"

    ref = RefField(kind="trs")
    enterprise = PointerField()
    title = models.CharField(max_length=200)
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    terms = models.JSONField(default=dict)
    jurisdiction = models.CharField(max_length=2)
    book = PointerField()
    currency = models.CharField(max_length=3)
    opened_on = models.DateField()
    closed_until = models.PositiveSmallIntegerField(null=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)


class TrustLoan(models.Model):
    """A loan that bought shares. Its shares wait in suspense until its payments release them."""

    ref = RefField(kind="tln")
    trust = models.ForeignKey(EsopTrust, on_delete=models.PROTECT, related_name="loans")
    lender = PointerField(blank=True)
    principal_minor = models.BigIntegerField()
    shares = models.BigIntegerField()
    release_by = models.CharField(max_length=24)
    opened_on = models.DateField()
    payments = models.JSONField(default=list)
    paid = models.PositiveSmallIntegerField(default=0)
    step = models.OneToOneField(OwnershipStep, on_delete=models.PROTECT, related_name="trust_loan")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(principal_minor__gt=0, shares__gt=0), name="finance_trust_loan_sums"),
        ]


class TrustPerson(models.Model):
    """An employee who takes part in a trust."""

    ref = RefField(kind="tpe")
    trust = models.ForeignKey(EsopTrust, on_delete=models.PROTECT, related_name="people")
    person = PointerField()
    account = PointerField(unique=True, db_index=False)
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    cause = models.CharField(max_length=20, blank=True, default="")
    payment_by = models.DateField(null=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["trust", "person"], condition=Q(left_on__isnull=True), name="finance_trust_person_once"
            ),
        ]


class TrustPersonYear(models.Model):
    """What an employee earned and worked in a plan year, and the shares that came of it."""

    person = models.ForeignKey(TrustPerson, on_delete=models.PROTECT, related_name="years")
    step = models.ForeignKey(OwnershipStep, on_delete=models.PROTECT, related_name="person_years")
    year = models.PositiveSmallIntegerField()
    pay_minor = models.BigIntegerField()
    hours = models.PositiveIntegerField()
    addition_minor = models.BigIntegerField()
    shares = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "year"], name="finance_trust_person_year_once"),
        ]


class DevelopmentFund(models.Model):
    """A fund that may put its savers' money into new enterprises, within what the rules leave."""

    fund = models.OneToOneField(Fund, on_delete=models.PROTECT, related_name="development")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    terms = models.JSONField(default=dict)
    opened_on = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)


class MemberPledge(Scoped):
    """Money and time that somebody promised to an enterprise that is being founded (000, 2.3)."""

    data_class = "F"

    ref = RefField(kind="plg")
    product = models.CharField(max_length=120)
    person = PointerField()
    enterprise = PointerField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    hours = models.PositiveIntegerField(default=0)
    on = models.DateField()
    due_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    why = models.CharField(max_length=300, blank=True, default="")
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0) & (Q(amount_minor__gt=0) | Q(hours__gt=0)),
                name="finance_pledge_something",
            ),
            models.UniqueConstraint(
                fields=["person", "enterprise"], condition=Q(withdrawn_on__isnull=True), name="finance_pledge_one_open"
            ),
        ]


class FinancingPlan(Scoped):
    """How a new enterprise is paid for: what the money is for and where it comes from, which is the same amount.

    Proposed by one person, agreed by another; a later agreed plan of the same enterprise replaces it.
    """

    data_class = "F"

    ref = RefField(kind="fpl")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    kinds = models.JSONField(default=list)
    enterprise = PointerField()
    currency = models.CharField(max_length=3)
    uses = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    uses_minor = models.BigIntegerField()
    sources_minor = models.BigIntegerField()
    on = models.DateField()
    state = models.CharField(max_length=8, default=FinancingState.PROPOSED.value)
    why = models.CharField(max_length=300, blank=True, default="")
    proposed_by = models.CharField(max_length=120)
    agreed_by = models.CharField(max_length=120, blank=True, default="")
    agreed_on = models.DateField(null=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in FinancingState]), name="finance_financing_state"
            ),
            models.CheckConstraint(
                condition=Q(uses_minor__gt=0, sources_minor=F("uses_minor")), name="finance_financing_adds_up"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "replaced"])
                | (~Q(proposed_by=F("agreed_by")) & ~Q(agreed_by="") & Q(agreed_on__isnull=False)),
                name="finance_financing_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["enterprise"], condition=Q(state="agreed"), name="finance_financing_one_agreed"
            ),
        ]
