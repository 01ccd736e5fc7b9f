"""Who fits where: assignments with the best total and their proof, stable ones, floors with their price, and lists.

Nothing here decides about a person. An officer is given a list, with the points of each part of a score, and decides.
"""

from jump.core.matching.assigning import Assignment, arrive, assign, is_optimal, upper_bound
from jump.core.matching.bias import GroupReport, Step, bias_report
from jump.core.matching.candidates import NOWHERE, Candidates, MatchingError
from jump.core.matching.choosing import blocking_pairs, lists, stable
from jump.core.matching.floors import Floor, Floored, PricePoint, price_curve, share, with_floors
from jump.core.matching.listing import Proposal, Seeker, Vacancies, Weights, top
from jump.core.matching.together import Together, assign_together

__all__ = [
    "NOWHERE",
    "Assignment",
    "Candidates",
    "Floor",
    "Floored",
    "GroupReport",
    "MatchingError",
    "PricePoint",
    "Proposal",
    "Seeker",
    "Step",
    "Together",
    "Vacancies",
    "Weights",
    "arrive",
    "assign",
    "assign_together",
    "bias_report",
    "blocking_pairs",
    "is_optimal",
    "lists",
    "price_curve",
    "share",
    "stable",
    "top",
    "upper_bound",
    "with_floors",
]
