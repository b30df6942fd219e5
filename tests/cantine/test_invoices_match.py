"""Orders, receptions and invoices set side by side, line by line, and what is decided of the difference."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import CantineError, ConflictError
from cantine.invoices import decide
from cantine.invoices.book import Stamp
from cantine.invoices.compare import FEE, MATCHED, MISSING, UNKNOWN, Comparison, compare
from cantine.invoices.deposit import deposit
from cantine.invoices.letter import claim
from cantine.invoices.lists import payment_delays, to_invoice, totals, unpaid
from cantine.invoices.match import Bill, Goods, is_fee, pair
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.units import grams_of
from cantine.orders.life import events_of
from cantine.orders.models import Purchase
from cantine.suppliers.models import Supplier
from tests.cantine.invoices import SELLER_SIRET, Item, cii, delivered, facts
from tests.cantine.orders import DELIVERY
from tests.cantine.site import NOW, OWN

D = Decimal
TODAY = date(2027, 1, 11)
STAMP = Stamp(None, NOW, TODAY)
BOULGOUR: Item = ("Boulgour", 20, "KGM", 1.70)
"""Ten packs of 2 kg at 3,40 €: 34,00 €."""
WHEAT: Item = ("Blé précuit", 10, "KGM", 1.80)
"""Five packs of 2 kg at 3,60 €: 18,00 €."""
PACKS = (("epicier-boulgour", 10), ("epicier-ble_precuit", 5))


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département, its grocer's SIRET known."""
    with Session(marais_engine, expire_on_commit=False) as session:
        session.get_one(Supplier, "epicier").siret = SELLER_SIRET
        session.flush()
        yield session


def bill(session: Session, *items: Item, number: str = "F-118", order: str = "", **over: object) -> Invoice:
    """An invoice deposited as a file."""
    terms = facts(*items, **{"BT-1": number, **({"BT-13": order} if order else {}), **over})
    done = deposit(session, OWN, "f.xml", cii(terms), STAMP)
    assert done.faults == ()
    return session.get_one(Invoice, done.invoice)


def valid(session: Session, invoice: Invoice, **reasons: str) -> Invoice:
    """Validated now; ``reasons`` by the first word of a line's name."""
    lines = {row.name.split()[0]: row.line for row in compare(session, invoice).billed}
    told = {lines[name]: why for name, why in reasons.items()}
    return decide.validate(session, OWN, invoice.id or 0, invoice.version, told, STAMP)


def told(found: Comparison) -> list[tuple[str, str, Decimal, bool]]:
    """Kind, name, difference and whether it passes, of each row."""
    return [(row.kind, row.name, row.difference_ht, row.fine) for row in found.rows]


def bought(session: Session) -> list[tuple[str, Decimal, str]]:
    """The ledger of purchases."""
    rows = session.exec(select(Purchase).order_by(col(Purchase.id)))
    return [(row.description, row.amount_ht, row.source) for row in rows]


def test_all_is_right_in_one_act(session: Session) -> None:
    """Ordered, received, invoiced alike: purchases become invoiced, the order too, all is traced."""
    order, _ = delivered(session, *PACKS)
    invoice = bill(session, BOULGOUR, WHEAT, order=order.number)
    found = compare(session, invoice)
    assert told(found) == [(MATCHED, "Boulgour", 0, True), (MATCHED, "Blé précuit", 0, True)]
    row = found.rows[0]
    assert (row.ordered_g, row.received_g, row.billed_g, row.price_per_kg) == (
        20_000,
        20_000,
        20_000,
        D("1.7"),
    )
    assert found.fine
    assert bought(session)[0] == ("Boulgour", D("34.00"), "reception")
    valid(session, invoice)
    assert (invoice.state, order.state) == ("validee", "facture")
    assert invoice.due_on == TODAY + timedelta(days=30)
    assert bought(session) == [("Boulgour", 34, "facture"), ("Blé précuit", 18, "facture")]
    assert events_of(session, order)[-1].kind == "facture"
    entries = session.exec(select(JournalEntry).where(JournalEntry.subject == "facture")).all()
    assert len(entries) == 2
    with pytest.raises(ConflictError, match="à payer"):
        decide.validate(session, OWN, invoice.id or 0, 1, {}, STAMP)


def test_a_difference_needs_a_reason_and_its_causes_are_told(session: Session) -> None:
    """18 kg accepted of 20, all 20 billed and dearer: two euros cents by quantity, the rest by price."""
    delivered(session, *PACKS, accepted={"epicier-boulgour": 18_000})
    invoice = bill(session, ("Boulgour", 20, "KGM", 1.75), WHEAT)
    row = compare(session, invoice).rows[0]
    assert (row.received_ht, row.billed_ht, row.difference_ht) == (D("30.60"), 35, D("4.40"))
    assert (row.quantity_ht, row.price_ht) == (D("3.40"), D("1.00"))
    with pytest.raises(CantineError, match="pourquoi vous acceptez : Boulgour"):
        valid(session, invoice)
    valid(session, invoice, Boulgour="le prix a changé lundi")
    assert bought(session)[0] == ("Boulgour", D("35.00"), "facture")
    line = session.exec(select(InvoiceLine).where(InvoiceLine.name == "Boulgour")).one()
    assert (line.accepted, line.note) == (True, "le prix a changé lundi")


def test_tolerances(session: Session) -> None:
    """Half a euro or one per cent on a line, two per cent on weighed goods; small ones do not add up."""
    delivered(session, *PACKS)
    for cents, fine in (("34.50", True), ("34.51", False)):
        price = float(D(cents) / 20)
        invoice = bill(session, ("Boulgour", 20, "KGM", price), WHEAT, number=cents)
        assert compare(session, invoice).fine == fine
    weighed = bill(session, ("Boulgour", 20.3, "KGM", 1.70), WHEAT, number="pesé")
    row = compare(session, weighed).rows[0]
    assert (row.difference_ht, row.limit_ht, row.fine) == (D("0.51"), D("0.68"), True)


def test_a_dispute_then_its_credit_note(session: Session) -> None:
    """What was received counts until the credit note comes; then the sum is what was bought."""
    order, _ = delivered(session, *PACKS, accepted={"epicier-boulgour": 18_000})
    invoice = bill(session, BOULGOUR, WHEAT)
    decide.dispute(session, OWN, invoice.id or 0, invoice.version, STAMP)
    assert invoice.state == "ecart"
    assert "3,40 € HT" in invoice.note.replace("\xa0", " ")
    letter = claim(invoice, compare(session, invoice), "Cuisine de Port-Brume").replace("\xa0", " ")
    assert "- Boulgour : facturé 20 kg, reçu 18 kg, 3,40 € HT en trop" in letter
    assert f"commande {order.number}" in letter
    credit = bill(session, ("Boulgour", 2, "KGM", 1.70), number="A-7", credit=True)
    assert told(compare(session, credit)) == [(MATCHED, "Boulgour", 0, True)]
    valid(session, credit)
    assert bought(session)[0] == ("Boulgour", D("30.60"), "reception")
    assert compare(session, invoice).fine
    valid(session, invoice)
    assert bought(session)[0] == ("Boulgour", D("30.60"), "facture")
    assert order.state == "facture"


def test_unmatched_on_either_side(session: Session) -> None:
    """A fee that was agreed, a product nobody ordered, a product not billed yet."""
    order, _ = delivered(session, *PACKS, fee="10")
    terms = (BOULGOUR, ("Frais de livraison", 1, "C62", 10), ("Truffes", 1, "KGM", 90))
    invoice = bill(session, *terms, order=order.number)
    assert told(compare(session, invoice)) == [
        (MATCHED, "Boulgour", 0, True),
        (FEE, "Frais de livraison", 0, True),
        (UNKNOWN, "Truffes", 90, False),
        (MISSING, "Blé précuit", -18, True),
    ]
    valid(session, invoice, Truffes="livrées pour le repas de Noël")
    assert order.state == "recu"
    rest = bill(session, WHEAT, ("Frais de livraison", 1, "C62", 10), number="F-119", order=order.number)
    assert told(compare(session, rest)) == [
        (MATCHED, "Blé précuit", 0, True),
        (FEE, "Frais de livraison", 10, False),
    ]
    valid(session, rest, Frais="deux livraisons")
    assert order.state == "facture"


def test_a_monthly_invoice_sums_deliveries(session: Session) -> None:
    """One line for two deliveries: cut pro rata when valid, nothing lost to rounding."""
    delivered(session, *PACKS)
    delivered(session, ("epicier-boulgour", 5), day=DELIVERY + timedelta(days=1), number=2)
    invoice = bill(session, ("Boulgour", 30, "KGM", 1.7), WHEAT)
    found = compare(session, invoice)
    assert [(row.name, row.received_g, row.difference_ht) for row in found.rows] == [
        ("Boulgour", 30_000, 0),
        ("Blé précuit", 10_000, 0),
    ]
    valid(session, invoice)
    lines = session.exec(select(InvoiceLine).order_by(col(InvoiceLine.position))).all()
    assert [(line.name, line.quantity, line.total_ht) for line in lines] == [
        ("Boulgour", 20, 34),
        ("Blé précuit", 10, 18),
        ("Boulgour", 10, 17),
    ]
    assert {amount for _, amount, _ in bought(session)} == {D(34), D(18), D(17)}


def test_the_delivery_of_an_invoice_without_order_number(session: Session) -> None:
    """Two alike deliveries: the nearest day; the second invoice gets the other one."""
    delivered(session, *PACKS, day=DELIVERY - timedelta(days=3), number=1)
    delivered(session, *PACKS, number=2)
    first = bill(session, BOULGOUR, WHEAT)
    assert {day for row in compare(session, first).rows for day in row.days} == {DELIVERY}
    valid(session, first)
    second = bill(session, BOULGOUR, WHEAT, number="F-119")
    days = {day for row in compare(session, second).rows for day in row.days}
    assert days == {DELIVERY - timedelta(days=3)}
    valid(session, second)
    third = bill(session, BOULGOUR, WHEAT, number="F-120")
    assert {row.kind for row in compare(session, third).rows} == {UNKNOWN}


def test_open_again_undoes_what_it_did(session: Session) -> None:
    """Purchases are what was received again, the order is to be invoiced; then paid, unpaid."""
    order, _ = delivered(session, *PACKS)
    invoice = valid(session, bill(session, ("Boulgour", 20, "KGM", 1.71), WHEAT))
    with pytest.raises(CantineError, match="pourquoi"):
        decide.reopen(session, OWN, invoice.id or 0, invoice.version, " ", STAMP)
    decide.reopen(session, OWN, invoice.id or 0, invoice.version, "erreur de prix", STAMP)
    assert (invoice.state, order.state) == ("a_rapprocher", "recu")
    assert bought(session)[0] == ("Boulgour", D("34.00"), "reception")
    assert events_of(session, order)[-1].detail.endswith("erreur de prix")
    valid(session, invoice)
    with pytest.raises(CantineError, match="entre la date"):
        decide.pay(session, OWN, invoice.id or 0, invoice.version, TODAY + timedelta(days=1), STAMP)
    decide.pay(session, OWN, invoice.id or 0, invoice.version, TODAY, STAMP)
    assert (invoice.state, invoice.paid_on) == ("payee", TODAY)
    assert [
        (one.supplier, one.invoices, one.mean_days, one.late) for one in payment_delays(session, TODAY, TODAY)
    ] == [("epicier", 1, 0.0, 0)]
    decide.unpay(session, OWN, invoice.id or 0, invoice.version, STAMP)
    assert (invoice.state, invoice.paid_on) == ("validee", None)


def test_a_line_tied_by_hand_stays(session: Session) -> None:
    """Names that nothing ties: somebody chooses; a delivery of somebody else cannot be chosen."""
    _, reception = delivered(session, *PACKS)
    invoice = bill(session, ("Article 4412", 3, "XPK", 30), WHEAT)
    found = compare(session, invoice)
    assert found.rows[0].kind == UNKNOWN
    choice = next(one for one in found.choices if one.name == "Boulgour")
    line = found.rows[0].line or 0
    decide.tie(session, OWN, invoice.id or 0, invoice.version, line, choice.key, STAMP)
    row = compare(session, invoice).rows[0]
    assert (row.kind, row.name, row.difference_ht) == (MATCHED, "Boulgour", 56)
    with pytest.raises(CantineError, match="pas de ce fournisseur"):
        decide.tie(session, OWN, invoice.id or 0, invoice.version, line, 9999, STAMP)
    assert reception.state == "close"


def test_the_list_says_what_is_late_and_what_is_to_come(session: Session) -> None:
    """Late first, euros to pay, deliveries that nobody invoiced."""
    delivered(session, *PACKS)
    assert [(one.date, one.amount_ht) for one in to_invoice(session, OWN, TODAY)] == [(DELIVERY, 52)]
    invoice = valid(session, bill(session, BOULGOUR, WHEAT))
    bill(session, ("Truffes", 1, "KGM", 100), number="F-119")
    assert to_invoice(session, OWN, TODAY) == []
    soon = invoice.due_on - timedelta(days=7)
    entries = unpaid(session, OWN, soon)
    assert [(one.invoice.number, one.days_left, one.soon, one.fine) for one in entries] == [
        ("F-118", 7, True, None),
        ("F-119", 7, True, False),
    ]
    sums = totals(unpaid(session, OWN, invoice.due_on + timedelta(days=1)))
    assert (sums.to_pay, sums.to_check, sums.late, sums.late_count) == (
        D("54.86"),
        D("105.50"),
        D("160.36"),
        2,
    )


def test_two_people_at_once_on_two_invoices_of_one_delivery(each_marais: Config) -> None:
    """Each validates an invoice of the same goods: one is valid, the other sees that it is billed already."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        session.get_one(Supplier, "epicier").siret = SELLER_SIRET
        delivered(session, *PACKS)
        keys = [bill(session, BOULGOUR, WHEAT, number=number).id or 0 for number in ("F-1", "F-2")]
    start, told_of = Barrier(2), {}

    def act(key: int) -> None:
        start.wait()
        try:
            with transaction(engine) as own:
                decide.validate(own, OWN, key, 1, {}, STAMP)
                told_of[key] = "valid"
        except CantineError as error:
            told_of[key] = error.message

    threads = [Thread(target=act, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        states = sorted(one.state for one in session.exec(select(Invoice)))
        assert bought(session)[0] == ("Boulgour", D("34.00"), "facture")
    engine.dispose()
    assert states == ["a_rapprocher", "validee"], told_of
    assert sorted(words[:5] for words in told_of.values()) == ["Dites", "valid"], told_of


def test_the_same_invoice_by_two_people(each_marais: Config) -> None:
    """The second learns that a colleague decided."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        session.get_one(Supplier, "epicier").siret = SELLER_SIRET
        delivered(session, *PACKS)
        key = bill(session, BOULGOUR, WHEAT).id or 0
    with transaction(engine) as session:
        decide.validate(session, OWN, key, 1, {}, STAMP)
    with pytest.raises(ConflictError, match="à payer"), transaction(engine) as session:
        decide.dispute(session, OWN, key, 1, STAMP)
    engine.dispose()


def test_pairs_by_reference_then_name_then_amount() -> None:
    """The supplier's reference first; then the closest name; then an amount that only one line has."""
    goods = [
        Goods(1, ("Pommes de terre",), "PDT25", D("20")),
        Goods(2, ("Pommes Golden bio",), "", D("20")),
        Goods(3, ("Boulgour bio",), "", D("34")),
        Goods(4, ("Boulgour",), "", D("34")),
        Goods(5, ("Sel",), "", D("7.30")),
    ]
    bills = [
        Bill(11, "Pommes cat. I", "pdt25", D("20")),
        Bill(12, "POMME GOLDEN 13 kg", "", D("19")),
        Bill(13, "Boulgour", "", D("34")),
        Bill(14, "Boulgour BIO sac 5 kg", "", D("34")),
        Bill(15, "Réf. 778", "", D("7.30")),
        Bill(16, "Frais de port", "", D("7.30")),
    ]
    assert pair(bills, goods) == {11: (1,), 12: (2,), 13: (4,), 14: (3,), 15: (5,)}


@pytest.mark.parametrize(
    ("name", "fee"),
    [
        ("Frais de port", True),
        ("Port et emballage", True),
        ("Forfait livraison", True),
        ("Frais de livraison", True),
        ("Port-Salut 45 %", False),
        ("Lieu noir frais de ligne", False),
        ("Porc à rôtir", False),
    ],
)
def test_what_is_a_fee(name: str, fee: bool) -> None:
    """A fee is no fish « frais de ligne », nor the cheese."""
    assert is_fee(name) == fee


def test_units() -> None:
    """Kilograms and litres; packs; pieces that are packs, and pieces that are not."""
    assert grams_of(D("12.5"), "KGM", 2000, 12_000) == 12_500
    assert grams_of(D("6"), "LTR", 6000, 6000) == 6000
    assert grams_of(D("5"), "XPK", 2000, 10_000) == 10_000
    assert grams_of(D("5"), "H87", 2000, 10_000) == 10_000
    assert grams_of(D("180"), "H87", 10_000, 10_000) is None
    assert grams_of(D("1"), "MTK", 2000, 2000) is None
