"""From the bytes of a file to the root of its XML, with nothing that a hostile file could ask for.

``facturx.get_facturx_xml_from_pdf`` is not used: it parses what it finds with an open parser, skips in
silence what its schema refuses, and knows fewer names.
"""

import logging
from dataclasses import replace
from io import BytesIO
from typing import Any, TypeAlias

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import DependencyError

from cantine.invoices.document import Unreadable

LARGEST = 8 * 1024 * 1024
LARGEST_XML = 4 * 1024 * 1024
NAMES = {"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"}
"""Names of the invoice inside a PDF, from the standards."""
PDF, XML = "application/pdf", "application/xml"
WAY_OUT = "Demandez au fournisseur une facture Factur-X, UBL ou CII, ou saisissez-la à la main."

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every fault with pieces of the file

Root: TypeAlias = Any
"""An element of lxml, which has no types."""


def media_type(content: bytes) -> str:
    """What a file is, by its first bytes; empty when it is neither PDF nor XML."""
    start = content[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if b"%PDF-" in content[:1024]:
        return PDF
    return XML if start.startswith(b"<") else ""


def open_root(content: bytes) -> Root | Unreadable:
    """The root of the XML of an invoice: the file itself, or what a PDF carries."""
    if not content:
        return _no("Le fichier est vide.")
    if len(content) > LARGEST:
        return _no(f"Le fichier dépasse {LARGEST // 1024 // 1024} Mo : ce n'est pas une facture.")
    kind = media_type(content)
    if not kind:
        return _no(f"Ce n'est ni un PDF ni un XML. {WAY_OUT}")
    if kind == XML:
        return parse(content)
    found = _attached(content)
    if isinstance(found, Unreadable):
        return found
    root = parse(found)
    return replace(root, by_hand=True) if isinstance(root, Unreadable) else root


def parse(content: bytes) -> Root | Unreadable:
    """The root of an XML: no entity, no document type, no network."""
    if len(content) > LARGEST_XML:
        return _no("Le XML dépasse 4 Mo : ce n'est pas une facture de denrées.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        return _no(f"Le XML est abîmé, ligne {line}. Demandez au fournisseur de l'envoyer de nouveau.")
    if root.getroottree().docinfo.internalDTD is not None:
        return _no("Le XML déclare un type de document, ce qu'une facture ne fait pas : il est refusé.")
    return root


def _attached(content: bytes) -> bytes | Unreadable:
    """The invoice that a PDF carries."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return _no("Le PDF est protégé par un mot de passe. Demandez-le sans mot de passe.")
        found = {one.name.casefold(): one.content for one in reader.attachment_list}
        pages = len(reader.pages)
    except DependencyError:
        return _no("Le PDF est chiffré. Demandez-le sans protection.")
    except Exception:  # noqa: BLE001 -- pypdf raises whatever a damaged file makes it meet; the person is told
        return _no("Le PDF est abîmé et ne s'ouvre pas. Demandez au fournisseur de l'envoyer de nouveau.")
    named = [data for name, data in found.items() if name in NAMES]
    if named:
        return named[0]
    return Unreadable(
        ("Ce PDF ne porte pas de données de facture (ni Factur-X ni ZUGFeRD) : à saisir à la main.",),
        by_hand=pages > 0,
    )


def _no(fault: str) -> Unreadable:
    return Unreadable((fault,))
