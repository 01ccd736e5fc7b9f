"""What parties refuses, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import KeyReused, Refusal


class ConsentMissing(Refusal):
    """A person may be kept in the books only with their consent, and sensitive things only with consent to those."""

    code = "parties.consent_missing"
    http_status = 422
    message = _("There is no consent for this: %(purpose)s.")
    what_to_do = _("Ask the person, and record what they agree to first.")


class FlagMissing(Refusal):
    """A beneficiary belongs to at least one target group."""

    code = "parties.flag_missing"
    http_status = 422
    message = _("A beneficiary needs at least one target group, for example unemployed or youth.")
    what_to_do = _("Ask the person which group they belong to, and tick it.")


class BirthImpossible(Refusal):
    """A birth after the day of registration, or more than 120 years before it."""

    code = "parties.birth_impossible"
    http_status = 422
    message = _("%(born)s cannot be the birth of a person registered on %(on)s.")
    what_to_do = _("Check the date. If only the year is known, give the year alone.")


class NotThisKind(Refusal):
    """A reference of another kind than the one asked for."""

    code = "parties.not_this_kind"
    http_status = 422
    message = _("%(ref)s is not a %(wanted)s.")
    what_to_do = _("Choose one from the list.")


class DegreeNeedsOrganisations(Refusal):
    """A union, federation or network of degree two or more has organisations and groups as members."""

    code = "parties.degree_needs_organisations"
    message = _("This is a union of groups. A single person cannot be a member of it.")
    what_to_do = _("Let the person join one of its member groups.")


class AlreadyMember(Refusal):
    """Nobody is a member of one group twice at a time."""

    code = "parties.already_member"
    message = _("%(member)s is already a member since %(since)s.")
    what_to_do = _("End the old membership first, if the role has changed.")


class AlreadyRelated(Refusal):
    """The same relation of the same two parties is in force."""

    code = "parties.already_related"
    message = _("The two are already linked in this way since %(since)s.")
    what_to_do = _("End the old link first.")


class SameCircle(Refusal):
    """Two records cannot each be the double of the other."""

    code = "parties.same_circle"
    message = _("%(keep)s is already marked as the same as %(duplicate)s.")
    what_to_do = _("Undo the first mark, then mark them the other way round.")


class NotSame(Refusal):
    """The record is not marked as a double."""

    code = "parties.not_same"
    message = _("%(ref)s is not marked as the same as another record.")


class CaseloadFull(Refusal):
    """The worker already looks after as many as the limit allows."""

    code = "parties.caseload_full"
    message = _("This worker already has %(assigned)s assignments; the limit is %(limit)s.")
    what_to_do = _("Choose another worker, or give a reason for going over the limit.")


class ToolMissing(Refusal):
    """A project uses at least one of the programme's job-creating tools."""

    code = "parties.tool_missing"
    http_status = 422
    message = _("Choose at least one tool. Not among the tools of this programme: %(unknown)s.")
    what_to_do = _("The tools are: %(tools)s.")


class DoubleDecided(Refusal):
    """Whether two records are one person is decided once; the mark can be taken back, or set, on the person's page."""

    code = "parties.double_decided"
    message = _("%(by)s has decided about these two records on %(on)s.")
    what_to_do = _("Look at the person's page. What was decided can be changed there.")


class ReasonMissing(Refusal):
    """A project that no local partner carries out needs a reason (programme document 4.5)."""

    code = "parties.reason_missing"
    http_status = 422
    message = _("The implementer is not local, and no reason is given.")
    what_to_do = _("Say why no local partner can do it, or choose a local partner.")


class PartiesKeyReused(KeyReused):
    """The same idempotency key came with other content."""

    code = "parties.key_reused"
