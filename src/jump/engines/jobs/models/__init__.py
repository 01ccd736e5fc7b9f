"""Tables of the jobs engine, and the guards that keep them."""

from jump.engines.jobs.models.tables import DecentWorkResult, FollowUp, JobSpell, Post, TermsRow, Verification

__all__ = ["DecentWorkResult", "FollowUp", "JobSpell", "Post", "TermsRow", "Verification"]
