"""The tables of finance."""

from jump.engines.finance.models.budgets import (
    Asset,
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
    Repayment,
    SpendProof,
    Tranche,
    WriteOff,
)
from jump.engines.finance.models.funds import Contribution, Fund, InterestUse, Reservation, RuleSet

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
]
