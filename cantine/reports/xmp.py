"""What a PDF says of itself to machines, beside its title: accessible (PDF/UA), and the XML it holds.

PDF/A asks for the schema of each property that it does not know, all in one bag.
"""

from dataclasses import dataclass

END_OF_RDF = b"</rdf:RDF>"
PDF_UA = "http://www.aiim.org/pdfua/ns/id/"
HYBRID = "urn:factur-x:pdfa:CrossIndustryDocument:1p0#"


@dataclass(frozen=True)
class Hybrid:
    """The machine-readable twin of a paper, embedded in its PDF.

    Attributes:
        name: file name inside the PDF.
        content: the XML.
        description: French words shown by readers of PDF.
        kind: type of the document in capitals, as the standard writes it (ORDER, ORDER_CHANGE).
        level: profile of the XML in capitals.
    """

    name: str
    content: bytes
    description: str
    kind: str
    level: str


def added(hybrid: Hybrid | None) -> bytes:
    """The descriptions to write before the end of the RDF."""
    said = f'<rdf:Description rdf:about="" xmlns:pdfuaid="{PDF_UA}" pdfuaid:part="1"/>\n'
    schemas = [
        _schema("PDF/UA Universal Accessibility Schema", PDF_UA, "pdfuaid", [_UA_PART]),
    ]
    if hybrid is not None:
        said += (
            f'<rdf:Description rdf:about="" xmlns:fx="{HYBRID}">'
            f"<fx:DocumentType>{hybrid.kind}</fx:DocumentType>"
            f"<fx:DocumentFileName>{hybrid.name}</fx:DocumentFileName>"
            f"<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{hybrid.level}</fx:ConformanceLevel>"
            "</rdf:Description>\n"
        )
        schemas.append(_schema("Factur-X PDFA Extension Schema", HYBRID, "fx", _HYBRID_PROPERTIES))
    bag = "".join(schemas)
    return (
        said + '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
        'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
        'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        f"<pdfaExtension:schemas><rdf:Bag>{bag}</rdf:Bag></pdfaExtension:schemas></rdf:Description>\n"
    ).encode()


def _schema(name: str, uri: str, prefix: str, properties: list[str]) -> str:
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{name}</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI>"
        f"<pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{''.join(properties)}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


def _property(name: str, kind: str, category: str, description: str) -> str:
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        f"<pdfaProperty:valueType>{kind}</pdfaProperty:valueType>"
        f"<pdfaProperty:category>{category}</pdfaProperty:category>"
        f"<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
    )


_UA_PART = _property("part", "Integer", "internal", "Indicates, which part of ISO 14289 standard is followed")
_HYBRID_PROPERTIES = [
    _property(name, "Text", "external", description)
    for name, description in (
        ("DocumentFileName", "The name of the embedded XML document"),
        ("DocumentType", "The type of the hybrid document in capital letters"),
        ("Version", "The actual version of the standard applying to the embedded XML document"),
        ("ConformanceLevel", "The conformance level of the embedded XML document"),
    )
]
