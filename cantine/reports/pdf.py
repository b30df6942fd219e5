"""Papers to PDF: the only user of WeasyPrint. PDF/A-3a, tagged, with the PDF/UA-1 identifier.

Nothing is fetched: neither files nor network. The same figures give the same bytes.
"""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any, cast

from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from cantine.reports.paper import Sheet, html_of
from cantine.reports.xmp import END_OF_RDF, Hybrid, added

VARIANT = "pdf/a-3a"
IDENTIFIER_BYTES = 16
USUAL_THRESHOLDS = gc.get_threshold()
RARELY = 500_000
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""Date of an embedded file: the same figures give the same bytes; the paper itself says when it was made."""
TWIN = "Alternative"
"""How an embedded XML relates to the paper: the same thing, for machines (ISO 32000-2, 7.11.3)."""


class ClosedFetcher(URLFetcher):
    """Fetches nothing: styles and icons are inside the page, fonts are the system's."""

    def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 -- the parent's signature
        """Refuse any address.

        Raises:
            ValueError: always; WeasyPrint then leaves the resource out.
        """
        raise ValueError(f"adresse refusée : {url[:80]}")


def render(sheets: Sequence[Sheet], title: str = "") -> bytes:
    """One PDF of all the sheets, in order, each with its own page numbers; alone, with its XML inside.

    Args:
        sheets: at least one.
        title: title of the file; that of the first sheet if empty.
    """
    with _collecting_less():
        fonts = FontConfiguration()
        laid_out = [_lay_out(sheet, fonts) for sheet in sheets]
        document = laid_out[0][1]
        if len(laid_out) > 1:
            document = document.copy([page for _, part in laid_out for page in part.pages])
        if title:
            document.metadata.title = title
        hybrid = sheets[0].hybrid if len(sheets) == 1 else None
        return _write(document, (text for text, _ in laid_out), hybrid)


@contextmanager
def _collecting_less() -> Iterator[None]:
    """A layout is a million small objects, all alive until its end: looking for dead ones costs a third."""
    gc.set_threshold(RARELY, *USUAL_THRESHOLDS[1:])
    try:
        yield
    finally:
        gc.set_threshold(*USUAL_THRESHOLDS)


def _lay_out(sheet: Sheet, fonts: FontConfiguration) -> tuple[str, Any]:
    """The sheet at the first of its sizes that holds on one page, else at the last."""
    text, document = "", None
    for size in sheet.sizes:
        text = html_of(sheet, size)
        html = HTML(string=text, url_fetcher=ClosedFetcher(), media_type="print")
        document = html.render(font_config=fonts, pdf_variant=VARIANT)
        if len(document.pages) == 1:
            break
    return text, document


def _write(document: Any, texts: Iterable[str], hybrid: Hybrid | None) -> bytes:  # noqa: ANN401 -- WeasyPrint is not typed
    content = hybrid.content if hybrid else b""
    digest = hashlib.sha256("".join(texts).encode() + content).digest()[:IDENTIFIER_BYTES]
    written = document.write_pdf(
        pdf_variant=VARIANT,
        pdf_identifier=digest.hex().encode(),
        attachments=[_attachment(hybrid)] if hybrid else None,
        finisher=partial(_describe, hybrid),
    )
    return cast("bytes", written)


def _attachment(hybrid: Hybrid) -> Attachment:
    return Attachment(
        file_obj=BytesIO(hybrid.content),
        name=hybrid.name,
        description=hybrid.description,
        created=NO_DATE,
        modified=NO_DATE,
        relationship=TWIN,
        url_fetcher=ClosedFetcher(),
    )


def _describe(hybrid: Hybrid | None, _document: object, pdf: Any) -> None:  # noqa: ANN401 -- pydyf is not typed
    """Say that the file is accessible too, and what it holds."""
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    metadata.stream = [part.replace(END_OF_RDF, added(hybrid) + END_OF_RDF) for part in metadata.stream]
