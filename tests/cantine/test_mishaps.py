"""Mishaps: told in a form, known to every question, ended, all in the journal; a repair asked for."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.errors import ConflictError
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Setting
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.planning.build import build_instance
from cantine.planning.mishap_acts import break_down, withdraw
from cantine.planning.mishaps import Mishaps, load_mishaps
from cantine.planning.models import Mishap, PlannedPurchase, Run
from cantine.planning.repair import in_force
from cantine.planning.save import check_orders
from cantine.planning.store import gone
from cantine.suppliers.market import reachable_offers
from cantine.suppliers.ordering import load_ordering
from cantine.suppliers.prices import offer_code
from tests.cantine.plans import FIRST
from tests.cantine.site import NOW, OTHER, OWN, Site

BASE = f"/cuisines/{OWN}"
PAGE = f"{BASE}/imprevu"
DAY = timedelta(days=1)
WHO = Stamp(None, NOW, FIRST, 0)


@pytest.fixture(name="rung")
def _rung(site: Site) -> list[int]:
    """Runs whose doorbell was rung."""
    calls: list[int] = []
    site.app.extensions["ring"] = calls.append
    return calls


@pytest.fixture(name="chief")
def _chief(site: Site, put_menus: Callable[[Engine], None]) -> FlaskClient:
    """The chief's browser, with menus in place."""
    put_menus(site.engine)
    return site.signed_in("chef")


def bought(session: Session) -> PlannedPurchase:
    """A planned purchase of several packs."""
    return session.exec(
        select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN, PlannedPurchase.packs > 2)
    ).first() or pytest.fail("nothing is bought")


def repairs(site: Site) -> list[Run]:
    """Runs of repair."""
    with Session(site.engine) as session:
        return list(session.exec(select(Run).where(Run.kind == "reparation")))


def journal(site: Site, subject: str = "imprévu") -> list[tuple[str, str]]:
    """Before and after of each line about mishaps."""
    with Session(site.engine) as session:
        rows = session.exec(select(JournalEntry).where(JournalEntry.subject == subject))
        return [(row.before, row.after) for row in rows]


def test_one_click_from_the_week_and_the_menus(chief: FlaskClient) -> None:
    """« Un imprévu ? » is on both pages, and shows five ways."""
    for page in (f"{BASE}/semaine", f"{BASE}/menus"):
        assert f'href="{PAGE}"' in chief.get(page).text
    page = chief.get(PAGE).text
    assert page.count('class="ct-mishap"') == 5
    assert "Aucun." in page


def test_a_buyer_does_not_change_the_calendar(site: Site, rung: list[int]) -> None:
    """Three of the five for who buys: diners and closed days are the kitchen's."""
    page = site.signed_in("acheteur").get(PAGE).text
    assert page.count('class="ct-mishap"') == 3
    refused = site.signed_in("acheteur").post(f"{PAGE}/repas", data={"quoi": "greve", "date": "2027-01-12"})
    assert refused.status_code in {403, 404}
    assert not rung


def test_a_withdrawn_product_is_kept_and_repaired(site: Site, chief: FlaskClient, rung: list[int]) -> None:
    """The mishap, its line in the journal, a run of repair that rings; then its end."""
    with Session(site.engine) as session:
        offer = bought(session).offer
    data = {"quoi": "offre", "produit": offer, "jusqu": "2027-01-20"}
    assert chief.post(PAGE, data=data).status_code == 303
    with Session(site.engine) as session:
        mishap = session.exec(select(Mishap)).one()
    assert (mishap.kind, mishap.offer, mishap.first_date, mishap.last_date) == (
        "offre", offer, FIRST, date(2027, 1, 20),
    )  # fmt: skip
    (run,) = repairs(site)
    assert [run.id] == rung
    assert (run.first_date, run.services) == (FIRST, 19)
    assert json.loads(run.request) == {"because": mishap.note, "mend_menus": False}
    page = chief.get(PAGE).text
    assert "C'est terminé" in page.replace("&#39;", "'")
    assert chief.post(f"{PAGE}/{mishap.id}/termine").status_code == 303
    assert "Aucun." in chief.get(PAGE).text
    assert [after for _, after in journal(site)] == [f"{mishap.note}, jusqu'au 20/01/2027", "terminé"]


def test_a_short_delivery_brings_fewer_packs(site: Site, chief: FlaskClient, rung: list[int]) -> None:
    """Fewer than ordered, else nothing is kept."""
    with Session(site.engine) as session:
        row = bought(session)
    data = {"quoi": "livraison", "livraison": f"{row.offer}@{row.delivery.isoformat()}"}
    for wrong in (str(row.packs), "-1", "trois"):
        answer = chief.post(PAGE, data={**data, "colis": wrong})
        assert "Rien n'a été enregistré" in chief.get(answer.headers["Location"]).text.replace("&#39;", "'")
    assert not rung
    assert chief.post(PAGE, data={**data, "colis": "1"}).status_code == 303
    with Session(site.engine) as session:
        known = load_mishaps(session, OWN, FIRST)
    assert known.arriving((row.offer, row.delivery), row.packs) == 1
    assert len(repairs(site)) == 1


@pytest.mark.parametrize(
    "data",
    [
        {"quoi": "rien"},
        {"quoi": "offre", "produit": "inconnu", "jusqu": "2027-01-20"},
        {"quoi": "livraison", "livraison": "inconnu@2027-01-05", "colis": "0"},
        {"quoi": "froid", "zone": "cave", "jusqu": "2027-01-05"},
        {"quoi": "froid", "zone": "froid_positif", "jusqu": "2026-12-31"},
        {"quoi": "froid", "zone": "froid_positif", "jusqu": "2029-12-31"},
    ],
)
def test_what_cannot_be_is_not_kept(
    site: Site, chief: FlaskClient, rung: list[int], data: dict[str, str]
) -> None:
    """A sentence, no mishap, no run."""
    assert chief.post(PAGE, data=data).status_code in {303, 400}
    with Session(site.engine) as session:
        assert session.exec(select(Mishap)).all() == []
    assert not rung


def test_a_strike_closes_the_day(site: Site, chief: FlaskClient, rung: list[int]) -> None:
    """The day is without service with its reason; what was planned for it feeds nobody any more."""
    with Session(site.engine) as session:
        before = build_instance(session, OWN, FIRST, 19, "equilibre", FIRST, repairing=True)
        force = in_force(session, OWN, before, mend_menus=True)["in_force"]
    data = {"quoi": "greve", "date": "2027-01-12", "raison": "grève"}
    assert chief.post(f"{PAGE}/repas", data=data).status_code == 303
    assert len(rung) == 1
    with Session(site.engine) as session:
        assert session.get_one(Service, (OWN, date(2027, 1, 12))).status == "exclu"
        after = build_instance(session, OWN, FIRST, 18, "equilibre", FIRST, repairing=True)
        again = in_force(session, OWN, after, mend_menus=True)["in_force"]
    assert date(2027, 1, 12) not in after.service
    assert again["orders"] == force["orders"]
    assert json.loads(repairs(site)[0].request)["mend_menus"] is True
    assert journal(site, "menu")


@pytest.mark.parametrize(("way", "change"), [("plus", 40), ("moins", -40)])
def test_forty_diners(site: Site, chief: FlaskClient, rung: list[int], way: str, change: int) -> None:
    """More or fewer of a class on a day."""
    day = date(2027, 1, 14)
    with Session(site.engine) as session:
        before = session.get_one(Service, (OWN, day)).college
    data = {"quoi": "convives", "date": day.isoformat(), "nombre": "40", "sens": way, "classe": "college"}
    assert chief.post(f"{PAGE}/repas", data=data).status_code == 303
    with Session(site.engine) as session:
        assert session.get_one(Service, (OWN, day)).college == before + change
    assert len(rung) == 1


def test_a_kitchen_without_menus_has_nothing_to_repair(site: Site, rung: list[int]) -> None:
    """The mishap is kept; no run."""
    data = {"quoi": "froid", "zone": "froid_negatif", "jusqu": "2027-01-05"}
    answer = site.signed_in("chef").post(PAGE, data=data)
    assert answer.status_code == 303
    assert not rung
    with Session(site.engine) as session:
        assert session.exec(select(Mishap)).one().storage == "froid_negatif"


def test_another_kitchen_does_not_end_it(site: Site, chief: FlaskClient) -> None:
    """A mishap belongs to its kitchen."""
    with transaction(site.engine) as session:
        break_down(session, OTHER, "froid_positif", FIRST, WHO)
        number = session.exec(select(Mishap)).one().id
    assert chief.post(f"{PAGE}/{number}/termine").status_code == 404


def test_a_withdrawn_offer_is_sold_before_and_after(site: Site) -> None:
    """From the 10th to the 15th nobody sells it: two parts of one offer, with codes of their own."""
    with Session(site.engine) as session:
        kitchen = get_kitchen(session, OWN)
        offers = reachable_offers(session, kitchen, FIRST, date(2027, 1, 31), 80)
    item = next(o for o in offers if o.valid_from <= FIRST and o.valid_to >= date(2027, 1, 31))
    gap = date(2027, 1, 10), date(2027, 1, 15)
    parts = list(Mishaps(withdrawn={item.offer.code: [gap]}).on_sale([item]))
    assert [(part.valid_from, part.valid_to) for part in parts] == [
        (item.valid_from, gap[0] - DAY),
        (gap[1] + DAY, item.valid_to),
    ]
    assert len({part.code for part in parts}) == 2
    assert {offer_code(part.code) for part in parts} == {item.offer.code}
    covered = replace(item, valid_from=gap[0], valid_to=gap[1])
    assert list(Mishaps(withdrawn={item.offer.code: [gap]}).on_sale([covered])) == []


def test_a_question_knows_the_mishaps(site: Site, chief: FlaskClient) -> None:
    """The offer is not for sale, the cold room is closed from today on, what is there goes today."""
    del chief
    with transaction(site.engine) as session:
        offer = bought(session).offer
        withdraw(session, OWN, offer, date(2027, 2, 28), WHO)
        break_down(session, OWN, "froid_positif", FIRST + DAY, WHO)
        asked = build_instance(session, OWN, FIRST, 19, "equilibre", FIRST, repairing=True)
    sold = [o for o in asked.offers if offer_code(o.code) == offer]
    assert not [o for o in sold if o.valid_from <= date(2027, 2, 28) and o.valid_to >= FIRST]
    assert asked.storage_closed == {"froid_positif": {FIRST, FIRST + DAY}}
    cold = [lot for lot in asked.stock if asked.food[lot.food].storage == "froid_positif"]
    there = [lot for lot in cold if lot.available_from <= FIRST + DAY]
    assert all(lot.expires_on <= max(FIRST, lot.available_from) for lot in there)


def _real(engine: Engine) -> None:
    """The kitchen is no demonstration any more; its clock stays at the reference date for this test."""
    with transaction(engine) as session:
        session.get_one(Setting, "demonstration").value = "false"


def test_what_had_to_be_ordered_stays_bought(site: Site, chief: FlaskClient) -> None:
    """Outside the demonstration a proposal counts on the orders that left: lots with the day they come."""
    del chief
    with Session(site.engine) as session:
        free = build_instance(session, OWN, FIRST, 19, "equilibre", FIRST)
    _real(site.engine)
    with Session(site.engine) as session:
        left = gone(session, OWN, load_ordering(session, FIRST, time(8)), Mishaps())
        asked = build_instance(session, OWN, FIRST, 19, "equilibre", FIRST, time(8))
        named = {lot.code: lot for lot in asked.stock if lot.code.startswith("livraison@")}
        rows = {(p.offer, p.delivery): p for p in session.exec(select(PlannedPurchase)) if p.kitchen == OWN}
    assert left.orders
    assert not [lot for lot in free.stock if lot.available_from > FIRST]
    assert free.ordered_ttc_cents == 0
    for offer, delivery in left.orders:
        lot = named.get(f"livraison@{offer}@{delivery.isoformat()}")
        assert lot is None or lot.available_from == delivery
    assert named
    paid = sum(100 * rows[order].price_ht * rows[order].packs for order in left.orders)
    assert asked.ordered_ht_cents >= round(paid) - 1
    assert asked.ordered_ttc_cents > asked.ordered_ht_cents


def test_an_order_that_left_meanwhile_refuses_the_plan(site: Site, chief: FlaskClient) -> None:
    """Built in the morning, accepted days later: the order that left since would be cancelled."""
    del chief
    _real(site.engine)
    with Session(site.engine) as session:
        asked = build_instance(session, OWN, FIRST, 19, "equilibre", FIRST, time(8))
        check_orders(session, OWN, asked, FIRST, time(8), repaired=False)
        with pytest.raises(ConflictError, match="L'heure limite de commande"):
            check_orders(session, OWN, asked, FIRST + 3 * DAY, time(23), repaired=False)
