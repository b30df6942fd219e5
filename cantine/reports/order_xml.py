"""Order-X of a bon de commande: the same figures for machines, profile COMFORT (Order-X 1.0, UN/CEFACT D20B).

A SIRET that is only estimated is left out: software would quote it as true.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from cantine.reports.order_figures import Item, OrderPaper, Party

NAME = "order-x.xml"
PROFILE = "urn:order-x.eu:1p0:comfort"
ORDER, ORDER_CHANGE = "220", "230"
ORIGINAL, REPLACE = "9", "5"
ANSWER_ASKED = "AC"
SIRET_SCHEME, EMAIL_SCHEME = "0009", "EM"
DAY = "102"
"""Format of a date: yyyymmdd."""
EUR, FRANCE = "EUR", "FR"
PACKAGE, KILOGRAM = "XPK", "KGM"
FREIGHT = "FC"
STANDARD = "S"
GRAMS = Decimal(1000)

RSM = "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:128"
NAMESPACES = {"rsm": RSM, "ram": RAM, "udt": UDT}

Node = Any
"""An element; lxml is not typed."""


def order_xml(paper: OrderPaper) -> bytes:
    """The XML to embed, UTF-8, always the same for the same figures."""
    root = etree.Element(f"{{{RSM}}}SCRDMCCBDACIOMessageStructure", nsmap=NAMESPACES)
    _context(root)
    _document(root, paper)
    transaction = etree.SubElement(root, f"{{{RSM}}}SupplyChainTradeTransaction")
    for item in paper.items:
        _line(transaction, item)
    _agreement(transaction, paper)
    _delivery(transaction, paper)
    _settlement(transaction, paper)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(
    parent: Node, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> Node:
    node = etree.SubElement(parent, f"{{{RAM}}}{name}", attrib=dict(attributes or {}))
    node.text = text
    return node


def _indicator(parent: Node, name: str, *, value: bool) -> None:
    etree.SubElement(_add(parent, name), f"{{{UDT}}}Indicator").text = str(value).lower()


def _day(parent: Node, name: str, day: date) -> None:
    text = etree.SubElement(_add(parent, name), f"{{{UDT}}}DateTimeString", attrib={"format": DAY})
    text.text = f"{day:%Y%m%d}"


def _context(root: Node) -> None:
    context = etree.SubElement(root, f"{{{RSM}}}ExchangedDocumentContext")
    _add(_add(context, "BusinessProcessSpecifiedDocumentContextParameter"), "ID", "A1")
    _add(_add(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", PROFILE)


def _document(root: Node, paper: OrderPaper) -> None:
    changed = paper.version > 1
    document = etree.SubElement(root, f"{{{RSM}}}ExchangedDocument")
    _add(document, "ID", paper.number or f"brouillon-{paper.order}")
    _add(document, "Name", paper.head.title)
    _add(document, "TypeCode", ORDER_CHANGE if changed else ORDER)
    _day(document, "IssueDateTime", paper.issued)
    _add(document, "PurposeCode", REPLACE if changed else ORIGINAL)
    _add(document, "RequestedResponseTypeCode", ANSWER_ASKED)
    for words in (paper.note, f"Créneau de livraison : {paper.slot}" if paper.slot else "", *paper.due):
        if words:
            _add(_add(document, "IncludedNote"), "Content", words)


def _line(transaction: Node, item: Item) -> None:
    line = _add(transaction, "IncludedSupplyChainTradeLineItem")
    document = _add(line, "AssociatedDocumentLineDocument")
    _add(document, "LineID", str(item.position))
    for words in (item.contract, item.limit, item.note):
        if words:
            _add(_add(document, "IncludedNote"), "Content", words)
    product = _add(line, "SpecifiedTradeProduct")
    _add(product, "SellerAssignedID", item.reference)
    _add(product, "BuyerAssignedID", item.offer)
    _add(product, "Name", item.name)
    _add(product, "Description", f"{item.quality} ; {item.pack}")
    if item.origin == "FRANCE":
        _add(_add(product, "OriginTradeCountry"), "ID", FRANCE)
    price = _add(_add(line, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    _add(price, "ChargeAmount", str(item.price_ht))
    _add(price, "BasisQuantity", "1", {"unitCode": PACKAGE})
    delivery = _add(line, "SpecifiedLineTradeDelivery")
    _add(delivery, "RequestedQuantity", str(item.packs), {"unitCode": PACKAGE})
    _add(delivery, "PackageQuantity", str(item.packs), {"unitCode": PACKAGE})
    _add(delivery, "PerPackageUnitQuantity", str(item.pack_g / GRAMS), {"unitCode": KILOGRAM})
    settlement = _add(line, "SpecifiedLineTradeSettlement")
    _tax(_add(settlement, "ApplicableTradeTax"), item.vat_permille)
    total = _add(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    _add(total, "LineTotalAmount", str(item.total_ht))


def _tax(tax: Node, permille: int) -> None:
    _add(tax, "TypeCode", "VAT")
    _add(tax, "CategoryCode", STANDARD)
    _add(tax, "RateApplicablePercent", str(Decimal(permille) / 10))


def _agreement(transaction: Node, paper: OrderPaper) -> None:
    agreement = _add(transaction, "ApplicableHeaderTradeAgreement")
    if paper.service_code:
        _add(agreement, "BuyerReference", paper.service_code)
    _party(agreement, "SellerTradeParty", paper.supplier)
    _party(agreement, "BuyerTradeParty", paper.buyer)
    _reference(agreement, "BuyerOrderReferencedDocument", paper.engagement or paper.number)
    lots = {item.lot for item in paper.items if item.lot}
    if len(lots) == 1:
        _reference(agreement, "ContractReferencedDocument", lots.pop())
    if paper.version > 1:
        _reference(agreement, "PreviousOrderReferencedDocument", paper.number)


def _reference(parent: Node, name: str, number: str) -> None:
    if number:
        _add(_add(parent, name), "IssuerAssignedID", number)


def _party(parent: Node, name: str, party: Party) -> None:
    node = _add(parent, name)
    _add(node, "Name", party.name)
    if party.siret and not party.siret_estimated:
        _add(_add(node, "SpecifiedLegalOrganization"), "ID", party.siret, {"schemeID": SIRET_SCHEME})
    address = _add(node, "PostalTradeAddress")
    for tag, text in (
        ("PostcodeCode", party.postcode),
        ("LineOne", party.address),
        ("CityName", party.city),
        ("CountryID", FRANCE),
    ):
        if text:
            _add(address, tag, text)
    if party.email:
        _add(_add(node, "URIUniversalCommunication"), "URIID", party.email, {"schemeID": EMAIL_SCHEME})


def _delivery(transaction: Node, paper: OrderPaper) -> None:
    delivery = _add(transaction, "ApplicableHeaderTradeDelivery")
    _party(delivery, "ShipToTradeParty", paper.ship_to)
    _day(_add(delivery, "RequestedDeliverySupplyChainEvent"), "OccurrenceDateTime", paper.delivery)


def _settlement(transaction: Node, paper: OrderPaper) -> None:
    settlement = _add(transaction, "ApplicableHeaderTradeSettlement")
    _add(settlement, "OrderCurrencyCode", EUR)
    if paper.fee_ht:
        charge = _add(settlement, "SpecifiedTradeAllowanceCharge")
        _indicator(charge, "ChargeIndicator", value=True)
        _add(charge, "ActualAmount", str(paper.fee_ht))
        _add(charge, "ReasonCode", FREIGHT)
        _add(charge, "Reason", "Frais de livraison")
        _tax(_add(charge, "CategoryTradeTax"), paper.fee_vat_permille)
    total = _add(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _add(total, "LineTotalAmount", str(paper.goods_ht))
    if paper.fee_ht:
        _add(total, "ChargeTotalAmount", str(paper.fee_ht))
    _add(total, "TaxBasisTotalAmount", str(paper.total_ht))
    _add(total, "TaxTotalAmount", str(paper.total_vat), {"currencyID": EUR})
    _add(total, "GrandTotalAmount", str(paper.total_ttc))
