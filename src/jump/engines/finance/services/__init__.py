"""What changes finance."""

from jump.engines.finance.services.assets import book_upkeep, check_asset, give_custody, hand_over_asset, record_asset
from jump.engines.finance.services.budgets import (
    declare_budget,
    move_budget,
    open_cell,
    spend,
    transfer_seed,
)
from jump.engines.finance.services.contracts import cancel_contract, meet_condition, open_contract
from jump.engines.finance.services.donors import receive, record_pledge, record_source
from jump.engines.finance.services.funds import (
    adopt_rules,
    contribute,
    open_fund,
    release_reserve,
    reserve,
    use_interest,
)
from jump.engines.finance.services.groups import (
    count_meeting,
    drop_meeting,
    open_cycle,
    pay_share_out,
    propose_share_out,
    write_meeting,
)
from jump.engines.finance.services.guarantees import (
    book_guarantee_payment,
    call_guarantee,
    open_guarantee,
    prepare_guarantee_payment,
    release_guarantee,
)
from jump.engines.finance.services.hand_overs import balances_agree, hand_over_fund, prepare_hand_over
from jump.engines.finance.services.in_kind import declare_in_kind_rate, record_in_kind
from jump.engines.finance.services.linkages import (
    close_bank_line,
    move_on_line,
    open_bank_line,
    pay_bank,
    pledge_matching,
    receive_matching,
)
from jump.engines.finance.services.meetings import (
    collect,
    count_collection,
    drop_collection,
    record_no_lender,
)
from jump.engines.finance.services.plans import (
    ask_provision,
    choose_support_base,
    estimate_cell,
    extend_bridge,
    open_bridge,
    pay_bridge,
    refuse_provision,
    release_provision,
    replace_bridge,
)
from jump.engines.finance.services.rates import add_rate, exchange
from jump.engines.finance.services.refunds import close_grant, refund_grant
from jump.engines.finance.services.releases import account_for_spend, approve_release, prepare_release
from jump.engines.finance.services.repayments import prepare_write_off, repay, undo_repayment, write_off
from jump.engines.finance.services.savings import (
    close_savings,
    deposit,
    drop_withdrawal,
    give_notice,
    open_savings,
    open_savings_for_members,
    pay_withdrawal,
    prepare_withdrawal,
    undo_movement,
)
from jump.engines.finance.services.savings_interest import (
    post_interest,
    post_interest_of,
)
from jump.engines.finance.services.signed_rules import fund_under, signed_rules

__all__ = [
    "account_for_spend",
    "add_rate",
    "adopt_rules",
    "approve_release",
    "balances_agree",
    "fund_under",
    "hand_over_fund",
    "prepare_hand_over",
    "signed_rules",
    "cancel_contract",
    "contribute",
    "declare_budget",
    "exchange",
    "hand_over_asset",
    "meet_condition",
    "move_budget",
    "open_cell",
    "open_contract",
    "open_fund",
    "prepare_release",
    "prepare_write_off",
    "receive",
    "record_asset",
    "record_in_kind",
    "record_source",
    "release_provision",
    "release_reserve",
    "repay",
    "reserve",
    "spend",
    "transfer_seed",
    "undo_repayment",
    "use_interest",
    "write_off",
    "open_savings",
    "open_savings_for_members",
    "deposit",
    "give_notice",
    "prepare_withdrawal",
    "pay_withdrawal",
    "drop_withdrawal",
    "close_savings",
    "undo_movement",
    "post_interest",
    "post_interest_of",
    "open_guarantee",
    "call_guarantee",
    "release_guarantee",
    "prepare_guarantee_payment",
    "book_guarantee_payment",
    "pledge_matching",
    "receive_matching",
    "open_bank_line",
    "move_on_line",
    "pay_bank",
    "close_bank_line",
    "collect",
    "count_collection",
    "drop_collection",
    "record_no_lender",
    "open_cycle",
    "write_meeting",
    "count_meeting",
    "drop_meeting",
    "propose_share_out",
    "pay_share_out",
    "book_upkeep",
    "check_asset",
    "give_custody",
    "record_pledge",
    "declare_in_kind_rate",
    "ask_provision",
    "choose_support_base",
    "estimate_cell",
    "extend_bridge",
    "open_bridge",
    "pay_bridge",
    "refuse_provision",
    "replace_bridge",
    "close_grant",
    "refund_grant",
]
