"""Editions stay as they were made; lessons need their proof; three renderers tell the same."""

import io
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction

from jump.base import packages
from jump.base.actors import ANONYMOUS, system_actor
from jump.base.db import write_transaction
from jump.base.guards import missing
from jump.base.refusals import NotAllowed, NotFound
from jump.base.scopes import declare_node
from jump.core.units import Ref
from jump.engines.reports import api as reports
from jump.engines.reports.models import GUARDS, Edition, Lesson
from jump.engines.reports.services.editions import keep_edition
from jump.engines.reports.types import LessonState

if TYPE_CHECKING:
    from jump.engines.reports.types import Block

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
TEMPLATE = packages.Definition("trial.progress_report", "report", "trial", "1", {"title": {"en": "Progress"}})
BLOCKS: tuple["Block", ...] = (
    reports.Heading("By country"),
    reports.Paragraph("55 decent jobs <b>counted</b>.", ("fig-00000001",)),
    reports.Note("One input is late."),
    reports.Facts((reports.Figure("Decent jobs", "55", "of 20,000", "fig-00000001"),)),
    reports.Table(
        "Jobs",
        ("Country", "Jobs"),
        ((reports.Cell("Fiji"), reports.Cell("12", "fig-00000002")), (reports.Cell("Kenya"), reports.Cell("43"))),
        (1,),
    ),
    reports.Listing(("Not measured: income",)),
)


@pytest.fixture
def make(db: Any) -> Callable[..., Ref]:
    with write_transaction():
        declare_node(None, "trial", "programme", "Trial")

    def keep(text: str = "first", *, language: str = "en") -> Ref:
        return keep_edition(
            ACTOR,
            definition=TEMPLATE,
            title=f"Progress report {text}",
            period="2004-H1",
            scope="trial/",
            language=language,
            as_of=date(2004, 6, 30),
            blocks=(*BLOCKS, reports.Paragraph(text)),
            missing_inputs=("Input of Fiji",),
            figure_set_ref=None,
        )

    return keep


@pytest.mark.covers("REPORT-01")
def test_an_edition_tells_its_blocks_its_figures_and_what_is_missing(make: Callable[..., Ref]) -> None:
    view = reports.edition(ACTOR, make())
    assert view.blocks[: len(BLOCKS)] == BLOCKS
    assert view.sources == ("fig-00000001", "fig-00000002")
    assert view.missing_inputs == ("Input of Fiji",)
    assert (view.number, view.state) == (1, reports.EditionState.DRAFT)


def test_the_same_content_is_the_same_edition_and_other_content_the_next_one(make: Callable[..., Ref]) -> None:
    first = make()
    assert make() == first
    second = make("second")
    assert [reports.edition(ACTOR, ref).number for ref in (first, second)] == [1, 2]


def test_what_was_made_is_never_rewritten_not_even_by_a_stranger_to_our_code(make: Callable[..., Ref]) -> None:
    ref = make()
    for changed in ({"blocks": []}, {"title": "x"}, {"as_of": date(2003, 1, 1)}):
        with pytest.raises(DatabaseError, match="kept as it was made"), transaction.atomic():
            Edition.objects.filter(ref=ref).update(**changed)
    assert missing(GUARDS) == []


def test_a_published_edition_cannot_be_taken_back_or_removed(make: Callable[..., Ref]) -> None:
    ref = make()
    reports.publish(ACTOR, edition_ref=ref, on=date(2004, 7, 20))
    reports.publish(ACTOR, edition_ref=ref, on=date(2004, 7, 21))
    assert reports.edition(ACTOR, ref).published_on == date(2004, 7, 20)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Edition.objects.filter(ref=ref).update(state="draft", published_on=None)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Edition.objects.filter(ref=ref).delete()


@pytest.mark.covers("REPORT-05")
def test_only_published_editions_are_sent_out_and_each_recipient_is_written_down_once(make: Callable[..., Ref]) -> None:
    ref = make()
    with pytest.raises(reports.NotPublished):
        reports.distribute(ACTOR, edition_ref=ref, how="mail", on=date(2004, 7, 1), to_class="Ministry of Labour")
    assert reports.distributions(ACTOR, ref) == []
    reports.publish(ACTOR, edition_ref=ref, on=date(2004, 7, 20))
    for _time in range(2):
        sent = reports.distribute(
            ACTOR, edition_ref=ref, how="mail", on=date(2004, 7, 22), to_class="Ministry of Labour"
        )
    reports.mark_read(ACTOR, distribution_ref=sent, on=date(2004, 8, 1))
    (row,) = reports.distributions(ACTOR, ref)
    assert (row.to_name, row.on, row.read_on) == ("Ministry of Labour", date(2004, 7, 22), date(2004, 8, 1))


def test_strangers_see_no_edition_and_make_none(make: Callable[..., Ref]) -> None:
    ref = make()
    assert reports.editions(ANONYMOUS) == []
    with pytest.raises(NotFound):
        reports.edition(ANONYMOUS, ref)
    with pytest.raises(NotAllowed):
        keep_edition(
            ANONYMOUS,
            definition=TEMPLATE,
            title="x",
            period="2004-H1",
            scope="trial/",
            language="en",
            as_of=date(2004, 6, 30),
            blocks=(),
            missing_inputs=(),
            figure_set_ref=None,
        )


def test_the_page_links_every_figure_and_escapes_what_people_wrote(make: Callable[..., Ref]) -> None:
    page = reports.rendered(ACTOR, edition_ref=make(), format="html").content.decode()
    assert "&lt;b&gt;counted&lt;/b&gt;" in page
    assert 'href="/why/fig-00000002/"' in page
    assert "style=" not in page


def test_the_word_file_holds_the_same_words_and_tables(make: Callable[..., Ref]) -> None:
    from docx import Document

    made = reports.rendered(ACTOR, edition_ref=make(), format="docx")
    document = Document(io.BytesIO(made.content))
    assert "One input is late." in [paragraph.text for paragraph in document.paragraphs]
    assert [[cell.text for cell in row.cells] for row in document.tables[1].rows] == [
        ["Country", "Jobs"],
        ["Fiji", "12"],
        ["Kenya", "43"],
    ]
    assert made.name == "progress-report-2004-H1-en-1"


def test_the_pdf_is_tagged_and_holds_the_same_words(make: Callable[..., Ref], pango: None) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(reports.rendered(ACTOR, edition_ref=make(), format="pdf").content))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert "One input is late." in words
    assert "Fiji" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en"


def test_without_pango_a_pdf_is_refused_with_the_package_to_install(
    make: Callable[..., Ref], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    class Broken:
        def find_spec(self, name: str, *_args: Any) -> None:
            if name.split(".")[0] == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0': no such file")

    ref = make()
    for name in [one for one in sys.modules if one.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(reports.PdfUnavailable) as refusal:
        reports.rendered(ACTOR, edition_ref=ref, format="pdf")
    assert refusal.value.code == "reports.pdf_unavailable"
    assert "libpango-1.0-0" in refusal.value.advice()
    assert reports.rendered(ACTOR, edition_ref=ref, format="docx").content[:2] == b"PK"


@pytest.mark.covers("EVAL-10")
def test_a_lesson_without_a_record_stays_a_draft(make: Callable[..., Ref]) -> None:
    make()
    ref = reports.add_lesson(ACTOR, title="Begin earlier", text="At two.", scope="trial/", on=date(2004, 6, 1))
    with pytest.raises(reports.ProofMissing):
        reports.publish_lesson(ACTOR, lesson_ref=ref)
    assert reports.lesson(ACTOR, ref).state is reports.LessonState.DRAFT
    with pytest.raises(DatabaseError), transaction.atomic():
        Lesson.objects.filter(ref=ref).update(state=LessonState.PUBLISHED.value)
    proof = make("proof")
    reports.publish_lesson(ACTOR, lesson_ref=ref, proof_ref=proof)
    assert reports.lesson(ACTOR, ref).proof_ref == proof


def test_a_lesson_cannot_name_a_record_that_is_not_there(make: Callable[..., Ref]) -> None:
    make()
    with pytest.raises(NotFound):
        reports.add_lesson(
            ACTOR, title="a", text="b", scope="trial/", on=date(2004, 6, 1), proof_ref=Ref("ses-00000000")
        )
    assert Lesson.objects.count() == 0
