"""Which records are one person: how names are compared, how much an agreement weighs, and what is proposed.

A record is compared field by field; each field gives a level, from "the same" to "different". The weight of a level is
log2(m / u): m is how often that level is seen in two records of one person, u how often in two of different people
(Fellegi and Sunter 1969, A theory for record linkage). m is learnt from the records themselves by expectation and
maximisation, u from pairs drawn at random; an agreement on a rare name weighs more than on a common one. Two people of
one household agree on much, too: that is weighed as a third case. The weights are plain numbers that are kept and
shown, so a proposal can always say why.

The same weights serve to look through a million records at once (`find`) and to compare one that is being registered
with the few that may be it (`weigh`). Nothing here decides: pairs come in three bands.
"""

from jump.core.duplicates.bands import Band, Bands, clusters
from jump.core.duplicates.blocking import search_keys
from jump.core.duplicates.comparing import Agreement, agreements
from jump.core.duplicates.fields import Field, Kind, Records
from jump.core.duplicates.finding import Proposal, explain, find, weigh
from jump.core.duplicates.spelling import folded, skeleton
from jump.core.duplicates.usual import USUAL
from jump.core.duplicates.weights import Model, train

__all__ = [
    "USUAL",
    "Agreement",
    "Band",
    "Bands",
    "Field",
    "Kind",
    "Model",
    "Proposal",
    "Records",
    "agreements",
    "clusters",
    "explain",
    "find",
    "folded",
    "search_keys",
    "skeleton",
    "train",
    "weigh",
]
