"""What reports refuses, by name."""

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal


class PdfUnavailable(Refusal):
    """The system libraries that make PDFs are not on this machine. Web page and Word still work."""

    code = "reports.pdf_unavailable"
    http_status = 501
    message = _("This server cannot make PDF files: %(missing)s is missing.")
    what_to_do = _("Install the Debian packages %(packages)s, or take the web page or the Word file.")


class PeriodUnknown(Refusal):
    """Not a half-year of the programme."""

    code = "reports.period_unknown"
    http_status = 422
    message = _("%(period)s is not a half-year of this programme.")
    what_to_do = _("Write the year and 1 or 2, such as %(example)s.")


class PeriodNotOver(Refusal):
    """A report tells what was; the period must have begun."""

    code = "reports.period_not_begun"
    http_status = 422
    message = _("The period %(period)s has not begun.")
    what_to_do = _("Choose a period that began before %(today)s.")


class ProofMissing(Refusal):
    """A lesson without evidence stays a draft (EVAL-10)."""

    code = "reports.proof_missing"
    http_status = 422
    message = _("This lesson names no record that proves it, so it stays a draft.")
    what_to_do = _("Add the number of the visit, session or figure that it rests on.")


class NotPublished(Refusal):
    """Only a published edition is sent out."""

    code = "reports.not_published"
    message = _("The edition %(ref)s is a draft. Only published editions are sent out.")
    what_to_do = _("Publish it first.")
