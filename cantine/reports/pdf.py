"""Papers to PDF: the only user of WeasyPrint. PDF/A-3a, tagged, with the PDF/UA-1 identifier.

Nothing is fetched: neither files nor network. The same figures give the same bytes.
"""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from cantine.reports.paper import Sheet, html_of

VARIANT = "pdf/a-3a"
IDENTIFIER_BYTES = 16
USUAL_THRESHOLDS = gc.get_threshold()
RARELY = 500_000
END_OF_RDF = b"</rdf:RDF>"
PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


class ClosedFetcher(URLFetcher):
    """Fetches nothing: styles and icons are inside the page, fonts are the system's."""

    def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 -- the parent's signature
        """Refuse any address.

        Raises:
            ValueError: always; WeasyPrint then leaves the resource out.
        """
        raise ValueError(f"adresse refusée : {url[:80]}")


def render(sheets: Sequence[Sheet], title: str = "") -> bytes:
    """One PDF of all the sheets, in order, each with its own page numbers.

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
        return _write(document, (text for text, _ in laid_out))


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


def _write(document: Any, texts: Iterable[str]) -> bytes:  # noqa: ANN401 -- WeasyPrint is not typed
    digest = hashlib.sha256("".join(texts).encode()).digest()[:IDENTIFIER_BYTES]
    written = document.write_pdf(
        pdf_variant=VARIANT, pdf_identifier=digest.hex().encode(), finisher=_add_pdf_ua
    )
    return cast("bytes", written)


def _add_pdf_ua(_document: object, pdf: Any) -> None:  # noqa: ANN401 -- pydyf is not typed
    """Say that the file is accessible too, with the schema that PDF/A asks for."""
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    metadata.stream = [part.replace(END_OF_RDF, PDF_UA + END_OF_RDF) for part in metadata.stream]
