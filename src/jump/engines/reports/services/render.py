"""One document, three renderers: web page, tagged PDF, Word. All show the same blocks, so all tell the same."""

import io
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from jump.base.i18n import direction
from jump.engines.reports.types import (
    Block,
    EditionView,
    Facts,
    Format,
    Heading,
    Listing,
    Note,
    Paragraph,
    PdfUnavailable,
    Table,
)

PDF_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core"


def render(edition: EditionView, wanted: Format) -> bytes:
    """The document's bytes. Raises PdfUnavailable where the system libraries are absent."""
    with override(edition.language):
        if wanted is Format.DOCX:
            return _word(edition)
        html = page(edition, for_print=wanted is Format.PDF)
        return make_pdf(html) if wanted is Format.PDF else html.encode()


def page(edition: EditionView, *, for_print: bool) -> str:
    """The document as one HTML page."""
    return render_to_string(
        "reports/document.html",
        {
            "edition": edition,
            "blocks": edition.blocks,
            "for_print": for_print,
            "direction": direction(edition.language),
            "check_code": edition.check_code,
        },
    )


def make_pdf(html: str) -> bytes:
    """A tagged PDF (PDF/UA-1 structure) of a whole page with `lang`, title and headings, in the rules of our print.

    WeasyPrint is imported only here: without Pango it fails on import, and PdfUnavailable names the packages.
    """
    try:
        from weasyprint import CSS, HTML
    except OSError as error:
        raise PdfUnavailable(missing=str(error).split(":")[0], packages=PDF_PACKAGES) from error
    document = HTML(string=html, base_url="about:blank", url_fetcher=_no_network)
    made = document.write_pdf(stylesheets=[CSS(string=_print_rules())], pdf_variant="pdf/ua-1", pdf_tags=True)
    return bytes(made)


def _no_network(address: str, *_args: Any, **_options: Any) -> Any:
    raise ValueError(f"a report fetches nothing from elsewhere: {address}")


def _print_rules() -> str:
    return render_to_string("reports/print.css", {"page_words": _("Page"), "of_words": _("of")})


# Word ---------------------------------------------------------------------------------------------------


def _word(edition: EditionView) -> bytes:
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.core_properties.title = edition.title
    document.core_properties.language = edition.language
    document.core_properties.author = ""
    document.styles["Normal"].font.size = Pt(10.5)
    document.add_heading(edition.title, level=0)
    document.add_paragraph(_identity(edition))
    _word_blocks(document, edition.blocks)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = f"{edition.title} · {edition.ref} · {_('check code')} {edition.check_code}"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _identity(edition: EditionView) -> str:
    return _("%(place)s. Figures as of %(as_of)s. Edition %(number)s, check code %(code)s.") % {
        "place": edition.place,
        "as_of": edition.as_of.isoformat(),
        "number": edition.number,
        "code": edition.check_code,
    }


def _word_blocks(document: Any, blocks: Sequence[Block]) -> None:
    for block in blocks:
        if isinstance(block, Heading):
            document.add_heading(block.text, level=min(block.level - 1, 4))
        elif isinstance(block, Paragraph):
            document.add_paragraph(block.text)
        elif isinstance(block, Note):
            document.add_paragraph(block.text, style="Intense Quote")
        elif isinstance(block, Listing):
            for item in block.items:
                document.add_paragraph(item, style="List Bullet")
        elif isinstance(block, Facts):
            _word_table(document, Table("", ("", "", ""), (), ()), facts=block)
        else:
            _word_table(document, block)


def _word_table(document: Any, block: Table, facts: Facts | None = None) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    if facts is not None:
        rows = [[one.label, one.text, one.compared] for one in facts.items]
        head = [_("Figure"), _("Value"), _("Compared with")]
        numeric: tuple[int, ...] = (1,)
    else:
        if block.title:
            document.add_paragraph(block.title, style="Caption")
        if not block.rows:
            document.add_paragraph(block.empty or _("Nothing in this period."))
            return
        rows = [[cell.text for cell in row] for row in block.rows]
        head, numeric = list(block.head), block.numeric
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Light Grid Accent 1"
    for position, text in enumerate(head):
        table.rows[0].cells[position].text = text
    _repeat_head(table.rows[0])
    for row in rows:
        cells = table.add_row().cells
        for position, text in enumerate(row):
            cells[position].text = text
            if position in numeric:
                cells[position].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat_head(row: Any) -> None:
    """The head row again on every page, which also tells readers' software that it is one."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
