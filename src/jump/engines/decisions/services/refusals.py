"""What decisions refuses, by name."""

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import KeyReused, Refusal


class DecisionKeyReused(KeyReused):
    code = "decisions.key_reused"


class RoundNotOpen(Refusal):
    """Scores and interests belong into an open round."""

    code = "decisions.round_not_open"
    message = _("Scoring in this round is closed.")
    what_to_do = _("Look at the result. A later round can take the candidate up again.")


class PanelTooSmall(Refusal):
    code = "decisions.panel_too_small"
    http_status = 422
    message = _("The panel has %(members)s members; the rules ask for at least %(panel_min)s.")
    what_to_do = _("Name more members.")


class PanelRole(Refusal):
    """A member of the panel does not hold the role that the rules name, at this place."""

    code = "decisions.panel_role"
    http_status = 422
    message = _("Not everybody you named may sit on this panel.")
    what_to_do = _("Members need the role %(role)s here. Give them the role first, or name others.")


class NotOnPanel(Refusal):
    code = "decisions.not_on_panel"
    http_status = 403
    message = _("You are not on the panel of this round.")
    what_to_do = _("Only members named when the round opened can do this.")


class CriteriaFrozen(Refusal):
    """Criteria are those declared when the round opened; nothing is added, changed or left out afterwards."""

    code = "decisions.criteria_frozen"
    http_status = 422
    message = _("%(criterion)s is not among the criteria of this round.")
    what_to_do = _("The criteria were fixed when the round opened. Score by those.")


class InterestUndeclared(Refusal):
    code = "decisions.interest_undeclared"
    message = _("Say first whether you have an interest in this candidate.")
    what_to_do = _("Declare yes or no, then score.")


class HasInterest(Refusal):
    """A member with an interest neither scores nor decides, and sees neither scores nor rank."""

    code = "decisions.interest"
    http_status = 403
    message = _("You declared an interest in a candidate, so you take no part in this.")
    what_to_do = _("The other members of the panel do it.")


class InterestFixed(Refusal):
    """After the scores can be seen, or after scoring, a declaration can no longer be taken back."""

    code = "decisions.interest_fixed"
    message = _("This declaration can no longer be changed.")
    what_to_do = _("Tell the coordinator. The change is written into the minutes.")


class Sealed(Refusal):
    """Scores stay sealed until all are in or scoring is closed."""

    code = "decisions.sealed"
    http_status = 403
    message = _("The scores are sealed. %(missing)s score sheets are still to come.")
    what_to_do = _("They can be seen when all are in, or when scoring is closed.")


class FiguresMissing(Refusal):
    """A criterion that is a figure was not supplied yet."""

    code = "decisions.figures_missing"
    message = _("The figure for %(criterion)s is missing for %(count)s candidates.")
    what_to_do = _("Let the figures be computed, then close scoring.")


class AlreadyDecided(Refusal):
    """Somebody else was first. Their decision stands and nothing of the second one was kept."""

    code = "decisions.already_decided"
    message = _("This round was already decided on %(on)s.")
    what_to_do = _("Look at the decision. Nothing of yours was saved over it.")


class NotDecided(Refusal):
    code = "decisions.not_decided"
    message = _("This round is not decided yet.")
    what_to_do = _("Decide first, then publish.")


class ReasonMissing(Refusal):
    """A departure from the computed ranking, or a decision that is not good news, needs a reason on the record."""

    code = "decisions.reason_missing"
    http_status = 422
    message = _("A reason is missing for %(count)s candidates.")
    what_to_do = _("Write one sentence for each. The community reads it.")


class MinutesMissing(Refusal):
    code = "decisions.minutes_missing"
    http_status = 422
    message = _("The minutes are missing.")
    what_to_do = _("Write what was discussed and how it was decided.")


class CandidatesMissing(Refusal):
    """Every candidate of a round gets an outcome, and only those."""

    code = "decisions.candidates_missing"
    http_status = 422
    message = _("The decision does not fit the candidates of this round.")
    what_to_do = _("Give every candidate exactly one outcome.")


class UnknownOutcome(Refusal):
    code = "decisions.unknown_outcome"
    http_status = 422
    message = _("%(outcome)s is not an outcome of this round.")
    what_to_do = _("Use one of: %(outcomes)s.")


class ScreeningFailed(Refusal):
    """All tests must be answered with yes."""

    code = "decisions.screening_failed"
    message = _("%(count)s candidates did not pass all tests, so they cannot have this outcome.")
    what_to_do = _("All tests must be answered with yes. Choose another outcome, or mend what failed and come again.")


class OverCapacity(Refusal):
    code = "decisions.over_capacity"
    message = _("That is %(chosen)s; the limit for %(where)s is %(limit)s.")
    what_to_do = _("Choose fewer now. The others can be kept as reserve for a later round.")


class Quorum(Refusal):
    code = "decisions.quorum"
    message = _("Too few took part: %(present)s of at least %(needed)s.")
    what_to_do = _("Decide when enough are present. Who declared an interest does not count for that candidate.")


class AgainstTheVote(Refusal):
    """The decision on the form of organisation belongs to the community (programme document 8.3(5))."""

    code = "decisions.against_the_vote"
    message = _("The people concerned voted for %(winner)s.")
    what_to_do = _("Their vote decides. Only a new vote can change it.")


class BallotMissing(Refusal):
    code = "decisions.ballot_missing"
    message = _("The vote on %(candidate)s was not held, had too few voters, or ended in a tie.")
    what_to_do = _("Set the rules, hold the vote, record the count; after a tie vote again.")


class BallotRules(Refusal):
    """The people concerned set the rules of their vote before it, and they stay as set."""

    code = "decisions.ballot_rules"
    message = _("The rules of this vote are not set, or the vote was already held.")
    what_to_do = _("Rules first, then the vote; both once.")


class BallotCount(Refusal):
    code = "decisions.ballot_count"
    http_status = 422
    message = _("%(votes)s votes were counted, but only %(electorate)s people may vote.")
    what_to_do = _("Count again.")


class NotKept(Refusal):
    """Only candidates that were declined or kept in reserve, in a published round, can be invited again."""

    code = "decisions.not_kept"
    message = _("This candidate cannot be invited again.")
    what_to_do = _("Choose from the reserve and declined candidates of earlier rounds.")


class Withdrawn(Refusal):
    code = "decisions.not_in_round"
    message = _("This candidate is not in an open round.")
    what_to_do = _("Look at the candidate to see where it stands.")


class SeatsMissing(Refusal):
    """Every class that must be represented has a seat before the body can resolve anything."""

    code = "decisions.seats_missing"
    message = _("These groups have no seat yet: %(missing)s.")
    what_to_do = _("Fill their seats first.")


class SeatTaken(Refusal):
    code = "decisions.seat_taken"
    message = _("This person already has a seat here.")
    what_to_do = _("End the old seat first.")


class NoSeat(Refusal):
    code = "decisions.no_seat"
    http_status = 404
    message = _("This person has no seat here.")
    what_to_do = _("Look at the list of members.")


class SeatUndecided(Refusal):
    """Once a committee stands, it decides itself who joins (programme document Output 16)."""

    code = "decisions.seat_undecided"
    message = _("The committee has not decided on this new member.")
    what_to_do = _("Record its resolution first, then give the seat with it.")


class NotSecretary(Refusal):
    """The secretary's role is fixed (programme document 4.3, 4.4)."""

    code = "decisions.not_secretary"
    http_status = 403
    message = _("Only the secretary records what this committee resolves.")
    what_to_do = _("The secretary is the %(role)s of this place.")


class NotTheirMeeting(Refusal):
    code = "decisions.not_their_meeting"
    message = _("This committee was not the host of that meeting.")
    what_to_do = _("Name the meeting at which the committee resolved it.")


class AppealLate(Refusal):
    code = "decisions.appeal_late"
    message = _("An appeal could be made until %(until)s.")
    what_to_do = _("Speak with the coordinator. A later round is open to you.")


class AppealOpen(Refusal):
    code = "decisions.appeal_open"
    message = _("There is already an open appeal against this decision.")
    what_to_do = _("Wait for its answer.")


class SamePanel(Refusal):
    """Who took part in the decision does not answer the appeal against it."""

    code = "decisions.same_panel"
    http_status = 403
    message = _("You took part in this decision, so somebody else answers the appeal.")
    what_to_do = _("Ask a coordinator who was not on the panel.")
