"""One small kitchen whose figures can be worked out by hand: 100 collégiens, 10 adults, two services."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlmodel import Session, SQLModel

from cantine.foods.models import Food
from cantine.kitchens.models import ClosedDay, Commune, Kitchen, Setting, Site, SiteDiners
from cantine.menus.models import Dish, Service
from cantine.orders.models import Purchase
from cantine.planning.models import PlannedPurchase, PlannedUse, Run
from cantine.recipes.models import Recipe, RecipeIngredient
from cantine.suppliers.models import Offer, Supplier

CODE = "PETITE"
MONDAY, TUESDAY = date(2027, 1, 4), date(2027, 1, 5)
DELIVERY = date(2026, 12, 31)
VALID = {"valid_from": date(2026, 9, 1), "valid_to": date(2027, 7, 31)}


def fill(session: Session) -> None:
    """Write the kitchen, its menus and its planned purchases."""
    for rows in (
        _places(),
        _foods(),
        _recipes(),
        _ingredients(),
        _market(),
        _menus(),
        _planned(),
        _compared(),
        _bought(),
    ):
        for row in rows:
            session.add(row)
            session.flush()


def _places() -> list[SQLModel]:
    settings = {
        "departement_name": "Marais",
        "reference_date": "2027-01-04",
        "demonstration": "true",
        "local_km": "50",
        "bread_food": "pain",
        "staples_cents_per_meal": "10",
    }
    rows: list[SQLModel] = [Setting(key=key, value=value) for key, value in settings.items()]
    rows += [
        Commune(insee="99001", name="Port-Brume", departement="99", latitude=46.0, longitude=-1.0),
        Commune(insee="99009", name="Lointaine", departement="98", latitude=48.0, longitude=2.0),
        ClosedDay(date=date(2026, 12, 25), kind="ferie", name="Noël"),
        Kitchen(
            code=CODE,
            name="Cuisine des Dunes",
            insee="99001",
            latitude=46.0,
            longitude=-1.0,
            service_days="12",
            budget_ttc_cents=225,
            no_pork_permille=100,
        ),
    ]
    return [
        *rows,
        Site(code="DUNES", name="Collège des Dunes", kind="college", kitchen=CODE, insee="99001"),
        SiteDiners(site="DUNES", weekday=1, college=100, adulte=10),
    ]


def _food(code: str, name: str, group: str, **columns: object) -> Food:
    values = {"family": "AUTRES", "gamme": "sec", "reference_price_cents_kg": 100, **columns}
    return Food(code=code, name=name, group=group, **values)


def _foods() -> list[SQLModel]:
    meat = {"family": "VIANDES_VOLAILLES", "gamme": "frais", "storage": "froid_positif"}
    return [
        _food("boeuf", "Bœuf à braiser", "boeuf", **meat),
        _food("porc", "Rôti de porc", "porc", pork=True, **meat),
        _food("dinde", "Rôti de dinde", "volaille", **meat),
        _food(
            "carotte",
            "Carotte",
            "legume",
            family="FRUITS_ET_LEGUMES",
            gamme="frais",
            storage="legumerie",
            season_months=("1", "2"),
            edible_permille=900,
            unit_weight_g=125,
        ),
        _food("farine", "Farine de blé", "farine", staple=True, allergens=("gluten",)),
        _food("lait", "Lait demi-écrémé", "lait", family="PRODUITS_LAITIERS", allergens=("lait",)),
        _food("riz", "Riz rond", "cereale"),
        _food("pain", "Pain", "pain", family="BOULANGERIE", storage="pain", allergens=("gluten",)),
    ]


def _recipe(code: str, name: str, slot: str, main_food: str, **columns: object) -> Recipe:
    values = {"steps": f"1. Préparer : {name.lower()}.\n2. Servir.", "cooking": "cuit", **columns}
    return Recipe(code=code, name=name, slot=slot, main_food=main_food, **values)


def _recipes() -> list[SQLModel]:
    recipes: list[SQLModel] = [
        _recipe("carottes", "Carottes râpées", "entree", "carotte", cooking="cru", staff_minutes=45),
        _recipe(
            "braise",
            "Bœuf braisé aux carottes",
            "plat",
            "boeuf",
            complete_dish=True,
            staff_minutes=90,
            equipment=("sauteuse",),
        ),
        _recipe("roti_dinde", "Rôti de dinde", "plat", "dinde"),
        _recipe("riz_lait", "Riz au lait", "dessert", "lait", covers_dairy=True, day_before=True),
    ]
    pork = _recipe("roti_porc", "Rôti de porc", "plat", "porc", substitute="roti_dinde")
    return [*recipes, pork]


GRAMS = {
    ("carottes", "carotte"): (100, 120),
    ("braise", "boeuf"): (120, 150),
    ("braise", "carotte"): (50, 50),
    ("braise", "farine"): (5, 5),
    ("roti_porc", "porc"): (120, 150),
    ("roti_dinde", "dinde"): (100, 100),
    ("riz_lait", "lait"): (100, 100),
    ("riz_lait", "riz"): (20, 20),
}
"""Grams of a collégien and of an adult; half a collégien's for the little ones."""


def _ingredients() -> list[SQLModel]:
    return [
        RecipeIngredient(
            recipe=recipe,
            position=position,
            food=food,
            maternelle_g=college / 2,
            elementaire_g=college / 2,
            college_g=college,
            adulte_g=adulte,
        )
        for position, ((recipe, food), (college, adulte)) in enumerate(GRAMS.items(), 1)
    ]


def _market() -> list[SQLModel]:
    return [
        Supplier(
            code="proche",
            name="Maraîchage des Dunes",
            kind="maraicher",
            insee="99001",
            latitude=46.0,
            longitude=-1.0,
            delivery_days="4",
            lead_days=4,
        ),
        Supplier(
            code="loin",
            name="Viandes Lointaines",
            kind="viandes",
            insee="99009",
            latitude=48.0,
            longitude=2.0,
            delivery_days="4",
            lead_days=3,
            cutoff_hour="11:30",
            min_order_ht=Decimal(200),
        ),
        offer("carotte_bio", "proche", "carotte", 10_000, "12.00", labels=("BIO",), origin_insee="99001"),
        offer("boeuf_lr", "loin", "boeuf", 5_000, "50.00", labels=("LABEL_ROUGE",)),
        offer("porc_1", "loin", "porc", 5_000, "30.00", origin_country="EUROPE"),
        offer("dinde_1", "loin", "dinde", 5_000, "40.00", allergens=("?",)),
        offer("lait_1", "loin", "lait", 6_000, "6.00", allergens=("lait",)),
        offer("lait_2", "loin", "lait", 6_000, "7.00", allergens=("lait", "soja")),
    ]


def offer(code: str, supplier: str, food: str, pack_g: int, price: str, **columns: object) -> Offer:
    """An offer valid all year."""
    return Offer(
        code=code,
        supplier=supplier,
        food=food,
        name=f"{food.capitalize()} – colis {pack_g // 1000} kg",
        pack_g=pack_g,
        pack_label=f"colis {pack_g // 1000} kg",
        price_ht=Decimal(price),
        **VALID,
        **columns,
    )


def _menus() -> list[SQLModel]:
    services = [
        Service(kitchen=CODE, date=day, college=100, adulte=10, status="prevu") for day in (MONDAY, TUESDAY)
    ]
    menus = {
        MONDAY: {"entree": "carottes", "plat": "braise", "dessert": "riz_lait"},
        TUESDAY: {"plat": "roti_porc", "dessert": "riz_lait"},
    }
    dishes = [
        Dish(kitchen=CODE, date=day, slot=slot, choice=1, recipe=recipe)
        for day, menu in menus.items()
        for slot, recipe in menu.items()
    ]
    return [*services, *dishes]


def _planned() -> list[SQLModel]:
    """Monday's beef and carrots, Tuesday's pork and turkey; milk and rice are not chosen yet."""
    packs = {
        "boeuf_lr": (3, "50.00"),
        "carotte_bio": (2, "12.00"),
        "porc_1": (3, "30.00"),
        "dinde_1": (1, "40.00"),
    }
    uses = (
        (MONDAY, "boeuf", 13_500, "boeuf_lr"),
        (MONDAY, "carotte", 16_700, "carotte_bio"),
        (TUESDAY, "porc", 12_150, "porc_1"),
        (TUESDAY, "dinde", 1_100, "dinde_1"),
    )
    return [
        *(
            PlannedPurchase(kitchen=CODE, delivery=DELIVERY, offer=code, packs=count, price_ht=Decimal(price))
            for code, (count, price) in packs.items()
        ),
        *(
            PlannedUse(kitchen=CODE, date=day, food=food, grams=grams, offer=code, delivery=DELIVERY)
            for day, food, grams, code in uses
        ),
    ]


def _compared() -> list[SQLModel]:
    """A comparison that came to its end: 20 points of local for the same money, 12.5 cents saved."""
    told = [(205.0, 0.1, 0.2, 0.05, 1.6), (204.0, 0.3, 0.25, 0.06, 1.5), (192.5, 0.1, 0.21, 0.05, 1.55)]
    plans = [
        {
            "meals": 220,
            "cost_cents_per_meal": cents,
            "cost_ttc_cents_per_meal": cents,
            "purchases_cents": 40_000,
            "share_local": local,
            "share_egalim": egalim,
            "share_bio": bio,
            "co2e_kg_per_meal": co2e,
            "surplus_cents": 0,
        }
        for cents, local, egalim, bio, co2e in told
    ]
    return [
        Run(
            kitchen=CODE,
            kind="comparaison",
            first_date=MONDAY,
            services=2,
            state="fini",
            created_at=datetime(2027, 1, 4, 8, tzinfo=UTC),
            progress=json.dumps({"days": [MONDAY.isoformat(), TUESDAY.isoformat()], "kept": []}),
            findings=json.dumps({"plans": plans}),
        )
    ]


def _bought() -> list[SQLModel]:
    """What came in on Monday: 100 €, 30 of them labelled, 20 of the labelled ones organic."""
    rows = (
        ("FRUITS_ET_LEGUMES", ("BIO", "IGP"), 20, "facture"),
        ("VIANDES_VOLAILLES", ("LABEL_ROUGE",), 10, "reception"),
        ("VIANDES_VOLAILLES", (), 40, "reception"),
        ("AUTRES", (), 30, "facture"),
    )
    return [
        Purchase(
            kitchen=CODE,
            date=MONDAY,
            description="Livraison",
            family=family,
            labels=labels,
            amount_ht=Decimal(euros),
            source=source,
            origin_country="FRANCE",
            local_km=10 if labels else None,
        )
        for family, labels, euros, source in rows
    ]
