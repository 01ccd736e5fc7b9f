"""Loans: terms -> schedule, and (schedule, events, day) -> what is owed, late and paid.

`terms` says what can be agreed, `tables` computes the instalments, `state` follows the money, `quality` looks at many
loans at once. Everything is whole minor units; nothing here knows what day it is.
"""

from jump.core.schedules.quality import (
    LoanLateness,
    Ratio,
    annual_loss_rate,
    arrears_rate,
    current_recovery,
    portfolio_at_risk,
)
from jump.core.schedules.state import (
    ALLOCATION,
    AmountNotPositive,
    Charge,
    InstalmentState,
    LoanEvent,
    LoanState,
    MoreThanOwed,
    Part,
    Repayment,
    RepaymentRefused,
    RepaymentSplit,
    WriteOff,
    loan_state,
    split_repayment,
)
from jump.core.schedules.tables import schedule
from jump.core.schedules.terms import (
    METHODS,
    Amortisation,
    DayCount,
    Disbursement,
    Instalment,
    InterestBy,
    InterestMethod,
    LoanTerms,
    Schedule,
    ScheduleKind,
    TermsError,
)

__all__ = [
    "ALLOCATION",
    "METHODS",
    "Amortisation",
    "AmountNotPositive",
    "Charge",
    "DayCount",
    "Disbursement",
    "Instalment",
    "InstalmentState",
    "InterestBy",
    "InterestMethod",
    "LoanEvent",
    "LoanLateness",
    "LoanState",
    "LoanTerms",
    "MoreThanOwed",
    "Part",
    "Ratio",
    "Repayment",
    "RepaymentRefused",
    "RepaymentSplit",
    "Schedule",
    "ScheduleKind",
    "TermsError",
    "WriteOff",
    "annual_loss_rate",
    "arrears_rate",
    "current_recovery",
    "loan_state",
    "portfolio_at_risk",
    "schedule",
    "split_repayment",
]
