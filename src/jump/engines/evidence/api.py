"""The door of evidence: the names other code may use. How answers look: see types.

Services (first argument `actor`, the rest by keyword):

    submit(actor, *, form, answers, scope, about=None, on, key, files=(), source="web", by_name="", version=None)
        -> SubmissionView                # files: NewFile(path, name, content); same key, same content: the first one
    submit_many(actor, *, form, rows, source, version=None) -> list[Ref]   # rows: NewSubmission; all or none
    resubmit(actor, *, ref, answers, on, key, files=()) -> SubmissionView          # after it was sent back
    upload_sheet(actor, *, form, scope, on, file, name, language) -> SheetView    # checked, nothing submitted yet
    import_sheet(actor, *, ref, only_valid=False) undo_sheet(actor, *, ref, why) -> SheetView
    drop_old_sheets(actor) -> int    # files of spreadsheets untouched for 30 days
    export(actor, *, asked: ExportAsked, kind: ExportFormat) -> ExportFile    # its bytes as they are read; in the trail
    note_export(actor, asked, kind) -> None    # into the trail, for an export that is not made here
    save_draft(actor, *, form, answers, scope, about=None, on, key, source="web") -> SubmissionView   # unchecked, kept
    revise(actor, *, ref, answers, on, key, files=(), source="", version=None, filled_by="") -> SubmissionView
                                     # an edit, whatever became of it: of what was accepted a correction, looked at anew
    accept(actor, *, ref, why="") reject(actor, *, ref, why) send_back(actor, *, ref, comments) -> SubmissionView
    withdraw(actor, *, ref, why) -> SubmissionView     # an acceptance is taken back, with what it caused
    review_many(actor, *, refs, verdict, why="") -> list[ReviewOutcome]            # each in a transaction of its own
    open_dossier(actor, *, definition, about, scope, on, key="") -> Ref            # once per definition and subject
    sign_dossier(actor, *, ref, on) -> None ; freeze_dossier(actor, *, ref, on, key="") -> Ref (dsv-...)
    check(actor, *, ref, verdict, submission_ref, on, author_key, note="", scope="") -> Ref
    draw_sample(actor, *, title, units, size, seed, scope, on) -> SampleView
    draft_form(actor, *, scope, content, name, media=None, data_class="P1", review="all", sample_percent=None)
        -> FormDraftView                 # an XLSForm; refuses with every problem by sheet, row and column
    add_media(actor, *, ref, media) -> FormDraftView ; drop_draft(actor, *, ref) ; publish_form(actor, *, ref, agreed)
    receive(actor, *, xml, files=(), scope, about=None, source="odk", is_incomplete=False) -> Receipt
        # an XForm instance as a device sends it; files: SentAttachment(name, content); kept once under its instanceID
    finish_incomplete(actor, *, ref) -> Receipt    # take a form whose photos never came as it is
    make_app_user(actor, *, name, scope, forms=(), carrier=None) -> (Ref, token) ; revoke_app_user(actor, *, ref)
    take_held(actor, *, ref, scope="", note="") -> Receipt ; dismiss_held(actor, *, ref, note)    # what had no place
    decide_conflict(actor, *, ref, choices, why) -> None    # choices: path -> "first" or "later", for every hard one
    device(token) -> Device    # who acts with the token of a device, where, with which forms
    publish_list(name, scope, rows) -> None    # a list that forms may choose from; rows: [{"code", "label"}]

Queries:

    form(form_id, version=None, language=None) -> FormView ; forms(language=None, scope=None) -> list[FormView]
    xform(form_id, version=None) -> str              # a form id may be short where only one package has it
    field_forms(actor, *, about, scopes) -> list[FieldForm]    # for the field app, titles in every language
    sent_states(actor, *, since) -> list[SentState]    # what became of the forms that this sender's phone sent
    media_of(form_id, version=None) -> list[MediaView]   # files that a device needs beside the form
    form_lines(actor) form_versions(actor, form_id) -> list[FormVersionView] ; compare_forms(form_id, before, after)
    form_drafts(actor) form_draft(actor, ref) -> FormDraftView
    offered(language=None, *, scope=None, forms=()) -> list[OfferedForm] ; offered_versions(form_id)
    app_users(actor) app_user(actor, ref) carriers(actor) ; incomplete(actor, *, limit, offset) -> list[IncompleteView]
    held(actor, *, state, limit, offset) held_one(actor, ref) -> HeldView ; held_bytes(actor, ref) ; count_held(actor)
    conflicts(actor, *, state, limit, offset) conflict(actor, ref) -> ConflictView ; count_conflicts(actor, *, state)
    conflicts_of(actor, submission) -> list[ConflictView]    # edits of one form that crossed
    check_answers(form, answers) -> list[FieldError] ; outcome_of(form, answers) -> Outcome (calculated, ordered)
    submission(actor, ref) submissions(actor, *, form="", about=None, scope="", state="", limit=50, offset=0)
    count_submissions(actor, ...) latest(about, form) -> SubmissionView | None    # accepted; unmasked, for rules only
    waiting_for_review(actor, *, scope="", limit, offset) recent(actor, *, scope="", about=None, limit=20)
    comments_for(actor, *, since=None) -> list[FieldComment]    # what the sender is to put right, by question
    review_desk(actor, *, form="", scope="", by="", flagged=False, limit, offset) -> list[DeskLine]  # odd ones first
    desk_filters(actor, *, form="", scope="", by="") -> DeskFilters
    would_become(actor, *, ref) -> Becomes ; what_came_of(actor, *, ref) -> list[BecomesLine]
    revisions(actor, ref) -> list[RevisionView] ; changes_of_revision(actor, ref, number=None) -> list[Change]
    last_days(actor, places) -> dict[str, date]    # the day of the last form from each
    sheet(actor, ref) sheets(actor, *, form, limit=20) ; sheet_file(actor, ref, *, marked=False) -> (file, name)
    write_template(actor, out, *, form, language, version=None) -> str    # the workbook of a form, to be filled in
    count_export(actor, asked) -> int ; export_tables(form) -> tuple[ExportTable] ; geometry_of(kind, answer) -> GeoJSON
    feed(actor, form, *, where=None, after="", skip=0, limit=1000) -> FeedPage ; feed_one(actor, form, ref)
    count_feed(actor, form, where=None) -> int ; export_entries(table, view)    # the rows of one submission in a table
    attachment(actor, ref) -> AttachmentView ; author_of(ref) -> str    # the key of who sent it, for rules
    dossier(actor, ref) dossiers(actor, *, definition="", about=None, scope="")
    dossier_of(about, definition) -> Ref | None
    dossier_version(actor, ref) compare_versions(actor, a, b) -> list[Change] ; is_complete(dossier_ref) -> bool
    is_signed(dossier_ref) -> bool
    entities(actor, *, register, about=None, scope="", limit=50, offset=0) entity(actor, ref) entity_history(actor, ref)
    known_lines(scopes) -> int    # how far a phone that reads these places now has heard of their registers
    checks(actor, *, ref) -> list[CheckView] ; published_list(name, scope) -> list[dict]

Refusals: evidence.answers_invalid (422, `errors`) evidence.key_reused evidence.date_impossible evidence.own_work
evidence.attachment_missing evidence.attachment_unasked evidence.not_waiting evidence.dossier_incomplete
evidence.not_the_signer evidence.already_signed evidence.form_not_public evidence.unknown_form evidence.reason_missing
evidence.sample_impossible evidence.nothing_chosen evidence.not_a_spreadsheet evidence.spreadsheet_too_large
evidence.sheet_of_another_form evidence.sheet_unreadable evidence.sheet_has_problems evidence.sheet_not_ready
evidence.sheet_settled base.file_too_large base.file_type
evidence.instance_unreadable evidence.device_unknown evidence.device_revoked evidence.form_not_offered
evidence.too_much_held evidence.held_not_takeable evidence.conflict_undecided
"""

from jump.engines.evidence.queries import (
    app_user,
    app_users,
    attachment,
    author_of,
    carriers,
    changes_of_revision,
    check_answers,
    checks,
    comments_for,
    compare_forms,
    compare_versions,
    conflict,
    conflicts,
    conflicts_of,
    count_conflicts,
    count_export,
    count_feed,
    count_held,
    count_submissions,
    desk_filters,
    dossier,
    dossier_of,
    dossier_version,
    dossiers,
    entities,
    entity,
    entity_history,
    export_entries,
    export_tables,
    feed,
    feed_one,
    field_forms,
    form,
    form_draft,
    form_drafts,
    form_lines,
    form_versions,
    forms,
    geometry_of,
    held,
    held_bytes,
    held_one,
    incomplete,
    is_complete,
    is_signed,
    known_lines,
    last_days,
    latest,
    media_of,
    offered,
    offered_versions,
    outcome_of,
    published_list,
    recent,
    review_desk,
    revisions,
    sent_states,
    sheet,
    sheet_file,
    sheets,
    submission,
    submissions,
    waiting_for_review,
    write_template,
    xform,
)
from jump.engines.evidence.services import (
    TAKEABLE,
    Device,
    DeviceRevoked,
    FormNotOffered,
    accept,
    add_media,
    check,
    decide_conflict,
    device,
    dismiss_held,
    draft_form,
    draw_sample,
    drop_draft,
    drop_old_sheets,
    export,
    finish_incomplete,
    freeze_dossier,
    import_sheet,
    make_app_user,
    note_export,
    open_dossier,
    publish_form,
    publish_list,
    receive,
    reject,
    resubmit,
    review_many,
    revise,
    revoke_app_user,
    save_draft,
    send_back,
    sign_dossier,
    submit,
    submit_many,
    take_held,
    undo_sheet,
    upload_sheet,
    what_came_of,
    withdraw,
    would_become,
)
from jump.engines.evidence.services.form_refusals import FormLosesAnswers, FormRefused
from jump.engines.evidence.types import (
    AppUserView,
    Arrival,
    AttachmentView,
    Becomes,
    BecomesLine,
    Change,
    CheckView,
    ChoiceView,
    ConflictLine,
    ConflictState,
    ConflictView,
    DeskFilters,
    DeskLine,
    DossierCheckView,
    DossierVersionView,
    DossierView,
    EntityVersionView,
    EntityView,
    ExportAsked,
    ExportColumn,
    ExportFile,
    ExportFormat,
    ExportTable,
    FeedPage,
    FieldChange,
    FieldComment,
    FieldError,
    FieldForm,
    FieldView,
    FormChanges,
    FormDraftView,
    FormLine,
    FormProblem,
    FormVersionView,
    FormView,
    HeldReason,
    HeldState,
    HeldView,
    IncompleteView,
    MediaView,
    NewFile,
    NewSubmission,
    OfferedForm,
    Outcome,
    Receipt,
    ReviewOutcome,
    ReviewPolicy,
    ReviewView,
    RevisionView,
    SampleView,
    SectionState,
    SectionView,
    SentAttachment,
    SentState,
    SheetProblem,
    SheetState,
    SheetView,
    SignatureView,
    SubmissionLine,
    SubmissionState,
    SubmissionView,
    Verdict,
)

__all__ = [
    "AppUserView",
    "Arrival",
    "AttachmentView",
    "Becomes",
    "BecomesLine",
    "Change",
    "CheckView",
    "ChoiceView",
    "ConflictLine",
    "ConflictState",
    "ConflictView",
    "Device",
    "DeviceRevoked",
    "DeskFilters",
    "DeskLine",
    "DossierCheckView",
    "DossierVersionView",
    "DossierView",
    "EntityVersionView",
    "EntityView",
    "ExportAsked",
    "ExportColumn",
    "ExportFile",
    "ExportFormat",
    "ExportTable",
    "FeedPage",
    "FieldChange",
    "FieldComment",
    "FieldError",
    "FieldForm",
    "FieldView",
    "FormChanges",
    "FormDraftView",
    "FormLine",
    "FormLosesAnswers",
    "FormNotOffered",
    "FormProblem",
    "FormRefused",
    "FormVersionView",
    "FormView",
    "HeldReason",
    "HeldState",
    "HeldView",
    "IncompleteView",
    "MediaView",
    "NewFile",
    "NewSubmission",
    "OfferedForm",
    "Outcome",
    "Receipt",
    "ReviewOutcome",
    "ReviewPolicy",
    "ReviewView",
    "RevisionView",
    "SampleView",
    "SectionState",
    "SectionView",
    "SentAttachment",
    "SentState",
    "SheetProblem",
    "SheetState",
    "SheetView",
    "SignatureView",
    "SubmissionLine",
    "SubmissionState",
    "SubmissionView",
    "TAKEABLE",
    "Verdict",
    "accept",
    "add_media",
    "app_user",
    "app_users",
    "attachment",
    "author_of",
    "carriers",
    "changes_of_revision",
    "check",
    "check_answers",
    "checks",
    "comments_for",
    "compare_forms",
    "compare_versions",
    "conflict",
    "conflicts",
    "conflicts_of",
    "count_conflicts",
    "count_export",
    "count_feed",
    "count_held",
    "count_submissions",
    "decide_conflict",
    "device",
    "dismiss_held",
    "desk_filters",
    "dossier",
    "dossier_of",
    "dossier_version",
    "dossiers",
    "draft_form",
    "draw_sample",
    "drop_draft",
    "drop_old_sheets",
    "entities",
    "entity",
    "entity_history",
    "export",
    "export_entries",
    "export_tables",
    "feed",
    "feed_one",
    "field_forms",
    "finish_incomplete",
    "form",
    "form_draft",
    "form_drafts",
    "form_lines",
    "form_versions",
    "forms",
    "freeze_dossier",
    "geometry_of",
    "held",
    "held_bytes",
    "held_one",
    "import_sheet",
    "incomplete",
    "is_complete",
    "is_signed",
    "known_lines",
    "last_days",
    "latest",
    "make_app_user",
    "media_of",
    "note_export",
    "offered",
    "offered_versions",
    "open_dossier",
    "outcome_of",
    "publish_form",
    "publish_list",
    "published_list",
    "receive",
    "recent",
    "reject",
    "resubmit",
    "review_many",
    "revise",
    "review_desk",
    "revisions",
    "revoke_app_user",
    "save_draft",
    "send_back",
    "sent_states",
    "sheet",
    "sheet_file",
    "sheets",
    "sign_dossier",
    "submission",
    "submissions",
    "submit",
    "submit_many",
    "take_held",
    "undo_sheet",
    "upload_sheet",
    "waiting_for_review",
    "write_template",
    "what_came_of",
    "withdraw",
    "would_become",
    "xform",
]
