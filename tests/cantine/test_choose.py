"""« Choisir » changes the menu and the orders as the panel told, or nothing at all; « Annuler » both."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, time

import pytest
from flask import render_template_string
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.kitchens.models import Setting
from cantine.menus.models import Dish
from cantine.menus.versions import EditConflictError
from cantine.planning.board import load_board
from cantine.planning.choose import OrdersChangedError, choose
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.order_effect import OrderLine, Orders
from cantine.planning.order_words import done_words, lacking_words
from cantine.planning.purchases import load_orders, uncovered
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering
from optim.terms import Slot
from tests.cantine.changes import MORNING, Planned, panel, planned, stamp, told
from tests.cantine.plans import FIRST
from tests.cantine.site import OWN, Site

DAY = date(2027, 1, 19)
PLACE = DAY, Slot.PLAT, 1
MORE = "Commandes : 3\u00a0colis en plus, à passer au plus tard le vendredi 15 janvier."
BASE = f"/cuisines/{OWN}"


@pytest.fixture
def menus(bought_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus and purchases are in place."""
    with Session(bought_engine, expire_on_commit=False) as session:
        yield session


def recipe_at(session: Session) -> str:
    """The dish in the place."""
    return session.get_one(Dish, (OWN, DAY, "plat", 1)).recipe


def test_the_orders_told_are_made(menus: Session) -> None:
    """The plan in place is then the one told, « À commander » costs what was told, and nothing lacks."""
    supply, found = panel(menus, PLACE)
    chosen = next(a for a in found if a.change and a.change.orders.bought and a.change.orders.freed)
    assert chosen.change is not None
    orders, effect = chosen.change.orders, chosen.change.effect
    ordering = load_ordering(menus, FIRST)
    before = sum(order.total_ht for order in load_orders(menus, OWN, ordering, {}))
    choose(menus, OWN, PLACE, chosen.recipe, stamp(menus, DAY), MORNING, told(chosen))
    after = sum(order.total_ht for order in load_orders(menus, OWN, ordering, {}))
    goods = sum(line.cents for line in orders.bought) - sum(line.cents for line in orders.freed)
    assert 100 * (after - before) == goods
    expected, (now, _) = effect.after(supply.in_place.plan), panel(menus, PLACE)
    assert set(now.in_place.plan.purchases) == set(expected.purchases)
    assert Counter(now.in_place.plan.uses) == Counter(expected.uses)
    assert recipe_at(menus) == chosen.recipe
    board = load_board(menus, OWN, DAY, FIRST)
    assert board is not None
    assert not [lack for lack in uncovered(menus, board) if any(use.date == DAY for use in lack.uses)]
    journal_tells_packs(menus, len(effect.packs), orders.bought[0])


def journal_tells_packs(session: Session, count: int, line: OrderLine) -> None:
    """Beside the menu, each order that changed: product, supplier, delivery, packs before and after."""
    entries = session.exec(select(JournalEntry).order_by(col(JournalEntry.id).desc()).limit(2)).all()
    assert [entry.subject for entry in entries] == ["achats", "menu"]
    before, after = json.loads(entries[0].before), json.loads(entries[0].after)
    assert len(before) == count
    assert all(before[name] != after[name] for name in before)
    assert any(name.startswith(f"{line.name}, {line.supplier}, livraison du ") for name in after)


def test_without_orders_told_the_menu_alone_changes(menus: Session) -> None:
    """A panel that told no orders, or the page of a volume."""
    _, found = panel(menus, PLACE)
    before = planned(menus)
    assert choose(menus, OWN, PLACE, found[0].recipe, stamp(menus, DAY), MORNING, "") is None
    assert planned(menus) == before
    assert recipe_at(menus) == found[0].recipe


def test_orders_changed_meanwhile_refuse_the_choice(menus: Session) -> None:
    """Packs that the choice would cancel are gone already: nothing is written, menu or orders."""
    _, found = panel(menus, PLACE)
    chosen = next(a for a in found if a.change and a.change.orders.freed)
    assert chosen.change is not None
    (offer, delivery), _ = next(item for item in chosen.change.effect.packs.items() if item[1] < 0)
    menus.delete(menus.get_one(PlannedPurchase, (OWN, delivery, offer)))
    menus.commit()
    before, dish = planned(menus), recipe_at(menus)
    with pytest.raises(OrdersChangedError):
        choose(menus, OWN, PLACE, chosen.recipe, stamp(menus, DAY), MORNING, told(chosen))
    menus.rollback()
    assert (planned(menus), recipe_at(menus)) == (before, dish)


def test_the_hour_that_passed_refuses_the_choice(menus: Session) -> None:
    """Told in the morning, chosen after the hour of the last day: it would be too late."""
    menus.get_one(Setting, "demonstration").value = "false"
    for supplier in menus.exec(select(Supplier)):
        supplier.lead_days = (DAY - FIRST).days
    menus.flush()
    _, found = panel(menus, PLACE)
    chosen = next(a for a in found if a.change and a.change.orders.bought)
    with pytest.raises(OrdersChangedError):
        choose(menus, OWN, PLACE, chosen.recipe, stamp(menus, DAY), time(12), told(chosen))


def test_a_menu_changed_meanwhile_is_told_first(menus: Session) -> None:
    """A colleague's menu comes before their orders: both versions of the day are shown."""
    _, found = panel(menus, PLACE)
    old = stamp(menus, DAY)
    choose(menus, OWN, PLACE, found[1].recipe, old, MORNING, told(found[1]))
    with pytest.raises(EditConflictError):
        choose(menus, OWN, PLACE, found[0].recipe, old, MORNING, told(found[0]))


def press(chief: FlaskClient) -> str:
    """Open the panel, choose the best; the page that follows."""
    asked = {"date": DAY.isoformat(), "composante": PLACE[1].value, "rang": "1"}
    page = html.unescape(chief.get(f"{BASE}/menus/changer", query_string=asked).text)
    forms = [form for form in re.findall(r"<form method=\"post\".*?</form>", page) if "commandes" in form]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', forms[0]))
    answer = chief.post(f"{BASE}/menus/changer", data=fields)
    assert answer.status_code == 303
    assert len(answer.headers["Set-Cookie"]) < 4000
    return html.unescape(chief.get(answer.location).text)


def undo(chief: FlaskClient, page: str) -> str:
    """Press « Annuler », or « Rétablir »; the page that follows."""
    form = re.search(r'<form class="ct-msg__end".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form.group()))
    answer = chief.post(f"{BASE}/menus/annuler", data=fields)
    return html.unescape(chief.get(answer.location).text)


def in_place(site: Site) -> tuple[Planned, str]:
    """Purchases and dish, as anybody else would read them."""
    with Session(site.engine) as session:
        return planned(session), recipe_at(session)


@pytest.fixture
def chief(bought_site: Site) -> FlaskClient:
    """The chief's browser, with menus and purchases in place."""
    return bought_site.signed_in("chef")


def test_both_come_back_and_go_again(bought_site: Site, chief: FlaskClient) -> None:
    """« Annuler » gives back menu, packs and uses, unless another meal lives on them; « Rétablir » again."""
    before = in_place(bought_site)
    page = press(chief)
    assert re.search(r"C'est votre choix : il est gardé. (Commandes : |Rien ne change)", page)
    after = in_place(bought_site)
    assert after[0] != before[0]
    with chief.session_transaction() as cookie:
        food, _, offer, delivery, _ = next(use for use in cookie["undo"]["orders"][0]["uses"] if use[2])
    source = {"food": food, "offer": offer, "delivery": date.fromisoformat(delivery)}
    other = PlannedUse(kitchen=OWN, date=date(2027, 1, 18), grams=1, **source)
    with transaction(bought_site.engine) as session:
        session.add(other)
    now = in_place(bought_site)
    assert "Les commandes de ces produits ont changé depuis : rien n'est annulé." in undo(chief, page)
    assert in_place(bought_site) == now
    with transaction(bought_site.engine) as session:
        session.delete(session.get_one(PlannedUse, other.id))
    page = undo(chief, page)
    assert "est comme avant, ses commandes aussi." in page
    assert in_place(bought_site) == before
    undo(chief, page)
    assert in_place(bought_site) == after
    with Session(bought_site.engine) as session:
        assert len([e for e in session.exec(select(JournalEntry)) if e.subject == "achats"]) == 3


def test_a_choice_says_what_cannot_be_had(site: Site) -> None:
    """Too late, unsold, under a minimum: each in a sentence of its own; the panel warns before the choice."""
    line = OrderLine("Poireaux", "Primeur", 3, "colis", DAY, date(2027, 1, 15), 4200)
    fine = Orders((line,), (), (), (), (), (), (), 4200, "")
    assert done_words(fine) == MORE
    assert lacking_words(fine) == ""
    poor = Orders(
        (),
        (line,),
        (),
        (),
        (("Veau", 12_000), ("Sauge", 80)),
        (("Truffe", 500),),
        (("Primeur", DAY, 1250),),
        0,
        "",
    )
    assert done_words(poor) == "Commandes : 3\u00a0colis en moins."
    assert lacking_words(poor).split(". ") == [
        "Trop tard pour commander : veau (12\u00a0kg), sauge (80\u00a0g)",
        "Personne ne vend : truffe (500\u00a0g)",
        "Primeur, livraison du mardi 19 janvier : il manque 12,50\u00a0€ pour son minimum de commande.",
    ]
    panel = '{% import "_macros.html" as m %}{% include "menus/_orders.html" %}'
    with site.app.test_request_context():
        shown = render_template_string(panel, orders=poor)
        assert "sous le minimum de commande" not in render_template_string(panel, orders=fine)
    assert shown.index("sous le minimum de commande de Primeur") < shown.index("<details>")
    assert done_words(Orders((), (), (), (), (), (), (), 0, "")) == "Rien ne change aux commandes."
