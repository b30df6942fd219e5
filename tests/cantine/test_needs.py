"""From the plan to draft orders: what follows the plan, what hands keep, what two people may not both do."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.db import transaction
from cantine.errors import CantineError, ConflictError
from cantine.kitchens.models import Setting
from cantine.orders import life
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.planning.board import load_board
from cantine.planning.draft_edits import Cell, Shown, add_line, mark_of_drafts, set_packs, to_theory
from cantine.planning.drafts import Draft, drafts_of, prepare
from cantine.planning.minimum import ways_out
from cantine.planning.models import PlannedPurchase
from cantine.planning.need import Need
from cantine.planning.need_reading import load_need
from cantine.planning.purchases import uncovered
from cantine.planning.wanted import mark_of, wanted
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering
from tests.cantine.site import NOW, OWN, Site
from tests.cantine.test_planning_views import text_of

TODAY, FEBRUARY = date(2027, 1, 4), date(2027, 2, 1)
PAGE = f"/cuisines/{OWN}/a-commander"
ME = life.Actor(None, "essai")


@pytest.fixture
def bought(bought_engine: Engine) -> Iterator[Session]:
    """A session on menus and purchases in place."""
    with Session(bought_engine, expire_on_commit=False) as session:
        yield session


def first_want(session: Session) -> PlannedPurchase:
    """A planned purchase of some packs, to come."""
    rows = select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN, PlannedPurchase.packs > 2)
    return session.exec(rows.order_by(col(PlannedPurchase.delivery).desc())).first()  # type: ignore[return-value]


def shown(session: Session) -> Shown:
    """What a page shows now."""
    drafts = drafts_of(session, OWN, TODAY)
    return Shown(mark_of(wanted(session, OWN, TODAY).values()), {d.place: d.order.version for d in drafts})


def write(session: Session, cell: Cell, packs: int, page: Shown) -> int:
    """One quantity of a page saved."""
    return set_packs(session, OWN, {cell: packs}, page, TODAY, ME, NOW)


def draft_with(session: Session, offer: str, delivery: date) -> tuple[Draft, OrderLine]:
    """The draft of an offer and its line."""
    for draft in drafts_of(session, OWN, TODAY):
        line = draft.line(offer)
        if line is not None and draft.order.delivery == delivery:
            return draft, line
    raise AssertionError(offer)


def test_drafts_are_what_the_plan_asks(bought: Session) -> None:
    """Every purchase of the week is in one draft, by supplier and delivery; prepared twice, once."""
    monday = date(2027, 1, 4)
    drafts = prepare(bought, OWN, monday, TODAY, ME, NOW)
    asked = {k: w for k, w in wanted(bought, OWN, TODAY).items() if k[1] < date(2027, 1, 11)}
    lines = {(line.offer, d.order.delivery): line for d in drafts for line in d.lines}
    assert lines.keys() == asked.keys()
    assert all(line.packs == line.theoretical_packs == asked[key].packs for key, line in lines.items())
    assert all(line.needed_g <= line.grams for line in lines.values())
    assert len({draft.visit for draft in drafts}) == len(drafts)
    assert {draft.order.buyer for draft in drafts} == {"0990001A"}
    again = prepare(bought, OWN, monday, TODAY, ME, NOW)
    assert [draft.order.id for draft in again] == [draft.order.id for draft in drafts]


def test_a_draft_follows_the_plan_but_where_hands_went(bought: Session) -> None:
    """The plan doubles two lines: the one changed by hand keeps its packs, the other follows, both told."""
    mine = first_want(bought)
    offer, delivery, packs = mine.offer, mine.delivery, mine.packs
    cell = (False, offer, delivery)
    assert write(bought, cell, packs + 3, shown(bought)) == 1
    draft, line = draft_with(bought, offer, delivery)
    other = next((one for one in draft.lines if one.offer != offer), None)
    for one in draft.lines:
        row = bought.get_one(PlannedPurchase, (OWN, delivery, one.offer))
        row.packs *= 2
    prepare(bought, OWN, delivery, TODAY, ME, NOW)
    draft, line = draft_with(bought, offer, delivery)
    assert (line.packs, line.theoretical_packs) == (packs + 3, 2 * packs)
    if other is not None:
        assert draft.line(other.offer).packs == draft.line(other.offer).theoretical_packs  # type: ignore[union-attr]
    assert to_theory(bought, OWN, date(2026, 12, 28), TODAY, ME, NOW) == 0
    monday = date.fromordinal(delivery.toordinal() - delivery.weekday())
    assert to_theory(bought, OWN, monday, TODAY, ME, NOW) == 1
    assert draft_with(bought, offer, delivery)[1].packs == 2 * packs


def test_a_draft_that_the_plan_no_more_asks_goes(bought: Session) -> None:
    """Its purchases gone, the draft is cancelled with its reason; a line chosen by hand stays."""
    mine = first_want(bought)
    key = mine.offer, mine.delivery
    write(bought, (False, *key), mine.packs + 1, shown(bought))
    prepare(bought, OWN, date.fromordinal(key[1].toordinal() - key[1].weekday()), TODAY, ME, NOW)
    for row in bought.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN)):
        bought.delete(row)
    prepare(bought, OWN, TODAY, TODAY, ME, NOW)
    left = drafts_of(bought, OWN, TODAY)
    assert [(d.visit[1], [line.offer for line in d.lines]) for d in left] == [(key[1], [key[0]])]
    gone = bought.exec(select(PurchaseOrder).where(PurchaseOrder.state == "annule")).all()
    assert gone
    assert life.events_of(bought, gone[0])[-1].detail == "Le plan n'en demande plus."


def test_two_people_on_one_draft(bought: Session) -> None:
    """The second page is told, unless it changes nothing there; a plan that moved is told first."""
    mine = first_want(bought)
    cell: Cell = (False, mine.offer, mine.delivery)
    page = shown(bought)
    write(bought, cell, 9, page)
    with pytest.raises(ConflictError, match="Un collègue a changé la commande"):
        write(bought, cell, 8, page)
    assert write(bought, cell, 9, page) == 0
    mine.packs += 1
    bought.add(mine)
    with pytest.raises(ConflictError, match="Le plan ou les commandes ont changé"):
        write(bought, cell, 7, page)


def add(session: Session, offer: str, packs: int, mark: str | None = None) -> OrderLine:
    """Packs of an offer added by hand, from a page shown just now."""
    seen = mark_of_drafts(drafts_of(session, OWN, TODAY)) if mark is None else mark
    return add_line(session, OWN, offer, date(2027, 3, 2), packs, seen, TODAY, ME, NOW)


def test_a_line_added_by_hand_and_removed(bought: Session) -> None:
    """An offer of the market joins the order of its supplier; to nothing, it goes, and an empty draft too."""
    page = mark_of_drafts(drafts_of(bought, OWN, TODAY))
    line = add(bought, "epicier-riz", 4, page)
    with pytest.raises(ConflictError, match="déjà ajouté"):
        add(bought, "epicier-riz", 4, page)
    draft, kept = draft_with(bought, "epicier-riz", date(2027, 3, 2))
    assert (kept.packs, kept.theoretical_packs, draft.order.source) == (4, 0, "main")
    assert line.id == kept.id
    write(bought, (False, "epicier-riz", date(2027, 3, 2)), 0, shown(bought))
    assert bought.get_one(PurchaseOrder, draft.order.id).state == "annule"
    for wrong in (0, 10_000):
        with pytest.raises(CantineError, match="Une quantité va de 1"):
            add(bought, "epicier-riz", wrong)
    with pytest.raises(CantineError, match="pas en vente"):
        add(bought, "rien", 1)


def lacking(session: Session) -> dict[str, float]:
    """Grams of each food that the page says lacking."""
    board = load_board(session, OWN, TODAY, TODAY)
    assert board is not None
    return {item.code: item.grams for item in uncovered(session, board)}


def test_a_hand_that_takes_too_much_is_told_and_may_mend(bought: Session) -> None:
    """Fewer packs than the menus take: what lacks is said; bought elsewhere by hand, it lacks no more."""
    assert lacking(bought) == {}
    mine = next(w for w in wanted(bought, OWN, TODAY).values() if w.needed_g > 2 * w.offer.pack_g)
    write(bought, (False, *mine.key), 0, shown(bought))
    food = mine.offer.food
    assert lacking(bought)[food] == pytest.approx(mine.needed_g, abs=1)
    seen = mark_of_drafts(drafts_of(bought, OWN, TODAY))
    packs = mine.packs + 1
    add_line(bought, OWN, mine.offer.code, mine.delivery, packs, seen, TODAY, ME, NOW)
    assert food not in lacking(bought)


def need_of(session: Session, asked: date | None = None) -> Need:
    """The needs as the page reads them."""
    return load_need(session, OWN, load_ordering(session, TODAY), "", asked)


def test_the_need_adds_up(bought: Session) -> None:
    """Zones hold every line once; totals, fees and the credit's rest are the sums of what is shown."""
    need = need_of(bought)
    lines = [line for _, _, found in need.zones for line in found]
    assert lines
    assert len({line.cell for line in lines}) == len(lines)
    assert need.total_ht == sum(line.line.price_ht * line.line.packs for line in lines)
    assert need.credit is not None
    assert need.rest_ttc == need.credit.credit_ttc - need.credit.bound_ttc - need.total_ttc
    assert need.credit.meals
    all_weeks = sum(need_of(bought, monday).total_ttc for monday, _, _ in need.weeks if monday < FEBRUARY)
    assert need.cents_per_meal == pytest.approx(float(100 * all_weeks / need.credit.meals))
    assert all(need.eaters[use.date].meals for line in lines for use in line.uses)


def test_ways_out_of_a_minimum_reach_it(bought: Session) -> None:
    """More of something that keeps, at its price: taken, the minimum is reached."""
    visit = next(v for v in need_of(bought).visits if any(n.food.shelf_life_days >= 7 for n in v.lines))
    supplier = bought.get_one(Supplier, visit.supplier.code)
    supplier.min_order_ht = visit.total_ht + 7
    bought.add(supplier)
    bought.flush()
    need = need_of(bought, date.fromordinal(visit.delivery.toordinal() - visit.delivery.weekday()))
    short = next(v for v in need.visits if v.anchor == visit.anchor)
    assert short.missing_ht == 7
    ways = [way for way in ways_out(short, need.visits) if way.icon == "plus"]
    assert ways
    for way in ways:
        _, name, packs = way.act.split("|")
        line = next(one for one in short.lines if one.name == name)
        assert way.cost_ht == int(packs) * line.line.price_ht >= 7
        assert (int(packs) - 1) * line.line.price_ht < 7
    supplier.min_order_ht = visit.total_ht
    assert ways_out(short, need.visits) == ()


def form_of(page: str) -> dict[str, str]:
    """Fields of the page's form."""
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    kept = {name: value for name, value in found if name[:2] in {"p:", "e:", "v:", "t:"} or name == "plan"}
    assert any(name.startswith("p:") for name in kept)
    return kept


def post(browser: FlaskClient, form: dict[str, str], act: str, week: str = "2027-01-04") -> tuple[int, str]:
    """Press a button of the form."""
    answer = browser.post(f"{PAGE}/quantites?semaine={week}", data=form | {"acte": act})
    return answer.status_code, answer.text


def test_the_page_from_need_to_approval(bought_site: Site) -> None:
    """The cook changes a quantity and prepares; the gestionnaire approves; a second click changes nothing."""
    chef, binds = bought_site.signed_in("chef"), bought_site.signed_in("gestionnaire")
    page = chef.get(f"{PAGE}?semaine=2027-01-04").text
    assert "Préparer les commandes" in page
    form = form_of(page)
    name = next(key for key in form if key.startswith("p:"))
    assert post(chef, form | {name: str(int(form[name]) + 2)}, "enregistrer")[0] == 303
    changed = chef.get(f"{PAGE}?semaine=2027-01-04").text
    assert changed.count("ct-ownmark") == 1
    assert post(chef, form | {name: "77"}, "enregistrer")[0] == 409
    assert post(chef, form_of(changed), "valider")[0] == 303
    review = binds.get(f"{PAGE}/commandes?semaine=2027-01-04").text
    keys = dict(re.findall(r'name="v(\d+)" value="(\d+)"', review))
    chosen: dict[str, object] = {f"v{key}": version for key, version in keys.items()}
    chosen |= {"commande": list(keys), "raison": "rentrée"}
    assert chef.post(f"{PAGE}/commandes", data=chosen).status_code == 403
    for _ in range(2):
        answer = binds.post(f"{PAGE}/commandes?semaine=2027-01-04", data=chosen)
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            f"/cuisines/{OWN}/commandes?etat=approuve&semaine=2027-01-04",
        )
    with Session(bought_site.engine) as session:
        orders = session.exec(select(PurchaseOrder)).all()
        assert sorted(order.rank or 0 for order in orders) == list(range(1, len(keys) + 1))
        assert not [k for k in wanted(session, OWN, TODAY) if k[1] < date(2027, 1, 11)]
    follow = text_of(binds.get(f"/cuisines/{OWN}/commandes?etat=approuve").text)
    assert "2027-0001" in follow
    assert "tout est commandé" in text_of(binds.get(f"{PAGE}?semaine=2027-01-04").text)


def test_a_wrong_quantity_changes_nothing(bought_site: Site) -> None:
    """A word in a field: told in French, no draft is made."""
    chef = bought_site.signed_in("chef")
    form = form_of(chef.get(f"{PAGE}?semaine=2027-01-04").text)
    name = next(key for key in form if key.startswith("p:"))
    status, page = post(chef, form | {name: "douze"}, "enregistrer")
    assert status == 400
    assert "n'est pas un nombre entier" in text_of(page)
    with Session(bought_site.engine) as session:
        assert session.exec(select(PurchaseOrder)).all() == []


def test_the_staples_of_the_month_become_drafts_once(bought_site: Site) -> None:
    """Prepared, the shelves count what comes: nothing is left to prepare."""
    chef = bought_site.signed_in("chef")
    with transaction(bought_site.engine) as session:
        session.merge(Setting(key="demonstration", value="true"))
        session.merge(Setting(key="reference_date", value="2027-01-04"))
    for words in ("à approuver", "déjà préparée"):
        answer = chef.post(f"{PAGE}/epicerie", follow_redirects=True)
        assert words in text_of(answer.text)
    with Session(bought_site.engine) as session:
        assert {order.source for order in session.exec(select(PurchaseOrder))} == {"epicerie"}
