"""What finance refuses where goods, trades and wages are concerned, by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.engines.ledger.api import AboutAmounts


class AboutGoods(AboutAmounts):
    """Facts that end in `_quantity` are smallest units of goods: `%(there)s` is `there_quantity` as people write it.

    The fact `decimals` says how many of the smallest units make a whole one, `goods_unit` how the unit is called.
    """

    def _with_amounts(self, sentence: str) -> str:
        facts: Mapping[str, Any] = self.facts
        places = int(facts.get("decimals", 0))
        for name, value in facts.items():
            if name.endswith("_quantity") and isinstance(value, int):
                words = f"{_plain(Decimal(value).scaleb(-places))} {facts.get('goods_unit', '')}".strip()
                sentence = sentence.replace(f"%({name.removesuffix('_quantity')})s", words)
        return super()._with_amounts(sentence)


def _plain(value: Decimal) -> str:
    exact = value.normalize()
    return str(number_format(exact, max(0, -int(exact.as_tuple().exponent)), force_grouping=True))


class StockShort(AboutGoods):
    """More would leave the store, or one lot of it, than lies there."""

    code = "finance.stock_short"
    message = _("Only %(there)s is there; %(asked)s is asked.")
    what_to_do = _("Ask for less, or wait until the store is filled again. Somebody may have sold at the same time.")


class PriceOutsideBand(AboutAmounts):
    """A price below the lowest or above the highest that was declared."""

    code = "finance.price_outside_band"
    http_status = 422
    message = _("%(price)s for one %(goods_unit)s is outside what was agreed: from %(floor)s to %(ceiling)s.")
    what_to_do = _("Sell within these prices, or let the assembly declare new ones first.")


class BandMissing(Refusal):
    """Nothing is sold before the prices are declared."""

    code = "finance.band_missing"
    message = _("No prices are declared for %(on)s yet.")
    what_to_do = _("Let the assembly decide the lowest and the highest price, and declare them first.")


class BandImpossible(AboutAmounts):
    """The lowest price would be above the highest: do not buy."""

    code = "finance.band_impossible"
    http_status = 422
    message = _("The lowest price of %(floor)s is above the highest of %(ceiling)s: there is no price to sell at.")
    what_to_do = _("Do not buy at this cost. Find grain that costs less, or lower the margin.")


class QuotaUsed(AboutGoods):
    """A household asks for more than its quota leaves."""

    code = "finance.quota_used"
    http_status = 422
    message = _("This household may still buy %(left)s in these %(days)s days; %(asked)s is asked.")
    what_to_do = _("Sell less today. The quota is there so that grain is not sold on.")


class GrainOwedLess(AboutGoods):
    """More grain is given back than is owed."""

    code = "finance.grain_owed_less"
    http_status = 422
    message = _("Only %(open)s is still to be given back; %(asked)s is given.")
    what_to_do = _("Take back what is owed. Buy the rest, or enter it as a contribution.")


class LotTwice(Refusal):
    """A mark that another lot of this store carries already."""

    code = "finance.lot_twice"
    http_status = 422
    message = _("Another lot of this store already carries the mark %(mark)s.")
    what_to_do = _("Choose another mark, for example with the day.")


class CountAboveBook(AboutGoods):
    """More of a lot is counted than can be there."""

    code = "finance.count_above_book"
    http_status = 422
    message = _("Lot %(mark)s: %(counted)s is counted, but only %(book)s can be there.")
    what_to_do = _("Count this lot again. If it is right, a receipt is missing in the book: enter it first.")


class CountMissing(Refusal):
    """A season is closed only with a confirmed count of what is left."""

    code = "finance.count_missing"
    message = _("The store has not been counted since the last movement of %(last_on)s.")
    what_to_do = _("Count it with a second person first.")


class GradeUnknown(Refusal):
    """There is no price for this grade."""

    code = "finance.grade_unknown"
    http_status = 422
    message = _("There is no price for the grade %(grade)s.")


class ScaleUnchecked(Refusal):
    """Nothing is weighed before the scale was checked on a known weight that day."""

    code = "finance.scale_unchecked"
    message = _("The scale has not been checked on this day, or it was out.")
    what_to_do = _("Put a known weight on the scale and write down what it shows.")


class WeighingWrong(Refusal):
    """A weighing that cannot be: readers disagree, or the sheet is heavier than what lies in it."""

    code = "finance.weighing_wrong"
    http_status = 422
    message = _("This weighing cannot be: %(why)s.")
    what_to_do = _("Weigh again. Both readers must read the same.")


class TicketUsed(Refusal):
    """A ticket number that was already used on this market."""

    code = "finance.ticket_used"
    message = _("Ticket %(serial)s is already used on this market day.")
    what_to_do = _("Check the number. Every weighing has its own ticket, and nobody is paid twice for one.")


class OfferShort(AboutGoods):
    """More is taken from an offer or a need than is left of it."""

    code = "finance.offer_short"
    message = _("Only %(open)s of this is left; %(asked)s is asked.")


class NoWay(Refusal):
    """Two stores between which no transport cost is declared."""

    code = "finance.no_way"
    http_status = 422
    message = _("No transport cost is declared between these two stores.")
    what_to_do = _("Declare what one unit costs on this way first: a price without transport is no price.")


class TooDear(AboutAmounts):
    """With transport it costs more than the buyer can pay."""

    code = "finance.too_dear"
    http_status = 422
    message = _("With transport one unit costs %(landed)s; the buyer can pay %(most)s.")


class ChecklistOpen(Refusal):
    """A contract is signed only when its checklist for decent work is complete."""

    code = "finance.checklist_open"
    message = _("The contract cannot be signed yet. Still open: %(items)s.")
    what_to_do = _("Agree these points with the client and tick them.")


class BelowPayFloor(AboutAmounts):
    """Pay below what a day of work must bring."""

    code = "finance.below_pay_floor"
    http_status = 422
    message = _("%(rate)s for a day (%(who)s) is below the lowest pay of %(floor)s.")
    what_to_do = _("Agree a higher rate with the client. Nobody works below the lowest pay.")


class MusterWrong(Refusal):
    """A muster roll with a line that cannot be."""

    code = "finance.muster_wrong"
    http_status = 422
    message = _("Line %(line)s of the muster roll cannot be: %(why)s.")
    what_to_do = _("Correct this line and send it again.")


class CannotNow(Refusal):
    """Something that waits for another step first."""

    code = "finance.cannot_now"
    message = _("This cannot be done now: %(why)s.")
