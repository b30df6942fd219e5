"""Figures of the papers, worked out by hand on one small kitchen."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.menus.models import Dish, Service
from cantine.planning.models import PlannedUse
from cantine.reports import figures
from cantine.reports.head import period_words, weeks_between
from cantine.reports.menu import MenuDish, WeeklyMenu
from cantine.reports.reading import load_reading
from cantine.reports.shares import shares
from tests.cantine.reports_kitchen import CODE, DELIVERY, MONDAY, TUESDAY, fill, offer


@pytest.fixture
def small(session: Session) -> Session:
    """The small kitchen."""
    fill(session)
    return session


def dish_of(menu: WeeklyMenu, slot: str, day: int) -> MenuDish:
    """The first dish of a component."""
    return next(row for row in menu.rows if row.slot == slot).cells[day].dishes[0]


def test_signs_are_those_of_the_offers_planned(small: Session) -> None:
    """Bio, local and in season for the carrots bought; Label Rouge for the beef; nothing for the pork."""
    menu = figures.weekly_menu(small, CODE, TUESDAY)
    assert [sign.code for sign in dish_of(menu, "entree", 0).signs] == ["bio", "local", "saison"]
    assert [sign.code for sign in dish_of(menu, "plat", 0).signs] == ["lr"]
    assert dish_of(menu, "plat", 1).signs == ()
    assert [sign.word for sign in menu.signs] == ["bio", "Label Rouge", "local", "de saison"]


def test_a_label_shows_only_if_all_the_product_carries_it(small: Session) -> None:
    """Half of the carrots without a label: no sign of quality is left."""
    small.add(offer("carotte_2", "loin", "carotte", 10_000, "9.00"))
    small.flush()
    small.add(
        PlannedUse(kitchen=CODE, date=MONDAY, food="carotte", grams=100, offer="carotte_2", delivery=DELIVERY)
    )
    menu = figures.weekly_menu(small, CODE, MONDAY)
    assert [sign.code for sign in dish_of(menu, "entree", 0).signs] == ["saison"]


def test_covered_components_say_where_they_are(small: Session) -> None:
    """A complete dish holds the garnish; rice pudding is the dairy; a row without any dish is left out."""
    menu = figures.weekly_menu(small, CODE, MONDAY)
    assert [row.slot for row in menu.rows] == ["entree", "plat", "dessert"]
    small.add(Dish(kitchen=CODE, date=TUESDAY, slot="garniture", choice=1, recipe="carottes"))
    small.add(Dish(kitchen=CODE, date=TUESDAY, slot="laitier", choice=1, recipe="riz_lait"))
    rows = {row.slot: row for row in figures.weekly_menu(small, CODE, MONDAY).rows}
    assert rows["garniture"].cells[0].note == "comprise dans le plat"
    assert rows["laitier"].cells[0].note == "compris dans le dessert"


def test_pork_days_show_the_other_dish(small: Session) -> None:
    """The turkey of those who eat no pork, with its missing sheet."""
    pork = dish_of(figures.weekly_menu(small, CODE, MONDAY), "plat", 1)
    assert pork.without_pork is not None
    assert pork.without_pork.name == "Rôti de dinde"
    assert pork.without_pork.allergens == ("?",)


def test_meats_show_their_origin(small: Session) -> None:
    """One origin each here; not bought yet means shown at delivery, with the days when they differ."""
    menu = figures.weekly_menu(small, CODE, MONDAY)
    assert menu.meats == ("Bœuf : France", "Porc : Union européenne", "Volaille : France")
    small.add(Dish(kitchen=CODE, date=TUESDAY, slot="plat", choice=2, recipe="braise", share_permille=500))
    menu = figures.weekly_menu(small, CODE, MONDAY)
    assert menu.meats[0] == "Bœuf : France (lundi), origine affichée à la livraison (mardi)"


def test_shares_of_a_day(small: Session) -> None:
    """Beef 13.5 kg × 10 € + carrots 16.7 kg × 1.20 € + staples 110 × 0.10 € = 166.04 €."""
    found = shares(load_reading(small, CODE, MONDAY, TUESDAY), [MONDAY])
    assert found is not None
    assert found.value_ht == Decimal("166.04")
    assert found.egalim == pytest.approx(155.04 / 166.04)
    assert found.bio == found.local == pytest.approx(20.04 / 166.04)


def test_shares_wait_for_the_purchases(small: Session) -> None:
    """Nothing planned, nothing said."""
    for use in small.exec(select(PlannedUse)):
        small.delete(use)
    menu = figures.weekly_menu(small, CODE, MONDAY)
    assert menu.shares is None
    assert menu.meats[0] == "Bœuf : origine affichée à la livraison"


def test_excluded_days_keep_their_reason(small: Session) -> None:
    """A day without a meal stays on the menu, empty, and out of the allergens."""
    service = small.get_one(Service, (CODE, TUESDAY))
    service.status, service.note = "exclu", "sortie"
    menu = figures.weekly_menu(small, CODE, MONDAY)
    assert menu.days[1].note == "sortie"
    assert not any(row.cells[1].dishes for row in menu.rows)
    names = [day.name for day in figures.allergen_table(small, CODE, MONDAY).days]
    assert names == ["Lundi 4 janvier", "Chaque jour"]


def test_allergens_of_planned_possible_and_unknown_references(small: Session) -> None:
    """Planned: declared. To choose: sure if all declare it, else to confirm. « ? »: unknown."""
    table = figures.allergen_table(small, CODE, MONDAY)
    monday, tuesday, every_day = table.days
    beef = dict(zip([word for _, word in table.columns], monday.rows[1].states, strict=True))
    rice = dict(zip(beef, monday.rows[2].states, strict=True))
    assert {word for word, state in beef.items() if state} == {"gluten"}
    assert (rice["lait"], rice["soja"], rice["gluten"]) == ("oui", "confirmer", "")
    turkey = tuesday.rows[1]
    assert turkey.without_pork
    assert set(turkey.states) == {"fiche"}
    assert turkey.missing == ("Rôti de dinde (Viandes Lointaines)",)
    assert table.blocked
    assert table.to_confirm
    assert every_day.rows[0].states[0] == "confirmer"


def test_a_missing_sheet_among_the_possible_ones_proves_nothing(small: Session) -> None:
    """One possible reference without a sheet leaves all fourteen possible, and its supplier is named."""
    small.add(offer("lait_3", "loin", "lait", 6_000, "6.00", allergens=("?",)))
    small.add(offer("riz_1", "loin", "riz", 5_000, "9.00", allergens=("?",)))
    table = figures.allergen_table(small, CODE, MONDAY)
    row = table.days[0].rows[2]
    told = dict(zip([word for _, word in table.columns], row.states, strict=True))
    assert {word for word, state in told.items() if state == "confirmer"} == {"lait", "soja"}
    assert {state for word, state in told.items() if word not in {"lait", "soja"}} == {"fiche"}
    assert row.missing == (
        "Lait demi-écrémé (Viandes Lointaines, référence à choisir)",
        "Riz rond (Viandes Lointaines, référence à choisir)",
    )
    assert table.blocked


def test_a_substitution_prints_again(small: Session) -> None:
    """Another reference in place of the planned one: table and menu declare what its own sheet says."""
    small.add(offer("dinde_2", "loin", "dinde", 5_000, "41.00", allergens=("lait",)))
    used = small.exec(select(PlannedUse).where(PlannedUse.offer == "dinde_1")).one()
    used.offer = "dinde_2"
    small.flush()
    table = figures.allergen_table(small, CODE, MONDAY)
    turkey = table.days[1].rows[1]
    told = {word for (_, word), state in zip(table.columns, turkey.states, strict=True) if state}
    assert (told, turkey.missing) == ({"lait"}, ())
    pork = dish_of(figures.weekly_menu(small, CODE, MONDAY), "plat", 1)
    assert pork.without_pork is not None
    assert pork.without_pork.allergens == ("7",)


def test_gelatine_and_raw_milk_are_marked(small: Session) -> None:
    """Gelatine stands beside the dish on the menu; the fiche recette says both."""
    rice, milk = small.get_one(Food, "riz"), small.get_one(Food, "lait")
    assert dish_of(figures.weekly_menu(small, CODE, MONDAY), "dessert", 0).note == ""
    rice.gelatine, milk.raw_milk = True, True
    small.flush()
    assert dish_of(figures.weekly_menu(small, CODE, MONDAY), "dessert", 0).note == "contient de la gélatine"
    told = figures.recipe_sheet(small, CODE, "riz_lait", MONDAY).features
    assert {"contient de la gélatine", "fromage au lait cru : pas avant 5 ans"} <= set(told)


def test_production_weighs_each_class(small: Session) -> None:
    """Beef 100 × 120 g + 10 × 150 g = 13.5 kg; carrots 10 + 1.2 = 11.2 kg, 90 pieces of 125 g."""
    sheet = figures.production_sheet(small, CODE, MONDAY)
    carrots, beef, pudding = sheet.dishes
    assert (sheet.meals, sheet.diners) == (110, (("collège", 100), ("adulte", 10)))
    assert (carrots.foods[0].grams, carrots.foods[0].pieces) == (11_200, 90)
    assert [(food.name, food.grams) for food in beef.foods] == [
        ("Bœuf à braiser", 13_500),
        ("Carotte", 5_500),
    ]
    assert beef.staples == ("farine de blé",)
    assert (beef.minutes, beef.equipment, beef.holding) == (22, ("sauteuse",), "chaud, 63 °C au moins")
    assert pudding.holding == "froid, 0 à 3 °C"
    assert sheet.bread is not None
    assert sheet.bread.grams == 5_500


def test_production_counts_those_without_pork(small: Session) -> None:
    """10 % of 110 diners eat turkey: 11 portions; pork for the 99 others, 13.5 kg × 90 %."""
    pork, turkey, _ = figures.production_sheet(small, CODE, TUESDAY).dishes
    assert (pork.portions, turkey.portions) == (99, 11)
    assert pork.foods[0].grams == pytest.approx(12_150)
    assert turkey.foods[0].grams == pytest.approx(1_100)
    assert turkey.instead_of == "Rôti de porc"
    assert figures.production_sheet(small, CODE, TUESDAY).without_pork == 11


def test_production_tells_what_to_start_for_the_next_service(small: Session) -> None:
    """Tuesday's pudding is started on Monday; after the last service nothing is known."""
    monday = figures.production_sheet(small, CODE, MONDAY)
    assert monday.next_day == "mardi 5 janvier 2027"
    assert [(work.name, work.first_step) for work in monday.day_before] == [
        ("Riz au lait", "Préparer : riz au lait.")
    ]
    assert monday.keep_until == "samedi 9 janvier 2027"
    assert figures.production_sheet(small, CODE, TUESDAY).next_day == ""


def test_production_needs_a_service(small: Session) -> None:
    """A day without a meal has no sheet."""
    with pytest.raises(NotFoundError, match="Pas de service"):
        figures.production_sheet(small, CODE, date(2027, 1, 6))


def test_recipe_quantities_and_cost(small: Session) -> None:
    """A collégien: 120 g at 10 €/kg + 50 g at 1.20 €/kg = 1.26 €; flour is a staple, a flat amount."""
    sheet = figures.recipe_sheet(small, CODE, "braise", MONDAY)
    beef, carrot, flour = sheet.lines
    assert sheet.diners == 100
    assert sheet.cost_cents == pytest.approx(126)
    assert not sheet.cost_estimated
    assert (beef.gross_100_g, beef.gross_g) == (12_000, 12_000)
    assert carrot.net_g == (22.5, 22.5, 45.0, 45.0)
    assert flour.cost_cents is None
    assert figures.recipe_sheet(small, CODE, "braise", MONDAY, 50).lines[0].gross_g == 6_000


def test_recipe_without_an_offer_is_estimated(small: Session) -> None:
    """Rice has no offer: 20 g at the indicative 1 €/kg; milk 100 g at 1 €/kg."""
    sheet = figures.recipe_sheet(small, CODE, "riz_lait", MONDAY)
    assert sheet.cost_estimated
    assert sheet.cost_cents == pytest.approx(12)
    assert sheet.features[-1] == "tient lieu de laitage"


def test_recipe_criteria_are_in_kitchen_words(small: Session) -> None:
    """Grated carrots are a crudité, and the sheet says why."""
    sheet = figures.recipe_sheet(small, CODE, "carottes", MONDAY)
    assert [line.words for line in sheet.criteria] == ["crudités en entrée"]
    assert "100 %" in sheet.criteria[0].why
    with pytest.raises(NotFoundError):
        figures.recipe_sheet(small, CODE, "inconnue", MONDAY)


def test_purchases_by_supplier(small: Session) -> None:
    """Meat: 150 + 90 + 40 = 280 € HT, 15.40 € of VAT; carrots: 24 €, no minimum."""
    bought = figures.purchase_list(small, CODE, DELIVERY, DELIVERY, MONDAY)
    carrots, meat = bought.suppliers
    assert (carrots.name, carrots.total_ht, carrots.total_ttc) == (
        "Maraîchage des Dunes",
        Decimal("24.00"),
        Decimal("25.32"),
    )
    (delivery,) = meat.deliveries
    assert (delivery.total_ht, delivery.vat) == (Decimal("280.00"), ((55, Decimal("15.40")),))
    assert (delivery.minimum_ht, delivery.missing_ht, meat.below_minimum) == (Decimal(200), 0, 0)
    assert bought.total_ttc == Decimal("320.72")
    beef = delivery.lines[0]
    assert (beef.name, beef.packs, beef.grams, beef.labels) == ("Boeuf", 3, 15_000, "Label Rouge")
    assert (beef.why, beef.storage) == ("pour lun. 4 janv.", "froid positif")


def test_purchases_deadline(small: Session) -> None:
    """Delivered on Thursday 31: three days before is Monday 28; four is Sunday, and Friday is Christmas."""
    bought = figures.purchase_list(small, CODE, DELIVERY, DELIVERY, date(2026, 12, 26))
    carrots, meat = bought.suppliers
    assert meat.deliveries[0].deadline == "lundi 28 décembre, 11 h 30"
    assert carrots.deliveries[0].deadline == "jeudi 24 décembre, 12 h"
    assert (carrots.deliveries[0].too_late, meat.deliveries[0].too_late) == (True, False)


def test_purchases_outside_the_period_are_not_listed(small: Session) -> None:
    """No delivery, no supplier."""
    assert figures.purchase_list(small, CODE, MONDAY, TUESDAY, MONDAY).suppliers == ()


def test_periods_in_words() -> None:
    """One month named once, two months or two years named twice."""
    assert period_words(date(2027, 1, 4), date(2027, 1, 8)) == "du lundi 4 au vendredi 8 janvier 2027"
    assert period_words(date(2026, 11, 30), date(2026, 12, 4)) == (
        "du lundi 30 novembre au vendredi 4 décembre 2026"
    )
    assert period_words(date(2026, 12, 31), date(2027, 1, 1)) == (
        "du jeudi 31 décembre 2026 au vendredi 1er janvier 2027"
    )
    assert period_words(MONDAY, MONDAY) == "lundi 4 janvier 2027"
    assert weeks_between(TUESDAY, date(2027, 1, 11)) == [MONDAY, date(2027, 1, 11)]
