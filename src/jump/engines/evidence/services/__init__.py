"""What evidence does, one transaction each."""

from jump.engines.evidence.services.checks import check, draw_sample, publish_list
from jump.engines.evidence.services.conflicts import decide_conflict
from jump.engines.evidence.services.consequences import bring_about, what_came_of, would_become
from jump.engines.evidence.services.devices import Device, DeviceRevoked, device, make_app_user, revoke_app_user
from jump.engines.evidence.services.dossiers import freeze_dossier, open_dossier, sign_dossier
from jump.engines.evidence.services.exports import export, note_export
from jump.engines.evidence.services.forms import add_media, draft_form, drop_draft, publish_form
from jump.engines.evidence.services.held import TAKEABLE, dismiss_held, take_held
from jump.engines.evidence.services.many import submit_many
from jump.engines.evidence.services.receiving import finish_incomplete, receive
from jump.engines.evidence.services.refusals import FormNotOffered
from jump.engines.evidence.services.review import accept, reject, review_many, send_back, withdraw
from jump.engines.evidence.services.revise import resubmit, revise
from jump.engines.evidence.services.spreadsheets import drop_old_sheets, import_sheet, undo_sheet, upload_sheet
from jump.engines.evidence.services.submit import (
    forget_submissions,
    link_person,
    save_draft,
    set_about,
    submit,
)

__all__ = [
    "TAKEABLE",
    "decide_conflict",
    "dismiss_held",
    "take_held",
    "add_media",
    "draft_form",
    "drop_draft",
    "publish_form",
    "Device",
    "DeviceRevoked",
    "FormNotOffered",
    "accept",
    "bring_about",
    "check",
    "device",
    "draw_sample",
    "finish_incomplete",
    "drop_old_sheets",
    "export",
    "forget_submissions",
    "freeze_dossier",
    "import_sheet",
    "link_person",
    "make_app_user",
    "note_export",
    "open_dossier",
    "publish_list",
    "receive",
    "reject",
    "resubmit",
    "review_many",
    "revise",
    "revoke_app_user",
    "save_draft",
    "send_back",
    "set_about",
    "sign_dossier",
    "submit",
    "submit_many",
    "undo_sheet",
    "upload_sheet",
    "what_came_of",
    "withdraw",
    "would_become",
]
