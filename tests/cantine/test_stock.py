"""The store: what goes out for a meal, what is thrown away, what is counted, what moved."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.kitchens.models import Setting
from cantine.menus.models import Service
from cantine.stores.issues import issue_sheet
from cantine.stores.models import Inventory, StockMove
from cantine.suppliers.models import StockLot
from tests.cantine.site import OWN, Site

TODAY = date(2027, 1, 4)
MEAL = date(2027, 1, 5)
HOME = f"/cuisines/{OWN}"


@pytest.fixture
def store(bought_site: Site) -> Site:
    """Menus in place; the store as the data package has it, and two short lots of one food of the meal."""
    with transaction(bought_site.engine) as session:
        session.merge(Setting(key="demonstration", value="true"))
        session.merge(Setting(key="reference_date", value=TODAY.isoformat()))
    return bought_site


def lot(session: Session, food: str, day: date, grams: int, price: str = "2") -> None:
    """Put a lot in the store, as the table does."""
    session.merge(
        StockLot(kitchen=OWN, food=food, expires_on=day, grams=grams, price_ht_per_kg=Decimal(price))
    )


def text(page: str) -> str:
    """As people read it."""
    return html.unescape(page).replace("\u00a0", " ")


def moves(site: Site, kind: str) -> list[StockMove]:
    """Moves of a kind, in order."""
    with Session(site.engine) as session:
        return list(session.exec(select(StockMove).where(StockMove.kind == kind).order_by(col(StockMove.id))))


def meal_day(site: Site) -> date:
    """A day to come that has a menu."""
    with Session(site.engine) as session:
        query = select(Service.date).where(
            Service.kitchen == OWN, Service.date >= TODAY, Service.status != "exclu"
        )
        days = session.exec(query.order_by(col(Service.date))).all()
        return next(day for day in days if issue_sheet(session, OWN, day).rows)


def first_food(site: Site, day: date) -> tuple[str, int]:
    """A food that the meal needs: code and grams."""
    with Session(site.engine) as session:
        need = issue_sheet(session, OWN, day).wanted[0].need
        return need.food.code, need.grams


def prefilled(page: str) -> dict[str, str]:
    """Weights of the form of a meal."""
    found = re.findall(r'name="(g:[^"]+)"[^>]*value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def mark(page: str) -> str:
    """The hidden mark of the form."""
    found = re.search(r'name="vu" value="(\d+)"', page)
    assert found
    return found.group(1)


def test_a_meal_goes_out_in_one_act_and_once(store: Site) -> None:
    """The shortest date first, spilling into the next lot; a double click takes nothing more."""
    day = meal_day(store)
    food, need = first_food(store, day)
    short = max(1_000, need // 3 // 1_000 * 1_000)
    with transaction(store.engine) as session:
        for row in session.exec(select(StockLot).where(StockLot.kitchen == OWN, StockLot.food == food)):
            session.delete(row)
        session.flush()
        lot(session, food, day, short)
        lot(session, food, day + timedelta(days=3), 10 * need)
        lot(session, food, day - timedelta(days=1), 5_000)
    chief = store.signed_in("chef")
    url = f"{HOME}/sorties?date={day}"
    page = chief.get(url).text
    form = prefilled(page)
    assert form[f"g:{food}@{day}"].replace(",", ".") == f"{short / 1000:g}"
    assert f"g:{food}@{day - timedelta(days=1)}" not in form
    data = {**form, "date": day.isoformat(), "vu": mark(page)}
    assert chief.post(f"{HOME}/sorties", data=data).status_code == 303
    again = chief.post(f"{HOME}/sorties", data=data)
    assert again.status_code == 409
    assert "déjà sortis pour ce repas" in text(again.text)
    mine = [move for move in moves(store, "sortie") if move.food == food]
    assert [(move.expires_on, move.service_date) for move in mine] == [
        (day, day),
        (day + timedelta(days=3), day),
    ]
    assert abs(sum(move.grams for move in mine) + need) <= 2
    with Session(store.engine) as session:
        assert issue_sheet(session, OWN, day).done


def test_nothing_goes_out_when_one_lot_is_too_short(store: Site) -> None:
    """All or nothing, with the product named and what was typed still there."""
    day = meal_day(store)
    name = f"g:{first_food(store, day)[0]}@{day}"
    with transaction(store.engine) as session:
        lot(session, first_food(store, day)[0], day, 1_000)
    chief = store.signed_in("chef")
    page = chief.get(f"{HOME}/sorties?date={day}").text
    form = {name: value for name, value in prefilled(page).items() if value}
    assert name in form
    data = {**form, name: "9999", "date": day.isoformat(), "vu": mark(page)}
    answer = chief.post(f"{HOME}/sorties", data=data)
    assert answer.status_code == 422
    assert "en stock. Rien n'est enregistré" in text(answer.text)
    assert 'value="9999"' in answer.text
    assert moves(store, "sortie") == []


def test_what_is_thrown_away_has_a_reason_and_a_cost(store: Site) -> None:
    """Alerts for what is over or near; « Jeter » once, the cost said and kept."""
    with transaction(store.engine) as session:
        lot(session, "riz", TODAY - timedelta(days=1), 2_500, "4")
        lot(session, "sel", TODAY + timedelta(days=3), 1_000)
    chief = store.signed_in("chef")
    page = text(chief.get(f"{HOME}/stock").text)
    assert "2 lots" in page
    assert "date dépassée" in page
    key = f"riz@{TODAY - timedelta(days=1)}"
    send = {"lot": key, "vu": "2500", "poids": "2,5"}
    assert "choisissez une raison" in text(
        chief.post(f"{HOME}/stock/jeter", data=send, follow_redirects=True).text
    )
    done = chief.post(f"{HOME}/stock/jeter", data={**send, "raison": "date"}, follow_redirects=True)
    assert "10,00 € HT perdus" in text(done.text)
    twice = chief.post(f"{HOME}/stock/jeter", data={**send, "raison": "date"}, follow_redirects=True)
    assert "a changé entre-temps" in text(twice.text)
    (lost,) = moves(store, "perte")
    assert (lost.grams, lost.reason, lost.price_ht_per_kg) == (-2_500, "date dépassée", 4)


def begin(browser: FlaskClient, zone: str = "epicerie") -> str:
    """Start counting; the address."""
    return str(browser.post(f"{HOME}/inventaires", data={"zone": zone}).location)


def test_an_inventory_counts_values_and_moves(store: Site) -> None:
    """Less rice, an unknown lot found: the difference in euros, then the books follow."""
    chief = store.signed_in("chef")
    url = begin(chief)
    assert begin(chief) == url
    rice = "riz@2027-09-30"
    with Session(store.engine) as session:
        before = session.get_one(StockLot, (OWN, "riz", date(2027, 9, 30)))
        grams, price = before.grams, before.price_ht_per_kg
    found = {"produit": "boulgour", "date": "2027-06-30", "poids": "3,5"}
    assert chief.post(f"{url}/ajouter", data=found).status_code == 303
    assert chief.post(f"{url}/ajouter", data=found).status_code == 422
    typed = {f"g:{rice}": f"{(grams - 1_500) / 1000:g}".replace(".", ","), f"v:{rice}": ""}
    assert chief.post(f"{url}/compter", data={**typed, "suite": "valider"}).status_code == 303
    with Session(store.engine) as session:
        assert session.get_one(StockLot, (OWN, "riz", date(2027, 9, 30))).grams == grams - 1_500
        assert session.get_one(StockLot, (OWN, "boulgour", date(2027, 6, 30))).grams == 3_500
        row = session.exec(select(Inventory)).one()
        assert row.state == "valide"
        assert any("lots comptés" in entry.after for entry in session.exec(select(JournalEntry)))
    counted = moves(store, "inventaire")
    assert {move.grams for move in counted} == {-1_500, 3_500}
    assert f"−{1.5 * float(price):.2f}".replace(".", ",") in text(chief.get(url).text)
    assert chief.post(f"{url}/compter", data=typed).status_code == 409


def test_two_people_count(store: Site) -> None:
    """The second figure of one lot waits for a look; a move after the count is kept."""
    chief, colleague = store.signed_in("chef"), store.signed_in("gestionnaire")
    url = begin(chief)
    rice = "riz@2027-09-30"
    chief.post(f"{url}/compter", data={f"g:{rice}": "12", f"v:{rice}": ""})
    late = colleague.post(
        f"{url}/compter", data={f"g:{rice}": "14", f"v:{rice}": "", "suite": "valider"}, follow_redirects=True
    )
    assert "Un collègue a compté aussi" in text(late.text)
    with Session(store.engine) as session:
        grams = session.get_one(StockLot, (OWN, "riz", date(2027, 9, 30))).grams
    chief.post(f"{HOME}/stock/sortir", data={"lot": rice, "vu": grams, "poids": "2"})
    chief.post(f"{url}/compter", data={"suite": "valider"})
    with Session(store.engine) as session:
        assert session.get_one(StockLot, (OWN, "riz", date(2027, 9, 30))).grams == 12_000 - 2_000


def test_moves_are_filtered_and_exported(store: Site) -> None:
    """By kind and product; a French file whose text runs no formula."""
    chief = store.signed_in("chef")
    with Session(store.engine) as session:
        grams = session.get_one(StockLot, (OWN, "riz", date(2027, 9, 30))).grams
    chief.post(
        f"{HOME}/stock/sortir",
        data={"lot": "riz@2027-09-30", "vu": grams, "poids": "1,25", "repas": MEAL.isoformat()},
    )
    assert "2 mouvements" in text(chief.get(f"{HOME}/mouvements").text)
    assert "1 mouvement" in text(chief.get(f"{HOME}/mouvements?genre=sortie&q=RIZ").text)
    sent = chief.get(f"{HOME}/mouvements.csv?genre=sortie")
    assert sent.mimetype == "text/csv"
    titles, line, end = sent.data.decode("utf-8-sig").split("\r\n")
    assert titles.startswith("date;mouvement;produit")
    assert line.startswith("2027-01-04;sortie;Riz")
    assert ";-1,25;" in line
    assert ";2027-01-05;" in line
    assert end == ""


@pytest.mark.parametrize("weight", ["", "0", "-2", "deux"])
def test_a_wrong_weight_moves_nothing(store: Site, weight: str) -> None:
    """Said in words."""
    chief = store.signed_in("chef")
    answer = chief.post(
        f"{HOME}/stock/sortir", data={"lot": "riz@2027-09-30", "poids": weight}, follow_redirects=True
    )
    assert re.search("poids|nombre", text(answer.text))
    assert moves(store, "sortie") == []


def test_an_address_made_up_by_hand_breaks_nothing(store: Site) -> None:
    """Unknown lots and foods: a sentence, never a crash."""
    chief, day = store.signed_in("chef"), meal_day(store)
    for key, status in (("g:rien@2027-02-30", 422), (f"g:rien@{day}", 422), ("g:riz", 422)):
        sent = {key: "1", "date": day.isoformat(), "vu": "0"}
        assert chief.post(f"{HOME}/sorties", data=sent).status_code == status
    assert chief.post(f"{HOME}/stock/jeter", data={"lot": "riz", "poids": "1"}).status_code == 303
    assert chief.post(f"{HOME}/inventaires", data={"zone": "cave"}).status_code == 400
    assert moves(store, "sortie") == []
