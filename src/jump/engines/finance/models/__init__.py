"""The tables of finance."""

from jump.engines.finance.models.budgets import (
    Asset,
    AssetEvent,
    Budget,
    BudgetCell,
    BudgetChange,
    ExchangeRate,
    FundingSource,
    Spend,
)
from jump.engines.finance.models.contracts import (
    Condition,
    Contract,
    Instalment,
    Refund,
    Repayment,
    SpendProof,
    Tranche,
    WriteOff,
)
from jump.engines.finance.models.donors import BudgetContribution, FundingPledge, InKindRate
from jump.engines.finance.models.funds import Contribution, Fund, FundHandOver, InterestUse, Reservation, RuleSet
from jump.engines.finance.models.groups import BoxFactRow, BoxMeeting, GroupCycle
from jump.engines.finance.models.meetings import Collection, CollectionLine, GrantException
from jump.engines.finance.models.plans import (
    BridgePayment,
    BridgePost,
    CellEstimate,
    ProvisionUse,
    SupportBaseChoice,
)
from jump.engines.finance.models.savings import SavingsAccount, SavingsMovement, SavingsNotice
from jump.engines.finance.models.securities import (
    BankLine,
    BankLineMove,
    Guarantee,
    GuaranteePayment,
    MatchingPledge,
    MatchingReceipt,
)

__all__ = [
    "Asset",
    "Budget",
    "BudgetCell",
    "BudgetChange",
    "Condition",
    "Contract",
    "Contribution",
    "ExchangeRate",
    "Fund",
    "FundHandOver",
    "FundingSource",
    "Instalment",
    "InterestUse",
    "Repayment",
    "Reservation",
    "RuleSet",
    "Spend",
    "SpendProof",
    "Tranche",
    "WriteOff",
    "BankLine",
    "BankLineMove",
    "Guarantee",
    "GuaranteePayment",
    "MatchingPledge",
    "MatchingReceipt",
    "SavingsAccount",
    "SavingsMovement",
    "SavingsNotice",
    "Collection",
    "CollectionLine",
    "GrantException",
    "BoxFactRow",
    "BoxMeeting",
    "GroupCycle",
    "AssetEvent",
    "BridgePayment",
    "BridgePost",
    "BudgetContribution",
    "CellEstimate",
    "FundingPledge",
    "InKindRate",
    "ProvisionUse",
    "Refund",
    "SupportBaseChoice",
]
