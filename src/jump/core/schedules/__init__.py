"""Loans: terms -> schedule, and (terms, facts, day) -> what is owed, late, paid and booked.

`terms` says what can be agreed; `tables` computes the instalments, classic (`cumulative`) or `progressive`; `replay`
takes the facts of a loan one by one (`facts`) and gives its `account`; `allocation` is the order money is used in, as
data; `recalculation` and `prepaid` count interest on what is really owed; `accruals` recognises income, `entries` turns
movements into ledger lines (`cash` where income counts when it is paid). `followed` takes the same facts in the order
of their days, with the late fee of the product, and tells how the loan stands in the words of `state`. Many at once are
worked out on `arrays`; what they say of a fund, in `jump.core.funds`. Everything is whole minor units; nothing here
knows what day it is.
"""

from jump.core.schedules.account import Delinquency, DelinquencyRange, LoanAccount, Status, with_balances
from jump.core.schedules.accruals import accrued_interest
from jump.core.schedules.allocation import ALLOCATIONS, Ahead, Allocation, Direction, Sequential, Step, Stepwise, When
from jump.core.schedules.anew import FactRefused, Practice
from jump.core.schedules.cash import cash_entry, cash_standing
from jump.core.schedules.cost import LoanCost, cost_of, yearly_rate
from jump.core.schedules.entries import EntryLine, Role, adjustment, entry, history, standing
from jump.core.schedules.facts import (
    Adjusted,
    Approved,
    ChargeAdded,
    ChargedOff,
    ChargeWaived,
    DayEnded,
    Disbursed,
    Fact,
    Paid,
    PaidOff,
    PaymentKind,
    Refunded,
    Rescheduled,
    Reversed,
    Waived,
    WaiverUndone,
    WrittenOff,
)
from jump.core.schedules.followed import (
    NEVER,
    LateFee,
    LateFeeOf,
    changes_on,
    day_of,
    followed_account,
    state_of,
)
from jump.core.schedules.lines import AccountLine, LineKind
from jump.core.schedules.movements import LoanCharge, Movement, MovementKind
from jump.core.schedules.parts import Part
from jump.core.schedules.products import (
    DAY_COUNTS,
    DEFAULTS,
    NEVER_AMORTISES,
    allocation_of,
    amortises,
    keeps_overpaid,
    late_fee_of,
    practice_of,
    product_terms,
)
from jump.core.schedules.replay import loan_account
from jump.core.schedules.state import InstalmentState, LoanState
from jump.core.schedules.tables import schedule
from jump.core.schedules.terms import (
    METHODS,
    Amortisation,
    Compounding,
    DayCount,
    Disbursement,
    EarlyPayment,
    Instalment,
    InterestBy,
    InterestMethod,
    LoanTerms,
    PreClose,
    Recalculation,
    Rest,
    Schedule,
    ScheduleKind,
    TermsError,
)

__all__ = [
    "ALLOCATIONS",
    "AccountLine",
    "Adjusted",
    "Ahead",
    "Allocation",
    "Amortisation",
    "Approved",
    "ChargeAdded",
    "ChargeWaived",
    "ChargedOff",
    "Compounding",
    "DAY_COUNTS",
    "DEFAULTS",
    "DayCount",
    "DayEnded",
    "Delinquency",
    "DelinquencyRange",
    "Direction",
    "Disbursed",
    "Disbursement",
    "EarlyPayment",
    "EntryLine",
    "Fact",
    "FactRefused",
    "Instalment",
    "InstalmentState",
    "InterestBy",
    "InterestMethod",
    "LateFee",
    "LateFeeOf",
    "LineKind",
    "LoanAccount",
    "LoanCharge",
    "LoanCost",
    "LoanState",
    "LoanTerms",
    "METHODS",
    "Movement",
    "MovementKind",
    "NEVER",
    "NEVER_AMORTISES",
    "Paid",
    "PaidOff",
    "Part",
    "PaymentKind",
    "Practice",
    "PreClose",
    "Recalculation",
    "Refunded",
    "Rescheduled",
    "Rest",
    "Reversed",
    "Role",
    "Schedule",
    "ScheduleKind",
    "Sequential",
    "Status",
    "Step",
    "Stepwise",
    "TermsError",
    "Waived",
    "WaiverUndone",
    "When",
    "WrittenOff",
    "accrued_interest",
    "adjustment",
    "allocation_of",
    "amortises",
    "cash_entry",
    "cash_standing",
    "changes_on",
    "cost_of",
    "day_of",
    "entry",
    "followed_account",
    "history",
    "keeps_overpaid",
    "late_fee_of",
    "loan_account",
    "practice_of",
    "product_terms",
    "schedule",
    "standing",
    "state_of",
    "with_balances",
    "yearly_rate",
]
