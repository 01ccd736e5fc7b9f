"""What is asked of who owns: registers, capital accounts, trusts, investing savings, pledges, steps."""

from jump.engines.finance.queries.ownership.capital import (
    capital,
    capital_of_enterprise,
    capital_sets,
    count_capital_sets,
    member_statement,
)
from jump.engines.finance.queries.ownership.financing import financing_plan, financing_plans
from jump.engines.finance.queries.ownership.founders import founders_test
from jump.engines.finance.queries.ownership.investing import may_invest, member_pledges
from jump.engines.finance.queries.ownership.registers import (
    count_share_registers,
    labour_laws,
    labour_test,
    register_of_enterprise,
    share_purchases,
    share_register,
    share_registers,
)
from jump.engines.finance.queries.ownership.steps import count_steps, step, steps
from jump.engines.finance.queries.ownership.trusts import trust, trust_statement, trusts

__all__ = [
    "capital",
    "capital_of_enterprise",
    "capital_sets",
    "count_capital_sets",
    "count_share_registers",
    "count_steps",
    "financing_plan",
    "financing_plans",
    "founders_test",
    "labour_laws",
    "labour_test",
    "may_invest",
    "member_statement",
    "member_pledges",
    "register_of_enterprise",
    "share_purchases",
    "share_register",
    "share_registers",
    "step",
    "steps",
    "trust",
    "trust_statement",
    "trusts",
]
