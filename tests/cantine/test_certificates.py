"""Proof of labels: what ends, what is over, what was never proved; a new price needs no new proof."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.db import make_engine, transaction
from cantine.suppliers.certificates import WARNED, label_alerts, labels_without_proof
from cantine.suppliers.models import Certificate, Offer
from tests.cantine.site import Site

DAY = date(2027, 1, 4)


def certificate(code: str, label: str = "BIO", **columns: object) -> Certificate:
    """A proof of the greengrocer's, for 2027."""
    values = {"valid_from": date(2027, 1, 1), "valid_to": date(2027, 12, 31), **columns}
    return Certificate(code=code, supplier="primeur", label=label, **values)


def missing(session: Session, supplier: str = "primeur") -> list[str]:
    return [one.label for one in labels_without_proof(session, DAY, supplier)]


def test_a_label_without_proof_is_told_until_one_covers_it(marais_engine: Engine) -> None:
    """Nothing, one of another family, one that is over, one for the family, one for everything."""
    with transaction(marais_engine) as session:
        assert missing(session) == ["BIO"]
        session.add(certificate("ailleurs", family="PRODUITS_LAITIERS"))
        session.add(certificate("autre", label="HVE"))
        session.flush()
        assert missing(session) == ["BIO"]
        session.add(certificate("fini", valid_from=date(2025, 1, 1), valid_to=DAY - timedelta(days=1)))
        session.flush()
        (one,) = labels_without_proof(session, DAY, "primeur")
        assert one.ended == DAY - timedelta(days=1)
        assert len(one.offers) > 5
        session.add(certificate("famille", family="FRUITS_ET_LEGUMES"))
        session.flush()
        assert missing(session) == []
        assert "boucher" in {found.supplier for found in labels_without_proof(session, DAY)}


def test_a_proof_of_one_offer_holds_for_its_next_price(marais_engine: Engine) -> None:
    """A price list opens another offer of the same product: the proof goes on, for that product only."""
    with transaction(marais_engine) as session:
        query = select(Offer).where(Offer.supplier == "primeur", col(Offer.labels) == ("BIO",))
        offer, other = session.exec(query.order_by(col(Offer.code))).all()[:2]
        session.add(certificate("une", offer=offer.code))
        following = offer.model_dump() | {
            "code": f"{offer.code}-2",
            "valid_from": DAY,
            "price_ht": offer.price_ht + 1,
        }
        session.add(Offer(**following))
        offer.valid_to = DAY - timedelta(days=1)
        session.add(offer)
        session.flush()
        (one,) = labels_without_proof(session, DAY, "primeur")
        assert following["code"] not in one.offers
        assert other.code in one.offers


@pytest.mark.parametrize(
    ("days", "following", "told"),
    [
        (0, None, True),
        (60, None, True),
        (61, None, False),
        (30, "FRUITS_ET_LEGUMES", False),
        (30, "", False),
        (30, "PRODUITS_LAITIERS", True),
    ],
)
def test_the_end_is_told_sixty_days_before(
    marais_engine: Engine, days: int, following: str | None, told: bool
) -> None:
    """Unless the next certificate is there already, for the same family or for all."""
    end = DAY + timedelta(days=days)
    assert timedelta(days=60) == WARNED
    with transaction(marais_engine) as session:
        session.add(certificate("un", valid_to=end, family="FRUITS_ET_LEGUMES"))
        if following is not None:
            session.add(certificate("deux", valid_from=end + timedelta(days=1), family=following))
        session.flush()
        assert [one.days for one in label_alerts(session, DAY, "primeur").ending] == [days] * told


def test_the_pages_tell_it(site: Site) -> None:
    """On the list of price lists and on the supplier's page; a certificate may be added from there."""
    browser = site.signed_in("acheteur")
    for page in ("/tarifs", "/donnees/fournisseurs/primeur/modifier"):
        assert "label sans preuve" in browser.get(page).text
    fields = {
        "c_code": "primeur-bio",
        "c_supplier": "primeur",
        "c_label": "BIO",
        "c_valid_from": "01/01/2027",
        "c_valid_to": "31/12/2027",
    }
    added = browser.post("/donnees/certificats/nouveau", data=fields)
    assert added.status_code == 303, added.text
    assert "label sans preuve" not in browser.get("/donnees/fournisseurs/primeur/modifier").text
    wrong = {**fields, "c_code": "autre", "c_valid_to": "31/12/2026"}
    assert "avant le début" in browser.post("/donnees/certificats/nouveau", data=wrong).text


def test_the_demonstration_shows_each_case(seeds_database: Path) -> None:
    """One proof that ends soon, one that is over, one that never was."""
    engine = make_engine(f"sqlite:///{seeds_database}")
    with Session(engine) as session:
        found = label_alerts(session, DAY)
    engine.dispose()
    assert {(one.supplier, one.ended is None) for one in found.unproved} == {
        ("via_boucharnord", False),
        ("oeu_nidartois", True),
    }
    assert [(one.certificate.supplier, one.days) for one in found.ending] == [("mch_lysvert", 27)]
