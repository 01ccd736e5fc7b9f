"""What can be asked of finance."""

from jump.engines.finance.queries.budgets import (
    assets,
    budget,
    budget_report,
    budgets,
    cells,
    check_split,
    count_spends,
    discrepancies,
    funding_gaps,
    sources,
    spends,
    spent_report,
    support_cost_readings,
)
from jump.engines.finance.queries.contracts import (
    contract,
    contracts,
    count_contracts,
    loans_at,
    preview_repayment,
    repayment,
    repayments,
    who_owes,
)
from jump.engines.finance.queries.funds import free_of_fund, fund, fund_for, funds, real_value
from jump.engines.finance.queries.portfolio import portfolio
from jump.engines.finance.queries.rates import convert, exchange_result, rate_on

__all__ = [
    "assets",
    "budget",
    "budget_report",
    "loans_at",
    "spent_report",
    "budgets",
    "cells",
    "check_split",
    "contract",
    "contracts",
    "convert",
    "count_contracts",
    "count_spends",
    "discrepancies",
    "exchange_result",
    "free_of_fund",
    "fund",
    "fund_for",
    "funding_gaps",
    "funds",
    "portfolio",
    "preview_repayment",
    "rate_on",
    "real_value",
    "repayment",
    "repayments",
    "sources",
    "spends",
    "support_cost_readings",
    "who_owes",
]
