"""Approved orders bind: money, contracts and minimums are checked; the planner counts on what was ordered."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import CantineError, ConflictError
from cantine.kitchens.models import Kitchen, Setting
from cantine.orders import life
from cantine.orders.follow import list_orders, sheet_of, waiting
from cantine.orders.groups import candidates, form_group, gathered, packing, undo_group
from cantine.orders.models import OrderLine, OutMessage, Purchase, PurchaseOrder
from cantine.planning.approval import approve_orders, review
from cantine.planning.board import load_board
from cantine.planning.build import build_instance
from cantine.planning.drafts import Draft, drafts_of, prepare
from cantine.planning.first_orders import send_first_orders
from cantine.planning.mishaps import load_mishaps
from cantine.planning.models import Mishap, PlannedPurchase, Run
from cantine.planning.need_reading import load_need
from cantine.planning.ordered import carry_packs, committed
from cantine.planning.purchases import uncovered
from cantine.planning.save import check_orders
from cantine.planning.wanted import wanted
from cantine.suppliers.models import MarketLot, Offer, Supplier
from cantine.suppliers.ordering import Ordering, load_ordering
from tests.cantine.orders import BOULGOUR, DELIVERY, RICE, order_of, staff
from tests.cantine.plans import accept_plan
from tests.cantine.site import NOW, OTHER, OWN, Site
from tests.cantine.test_planning_views import text_of

TODAY = date(2027, 1, 4)
MONDAY = date(2027, 1, 18)
ME = life.Actor(None, "essai")


@pytest.fixture
def bought(bought_engine: Engine) -> Iterator[Session]:
    """A session on menus and purchases in place."""
    with Session(bought_engine, expire_on_commit=False) as session:
        yield session


def ordering(session: Session) -> Ordering:
    """The calendar of today."""
    return load_ordering(session, TODAY)


def real(session: Session) -> None:
    """No demonstration any more: the supplier's hours hold."""
    session.merge(Setting(key="demonstration", value="false"))
    session.flush()


def some_draft(session: Session) -> Draft:
    """A draft far enough to be ordered in time."""
    return prepare(session, OWN, MONDAY, TODAY, ME, NOW)[0]


def approve(session: Session, order: PurchaseOrder, reason: str = "") -> None:
    """Approve one order as its page shows it."""
    chosen = {order.id or 0: order.version}
    approve_orders(session, OWN, chosen, reason, ordering(session), ME, NOW)


def lot_of(session: Session, line: OrderLine, frame: str, most: Decimal) -> MarketLot:
    """Put a line in a lot with a maximum."""
    lot = MarketLot(
        code="essai",
        name="Lot d'essai",
        frame=frame,
        max_ht=most,
        valid_from=date(2026, 9, 1),
        valid_to=date(2027, 8, 31),
    )
    session.add(lot)
    session.flush()
    line.lot = "essai"
    session.add(line)
    session.flush()
    return lot


def test_what_passes_needs_a_reason_kept_with_the_order(bought: Session) -> None:
    """The credit of the month, then a minimum: told in words, refused without a reason, kept with one."""
    draft = some_draft(bought)
    bought.get_one(Kitchen, OWN).budget_ttc_cents = 1
    bought.get_one(Supplier, draft.order.supplier).min_order_ht = Decimal(100_000)
    with pytest.raises(CantineError, match=r"crédit nourriture de janvier.*minimum de commande"):
        approve(bought, draft.order)
    assert draft.order.state == "brouillon"
    approve(bought, draft.order, "rentrée des internes")
    event = life.events_of(bought, draft.order)[-1]
    assert event.detail.startswith("rentrée des internes (le crédit nourriture de janvier")
    assert draft.order.number == "2027-0001"


def test_a_late_order_is_told(bought: Session) -> None:
    """On a real site, past the supplier's hour: a reason is asked for."""
    real(bought)
    draft = prepare(bought, OWN, date(2027, 1, 4), TODAY, ME, NOW)[0]
    (one,) = review(bought, OWN, [draft.order], ordering(bought)).orders
    words = [concern.words for concern in one.concerns]
    assert any("l'heure limite" in word for word in words)


@pytest.mark.parametrize(("frame", "refused"), [("exclusif", True), ("libre", False)])
def test_the_maximum_of_a_contract_is_never_passed(bought: Session, frame: str, refused: bool) -> None:
    """A contract's maximum refuses, whatever the reason; the threshold of a free lot asks for one.

    What was bought without an order counts too.
    """
    draft = some_draft(bought)
    line, cent = draft.lines[0], Decimal("0.01")
    lot = lot_of(bought, line, frame, line.total_ht)
    typed = {"description": "Au marché", "source": "saisie", "date": draft.order.delivery}
    bought.add(Purchase(kitchen=OWN, lot=lot.code, amount_ht=cent, **typed))
    if refused:
        with pytest.raises(ConflictError, match=r"maximum du marché.*dépassé de 0,01"):
            approve(bought, draft.order, "je le veux")
        assert draft.order.state == "brouillon"
    else:
        with pytest.raises(CantineError, match="votre seuil"):
            approve(bought, draft.order)
    lot.max_ht = line.total_ht + cent
    bought.add(lot)
    approve(bought, draft.order, "autre")
    assert draft.order.state == "approuve"


def test_all_or_none(bought: Session) -> None:
    """One of two changed since the page: none is approved, no number is taken."""
    first, second = prepare(bought, OWN, MONDAY, TODAY, ME, NOW)[:2]
    chosen = {first.order.id or 0: first.order.version, second.order.id or 0: second.order.version - 1}
    with pytest.raises(ConflictError, match="entre-temps"):
        approve_orders(bought, OWN, chosen, "oui", ordering(bought), ME, NOW)
    bought.rollback()
    assert not bought.exec(select(PurchaseOrder).where(PurchaseOrder.state == "approuve")).all()
    with pytest.raises(CantineError, match="Cochez"):
        approve_orders(bought, OWN, {}, "", ordering(bought), ME, NOW)


def test_the_plan_counts_on_the_packs_ordered(bought: Session) -> None:
    """Packs chosen by hand enter the plan with the approval, follow an amendment, and stay once cancelled."""
    draft = some_draft(bought)
    line, delivery = draft.lines[0], draft.order.delivery
    key = line.offer, delivery
    line.packs += 2
    bought.add(line)
    bought.flush()
    approve(bought, draft.order, "oui")
    row = bought.get_one(PlannedPurchase, (OWN, delivery, line.offer))
    assert row.packs == line.packs == committed(bought, OWN)[key].packs
    assert key not in wanted(bought, OWN, TODAY)
    life.cancel(bought, draft.order, ME, NOW, "grève")
    assert wanted(bought, OWN, TODAY)[key].packs == line.packs


def test_the_search_leaves_what_is_approved(bought: Session) -> None:
    """Before: free to change; approved, days ahead of the deadline: on its way in the question."""
    draft = some_draft(bought)
    key = draft.lines[0].offer, draft.order.delivery
    name = f"livraison@{key[0]}@{key[1].isoformat()}"
    real(bought)

    def lots() -> dict[str, int]:
        asked = build_instance(bought, OWN, TODAY, 19, "equilibre", TODAY)
        return {lot.code: lot.grams for lot in asked.stock}

    assert name not in lots()
    before = build_instance(bought, OWN, TODAY, 19, "equilibre", TODAY)
    approve(bought, draft.order, "oui")
    line = draft.lines[0]
    assert lots()[name] == line.grams
    with pytest.raises(ConflictError, match="a été approuvée depuis"):
        check_orders(bought, OWN, before, TODAY, NOW.time(), repaired=False)
    bought.merge(Setting(key="demonstration", value="true"))
    bought.flush()
    assert lots()[name] == line.grams
    with pytest.raises(ConflictError, match="a été approuvée depuis"):
        check_orders(bought, OWN, before, TODAY, NOW.time(), repaired=False)
    life.mark_sent(bought, draft.order, ME, NOW)
    if line.packs > 1:
        answer(bought, draft.order, line.packs - 1)
        assert lots()[name] == line.grams - line.pack_g


def answer(session: Session, order: PurchaseOrder, packs: int) -> None:
    """The producer brings so many packs of the first line."""
    line = life.lines_of(session, order)[0]
    life.record_answer(
        session, order, kind="modifie", packs={line.id or 0: packs}, notes={}, note="gel", link=None, now=NOW
    )


def test_a_short_answer_offers_the_repair(bought_site: Site) -> None:
    """The page says what lacks; one button tells the mishap and looks for the plan that changes least."""
    with transaction(bought_site.engine) as session:
        draft = some_draft(session)
        order_id, line = draft.order.id, draft.lines[0]
        approve(session, draft.order, "oui")
        life.mark_sent(session, draft.order, ME, NOW)
        answer(session, draft.order, 0)
        key = line.offer, draft.order.delivery
        assert load_mishaps(session, OWN, TODAY).coming == {key: 0}
    chef = bought_site.signed_in("chef")
    address = f"/cuisines/{OWN}/commandes/{order_id}"
    assert "Réparer le plan" in chef.get(address).text
    bought_site.app.extensions["ring"] = lambda _: None
    assert chef.post(f"{address}/reparer").status_code == 303
    with Session(bought_site.engine) as session:
        mishap = session.exec(select(Mishap)).one()
        assert (mishap.kind, mishap.offer, mishap.packs) == ("livraison", line.offer, 0)
        assert session.exec(select(Run).where(Run.kind == "reparation")).one()
    again = chef.post(f"{address}/reparer", follow_redirects=True)
    assert "Rien n'a été enregistré" in text_of(again.text)


def test_an_order_is_amended_and_cancelled_from_its_page(bought_site: Site) -> None:
    """Versions side by side, the reason asked for; a page from before is told; the chief may not."""
    with transaction(bought_site.engine) as session:
        draft = some_draft(session)
        order_id, packs = draft.order.id, draft.lines[0].packs
        approve(session, draft.order, "oui")
    binds, chef = bought_site.signed_in("gestionnaire"), bought_site.signed_in("chef")
    address = f"/cuisines/{OWN}/commandes/{order_id}"
    version = re.search(r'name="version" value="(\d+)"', binds.get(address).text)
    assert version
    form = {"version": version[1], "colis-1": str(packs + 1), "raison": "deux classes de plus"}
    assert chef.post(f"{address}/rectifier", data=form).status_code == 403
    refused = binds.post(f"{address}/rectifier", data=form | {"raison": ""}, follow_redirects=True)
    assert "Dites en quelques mots pourquoi" in text_of(refused.text)
    with transaction(bought_site.engine) as session:
        session.get_one(Kitchen, OWN).budget_ttc_cents = 1
    told = text_of(binds.post(f"{address}/rectifier", data=form, follow_redirects=True).text)
    assert "Version 2" in told
    assert "Le crédit nourriture de janvier est dépassé de" in told
    page = text_of(binds.get(address).text)
    assert "deux classes de plus" in page
    assert "Un collègue a changé" in text_of(
        binds.post(f"{address}/annuler", data=form, follow_redirects=True).text
    )
    with Session(bought_site.engine) as session:
        order = life.get_order(session, order_id or 0)
        assert [life.lines_of(session, order, n)[0].packs for n in (1, 2)] == [packs, packs + 1]
        row = session.get_one(PlannedPurchase, (OWN, order.delivery, life.lines_of(session, order)[0].offer))
        assert row.packs == packs + 1


def test_orders_of_two_kitchens_go_together(marais_engine: Engine) -> None:
    """Packing by site, the minimum reached together, each its own order; undone until one has left."""
    with transaction(marais_engine) as session:
        supplier = session.get_one(Supplier, "epicier")
        mine = order_of(session, (RICE, 5), (BOULGOUR, 1))
        theirs, alone = order_of(session, (RICE, 3), kitchen=OTHER), order_of(session, (RICE, 2))
        other_day = order_of(session, (RICE, 3), kitchen=OTHER, delivery=date(2027, 1, 12))
        lines = [line for order in (mine, theirs) for line in life.lines_of(session, order)]
        supplier.min_order_ht = sum((line.total_ht for line in lines), Decimal(0))
        names = {OWN: "Port-Brume", OTHER: "Salines"}
        assert [len(one.parts) for one in candidates(session, names, TODAY)] == [3]
        for ids, words in (([mine, alone], "au moins deux cuisines"), ([mine, other_day], "un seul jour")):
            with pytest.raises(CantineError, match=words):
                form_group(session, [o.id or 0 for o in ids], ME, NOW)
        group = form_group(session, [mine.id or 0, theirs.id or 0], ME, NOW)
        found = gathered(session, group, names)
        assert (found.missing_ht, found.alone) == (0, 2)
        assert sorted((row.packs, row.total) for row in packing(session, found)) == [((1, 0), 1), ((5, 3), 8)]
        concerns = review(session, OWN, [mine], ordering(session)).orders[0].concerns
        assert not [c for c in concerns if "minimum" in c.words]
        with pytest.raises(ConflictError):
            form_group(session, [mine.id or 0, theirs.id or 0], ME, NOW)
        undo_group(session, group, ME, NOW)
        assert mine.group is theirs.group is None
        assert review(session, OWN, [theirs], ordering(session)).orders[0].concerns
        again = form_group(session, [mine.id or 0, theirs.id or 0], ME, NOW)
        mail = {"message_id": "a", "recipient": "a@b", "subject": "", "content": b"", "created_at": NOW}
        session.add(OutMessage(group=again.id, **mail))
        session.flush()
        with pytest.raises(ConflictError, match="déjà partie"):
            undo_group(session, again, ME, NOW)


def test_a_demonstration_has_ordered_its_first_days(bought: Session) -> None:
    """What is too late on its day is sent, the rest is to order."""
    orders = send_first_orders(bought, OWN, TODAY, NOW)
    now = ordering(bought)
    assert orders
    assert {order.state for order in orders} == {"envoye"}
    left = wanted(bought, OWN, TODAY)
    assert left
    assert not [
        key
        for key, want in left.items()
        if now.too_late(bought.get_one(Supplier, bought.get_one(Offer, key[0]).supplier), want.delivery)
    ]
    assert drafts_of(bought, OWN, TODAY) == []
    ranks = bought.exec(select(PurchaseOrder.rank).order_by(col(PurchaseOrder.rank))).all()
    assert list(ranks) == list(range(1, len(orders) + 1))
    assert all(order.delivery < DELIVERY.replace(day=20) for order in orders)


def test_staples_bind_no_plan(bought: Session) -> None:
    """The order of the month is beside the menus: neither bound nor carried into their plan."""
    staples = order_of(bought, (RICE, 2), delivery=TODAY)
    staples.source = "epicerie"
    staples.state = "approuve"
    bought.add(staples)
    bought.flush()
    carry_packs(bought, staples)
    assert (RICE, staples.delivery) not in committed(bought, OWN)
    assert bought.get(PlannedPurchase, (OWN, staples.delivery, RICE)) is None


def test_two_people_approve_the_same_orders_at_once(each_marais: Config) -> None:
    """On both databases, reading included: one approves, the other is told, numbers follow on."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        staff(session, 7, 8)
        accept_plan(session, OWN)
        drafts = prepare(session, OWN, MONDAY, TODAY, ME, NOW)
        chosen = {draft.order.id or 0: draft.order.version for draft in drafts}

    def click(user: int) -> str:
        try:
            with transaction(engine) as session:
                actor = life.Actor(user)
                approve_orders(session, OWN, chosen, "oui", ordering(session), actor, NOW)
        except ConflictError:
            return "dit"
        return "approuvé"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, (7, 8))) == ["approuvé", "dit"]
    with Session(engine) as session:
        found = list_orders(session, OWN, TODAY)
        assert sorted(row.number for row in found.rows) == [f"2027-{n:04}" for n in range(1, len(chosen) + 1)]
        assert found.rows[0].delivery == min(draft.order.delivery for draft in drafts)
        assert waiting(session, OWN, TODAY)["approuve"] == len(chosen)
        need = load_need(session, OWN, ordering(session), "pain", MONDAY)
        assert {order.state for visit in need.visits for order, _ in visit.bound} == {"approuve"}
        board = load_board(session, OWN, TODAY, TODAY)
        assert board is not None
        assert uncovered(session, board) == ()
        assert candidates(session, {OWN: "", OTHER: ""}, TODAY) == []
        assert sheet_of(session, life.get_order(session, found.rows[0].id)).events[0].words == "approuvée"
    engine.dispose()
