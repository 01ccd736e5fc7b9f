"""The tables of evidence. A form version, a review, a check and a frozen dossier are never changed."""

from jump.engines.evidence.models.batches import SheetBatch, SheetRow
from jump.engines.evidence.models.checks import Check, PublishedList, Sample
from jump.engines.evidence.models.conflicts import EditConflict
from jump.engines.evidence.models.dossiers import Dossier, DossierSignature, DossierVersion
from jump.engines.evidence.models.forms import Form, FormDraft, FormMedia, FormVersion
from jump.engines.evidence.models.receiving import AppUser, HeldBack, SentFile, SentInstance
from jump.engines.evidence.models.registers import Entity, EntityVersion
from jump.engines.evidence.models.submissions import (
    Attachment,
    ClassedQuerySet,
    Correction,
    DeclaredFact,
    EarlierAnswers,
    NamedPerson,
    Review,
    Submission,
)

__all__ = [
    "AppUser",
    "Attachment",
    "Check",
    "ClassedQuerySet",
    "Correction",
    "DeclaredFact",
    "Dossier",
    "DossierSignature",
    "DossierVersion",
    "EarlierAnswers",
    "EditConflict",
    "Entity",
    "EntityVersion",
    "Form",
    "FormDraft",
    "FormMedia",
    "FormVersion",
    "HeldBack",
    "NamedPerson",
    "PublishedList",
    "Review",
    "Sample",
    "SheetBatch",
    "SheetRow",
    "SentFile",
    "SentInstance",
    "Submission",
]
