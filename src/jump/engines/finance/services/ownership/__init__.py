"""What changes who owns: registers, capital accounts, trusts, investing savings, pledges."""

from jump.engines.finance.services.ownership.capital import open_capital, open_member
from jump.engines.finance.services.ownership.financing import agree_financing, drop_financing, propose_financing
from jump.engines.finance.services.ownership.investing import make_development_fund, make_pledge, withdraw_pledge
from jump.engines.finance.services.ownership.register import open_register
from jump.engines.finance.services.ownership.steps import approve_step, drop_step, prepare_step, preview_step
from jump.engines.finance.services.ownership.taking_back import take_back_step
from jump.engines.finance.services.ownership.trusts import join_trust, open_trust, prepare_trust_loan, trust_loan_asked

__all__ = [
    "agree_financing",
    "approve_step",
    "drop_financing",
    "propose_financing",
    "drop_step",
    "join_trust",
    "make_development_fund",
    "open_capital",
    "open_member",
    "open_register",
    "open_trust",
    "make_pledge",
    "prepare_step",
    "prepare_trust_loan",
    "preview_step",
    "take_back_step",
    "trust_loan_asked",
    "withdraw_pledge",
]
