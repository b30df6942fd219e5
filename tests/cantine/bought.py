"""Purchases of the invented département, for tests."""

from datetime import date
from decimal import Decimal

from sqlmodel import Session

from cantine.kitchens.models import College
from cantine.orders.models import Purchase
from tests.cantine.site import OTHER, OWN

YEAR = 2026
DAY = date(2026, 11, 5)
SIRETS = {"0990001A": "19990001000018", "0990003C": "19990003600013"}
"""Numbers with a right key, for the own kitchen and for another one."""


def bought(labels: str, euros: str | int, **columns: object) -> Purchase:
    """A purchase with its labels in one text, « BIO,IGP »."""
    values: dict[str, object] = {
        "kitchen": OWN,
        "buyer": "0990001A",
        "date": DAY,
        "supplier_name": "Primeur",
        "description": "Pommes",
        "family": "FRUITS_ET_LEGUMES",
        "labels": tuple(labels.split(",")) if labels else (),
        "amount_ht": Decimal(euros),
        "source": "saisie",
    }
    return Purchase(**(values | columns))


def worked_example() -> list[Purchase]:
    """The example of the platform: a total of 1075 €, 20.47 % and 53.49 %."""
    lines = (
        ("BIO,LABEL_ROUGE", 50),
        ("BIO,IGP", 150),
        ("BIO,COMMERCE_EQUITABLE", 20),
        ("HVE", 2),
        ("HVE", 8),
        ("LABEL_ROUGE", 12),
        ("LABEL_ROUGE", 8),
        ("AOCAOP,IGP", 22),
        ("IGP", 4),
        ("IGP,HVE", 4),
        ("EXTERNALITES,PERFORMANCE", 30),
        ("PERFORMANCE", 15),
        ("PECHE_DURABLE", 240),
        ("COMMERCE_EQUITABLE", 10),
        ("", 500),
    )
    fish = {"family": "PRODUITS_DE_LA_MER"}
    return [bought(labels, euros, **(fish if "PECHE" in labels else {})) for labels, euros in lines]


def give_sirets(session: Session, origin: str = "declare") -> None:
    """Two of the three kitchens get a number."""
    for uai, siret in SIRETS.items():
        college = session.get_one(College, uai)
        college.siret, college.siret_origin = siret, origin
        session.add(college)
    session.flush()


__all__ = ["DAY", "OTHER", "OWN", "SIRETS", "YEAR", "bought", "give_sirets", "worked_example"]
