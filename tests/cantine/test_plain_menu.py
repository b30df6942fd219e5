"""What a plain menu costs with the demonstration's prices, all of them estimates: about 2.0 to 2.1 € HT."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from statistics import median

import pytest
from sqlmodel import Session, select

from cantine.db import make_engine
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import Settings, load_settings
from cantine.recipes.book import BookRecipe
from cantine.recipes.nutrition import grams
from cantine.suppliers.book import load_book
from cantine.suppliers.market import Reachable, cheapest_by_food, reachable_offers
from cantine.suppliers.models import Offer
from optim.terms import Niveau, Slot

TODAY = date(2027, 1, 4)
DEMO_KITCHEN = "ARRAS-MITTERRAND"
BREAD_G = 50
PACKED_AS_PIECES = {"oeuf": 58, "yaourt_nature": 125, "yaourt_fermier": 125, "chou_fleur": 1150}
"""Grams of a piece, where the trade counts pieces."""
TRADE = {
    # cents HT per kg (per piece above), goods without a label: lowest and highest estimate of the trade
    "pomme_de_terre": (50, 90),
    "carotte": (90, 130),
    "oignon": (70, 110),
    "poireau": (160, 240),
    "chicon": (190, 290),
    "betterave_cuite": (160, 220),
    "chou_fleur": (160, 240),
    "pomme": (120, 180),
    "poire": (160, 230),
    "banane": (120, 170),
    "clementine": (170, 260),
    "kiwi": (230, 320),
    "haricot_vert_surg": (160, 230),
    "epinard_surg": (160, 220),
    "petit_pois_surg": (160, 220),
    "frites_surg": (130, 180),
    "boeuf_braiser": (1200, 1600),
    "boeuf_hache": (1000, 1300),
    "veau_blanquette": (1300, 1700),
    "agneau_saute": (1200, 1600),
    "porc_saute": (500, 700),
    "poulet_cuisse": (380, 550),
    "dinde_emince": (800, 1100),
    "saucisse_fumee": (650, 900),
    "colin_surg": (550, 750),
    "lieu_noir": (1100, 1500),
    "cabillaud": (1700, 2300),
    "oeuf": (20, 27),
    "lait": (90, 115),
    "creme": (400, 520),
    "beurre": (750, 950),
    "emmental_rape": (700, 900),
    "mimolette": (1000, 1300),
    "maroilles": (1200, 1600),
    "yaourt_nature": (20, 32),
    "yaourt_fermier": (38, 50),
    "fromage_blanc": (200, 280),
    "coquillettes": (120, 170),
    "riz": (140, 200),
    "lentille_verte": (190, 280),
    "tomate_concassee": (150, 210),
    "pain": (300, 420),
}
"""Prices, packs and logistics of the trade, 2026: estimates, HT."""


@pytest.fixture(scope="module")
def market(seeds_database: Path) -> dict[str, Reachable]:
    """The cheapest offer of each food that the demonstration's kitchen may buy on the reference date."""
    with Session(make_engine(f"sqlite:///{seeds_database}")) as session:
        kitchen, settings = get_kitchen(session, DEMO_KITCHEN), load_settings(session)
        assert kitchen.bread_g == BREAD_G
        return cheapest_by_food(reachable_offers(session, kitchen, TODAY, TODAY, settings.local_km), TODAY)


def cost_cents(entry: BookRecipe, market: Mapping[str, Reachable]) -> float:
    """Cents HT of a portion for a collégien, staples left out."""
    return sum(
        grams(ingredient, Niveau.COLLEGE) * float(market[food.code].cents_per_kg) / 1000
        for ingredient, food in entry.lines
        if not food.staple
    )


def in_season(entry: BookRecipe) -> bool:
    """Whether the dish may be served in the month of the reference date."""
    months = {int(month) for month in entry.recipe.months}
    return TODAY.month in entry.derived.season_months and (not months or TODAY.month in months)


def plain_menu_cents(
    book: Mapping[str, BookRecipe], market: Mapping[str, Reachable], settings: Settings
) -> float:
    """A plain menu: one dish per component, the median in cost of those in season; bread; flat staples."""
    costs: dict[str, list[float]] = {slot.value: [] for slot in Slot}
    for entry in book.values():
        if in_season(entry):
            costs[entry.recipe.slot].append(cost_cents(entry, market))
    bread = BREAD_G * float(market[settings.bread_food].cents_per_kg) / 1000
    return sum(map(median, costs.values())) + bread + settings.staples_cents_per_meal


def test_a_plain_menu_costs_what_a_canteen_pays(seeds_database: Path, market: dict[str, Reachable]) -> None:
    """Food, bread and staples: 2.0 to 2.1 € HT, to five cents."""
    with Session(make_engine(f"sqlite:///{seeds_database}")) as session:
        cents = plain_menu_cents(load_book(session), market, load_settings(session))
    assert 195 <= cents <= 215, f"{cents:.1f} cents"


def test_prices_stay_what_the_trade_pays(seeds_database: Path, market: dict[str, Reachable]) -> None:
    """Offers of the reference date without a label lie between the trade's lowest and highest price."""
    with Session(make_engine(f"sqlite:///{seeds_database}")) as session:
        offers = session.exec(
            select(Offer).where(Offer.valid_from <= TODAY, Offer.valid_to >= TODAY).order_by(Offer.code)
        ).all()
    outside, seen = [], set()
    for offer in offers:
        if offer.food in TRADE and not offer.labels:
            seen.add(offer.food)
            low, high = TRADE[offer.food]
            cents = float(offer.price_ht) * 100 * PACKED_AS_PIECES.get(offer.food, 1000) / offer.pack_g
            if not low - 0.5 <= cents <= high + 0.5:
                outside.append(f"{offer.code} : {cents:.0f} (attendu {low} à {high})")
    assert outside == []
    assert seen == TRADE.keys()
    assert TRADE.keys() <= market.keys()
