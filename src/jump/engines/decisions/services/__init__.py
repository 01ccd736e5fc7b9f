"""What decisions can do: one verb, one transaction each."""

from jump.engines.decisions.services.appeals import answer_appeal, appeal
from jump.engines.decisions.services.ballots import hold_ballot, set_ballot
from jump.engines.decisions.services.committees import constitute, end_seat, resolve, seat
from jump.engines.decisions.services.deciding import decide, publish
from jump.engines.decisions.services.rounds import enter, invite_again, open_round, withdraw
from jump.engines.decisions.services.scoring import close_scoring, declare_interest, record_computed, score

__all__ = [
    "answer_appeal",
    "appeal",
    "close_scoring",
    "constitute",
    "decide",
    "declare_interest",
    "end_seat",
    "enter",
    "hold_ballot",
    "invite_again",
    "open_round",
    "publish",
    "record_computed",
    "resolve",
    "score",
    "seat",
    "set_ballot",
    "withdraw",
]
