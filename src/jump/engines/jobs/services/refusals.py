"""What jobs will not do, by name."""

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal


class KeyReused(Refusal):
    """The same idempotency key came with other content."""

    code = "jobs.key_reused"
    message = _("This number was already used for another job.")
    what_to_do = _("Nothing was saved twice. Reload the page and send again.")


class SamePerson(Refusal):
    """Whoever claimed a job, or wrote the form it came from, may not verify it (invariant 3)."""

    code = "jobs.same_person"
    message = _("You reported job %(job)s yourself, so somebody else must check it.")
    what_to_do = _("Ask a colleague or the national coordinator to verify it.")


class ThreatMissing(Refusal):
    """A job counts as preserved only with proof that it was under threat (CONVERT-06)."""

    code = "jobs.threat_missing"
    http_status = 422
    message = _("A preserved job needs proof that it was about to be lost.")
    what_to_do = _("Name the accepted notice of threat, or claim the job under another kind.")


class EvidenceMissing(Refusal):
    """A verification without evidence proves nothing."""

    code = "jobs.evidence_missing"
    http_status = 422
    message = _("A verification needs its evidence: the visit report or another record.")
    what_to_do = _("Fill the verification form first, then verify the job with it.")


class NotVerified(Refusal):
    """Only a verified job can be followed up."""

    code = "jobs.not_verified"
    message = _("Job %(job)s is not verified yet, so it cannot be followed up.")
    what_to_do = _("Verify the job first.")


class AlreadyEnded(Refusal):
    """A job ends once; correcting the day needs a correction on record."""

    code = "jobs.already_ended"
    message = _("Job %(job)s already ended on %(ended_on)s.")
    what_to_do = _("If the day is wrong, ask the national coordinator to correct the claim.")


class ReasonMissing(Refusal):
    """Ending a job needs a reason."""

    code = "jobs.reason_missing"
    http_status = 422
    message = _("Say why the job ended.")
    what_to_do = _("Choose or write a reason, then save again.")
