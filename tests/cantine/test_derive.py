"""Criteria derived from recipes, held against the dishes that the trade names (and its traps)."""

from pathlib import Path

import pytest
from sqlmodel import Session

from cantine.db import make_engine
from cantine.recipes.book import BookRecipe
from cantine.recipes.criteria import Tag
from cantine.recipes.decide import ProductSheet
from cantine.recipes.derive import Derived, derive
from cantine.recipes.models import TagOverride
from cantine.recipes.nutrition import Line, edible_g
from cantine.suppliers.book import load_book
from optim.terms import Critere, Vegetarien

TRADE = {
    # entrées
    "carottes_rapees_au_citron": "F01",
    "chicons_a_la_mimolette": "F01",
    "chou_rouge_aux_pommes": "F01",
    "concombre_a_la_bulgare": "F01",
    "radis_roses_au_beurre": "F01",
    "demi_pamplemousse": "F01",
    "salade_verte_aux_croutons": "F01",
    "celeri_remoulade": "F01 F11",
    "betteraves_rouges_a_l_echalote": "",
    "veloute_de_chicons": "",
    "soupe_de_potimarron": "",
    "lentilles_vinaigrette_a_l_echalote": "",
    "maquereau_a_la_moutarde": "",
    "oeuf_dur_mayonnaise": "F11",
    "flamiche_aux_poireaux": "F11",
    "pate_de_campagne_et_cornichons": "F11",
    # viandes non hachées
    "carbonade_flamande": "F08",
    "boeuf_bourguignon": "F08",
    "pot_au_feu_et_ses_legumes": "F03 F08",
    "blanquette_de_veau_a_l_ancienne": "F08",
    "saute_d_agneau_facon_navarin": "F08",
    # poissons : nature, quelle que soit la matière grasse ; ni moules ni pané
    "lieu_noir_au_maroilles": "F09",
    "cabillaud_a_la_dieppoise": "F09",
    "colin_meuniere_au_citron": "F09",
    "maquereau_roti_a_la_moutarde": "F09",
    "pave_de_saumon_sauce_ciboulette": "F09",
    "moules_marinieres": "",
    # composés
    "hachis_parmentier": "F04",
    "lasagnes_a_la_bolognaise": "F04 F10",
    "brandade_de_morue_gratinee": "F04 F09",
    "couscous_d_agneau": "F04 F08",
    "paella_au_poulet_et_aux_fruits_de_mer": "F04",
    "chicons_au_jambon_gratines": "F03 F10",
    "choucroute_garnie": "F03 F14",
    "poisson_pane_au_citron": "F10 F13",
    "cordon_bleu_de_dinde": "F10 F13 F14",
    "saucisse_fumee_du_nord": "F14",
    "poulet_a_la_biere": "",
    "waterzoi_de_poulet": "",
    "roti_de_porc_a_la_moutarde": "",
    "potjevleesch_a_la_dunkerquoise": "",
    # végétariens : hors F08 à F10
    "chili_sin_carne_et_riz": "F04",
    "dahl_de_lentilles_corail_et_riz": "F04",
    "curry_de_pois_chiches_et_semoule": "F04",
    "parmentier_de_lentilles": "F04",
    "lasagnes_aux_epinards_et_a_la_ricotta": "F04",
    "omelette_a_la_mimolette": "F14",
    "welsh_au_cheddar_et_a_la_biere": "F14",
    "goyere_tarte_au_maroilles": "F10 F14",
    "quiche_aux_poireaux_et_a_la_mimolette": "F10 F14",
    # garnitures
    "chicons_braises_au_beurre": "F03",
    "carottes_vichy": "F03",
    "chou_fleur_persille": "F03",
    "fondue_de_poireaux_a_la_creme": "F03",
    "petits_pois_a_la_francaise": "F03",
    "puree_de_pommes_de_terre_maison": "F04",
    "riz_pilaf": "F04",
    "coquillettes_au_beurre": "F04",
    "lingots_du_nord_a_la_tomate": "F04",
    "gratin_dauphinois": "F04",
    "frites": "F04 F13",
    # laitages
    "mimolette": "F05",
    "maroilles_pasteurise": "F05",
    "gouda": "F05",
    "saint_paulin": "F05",
    "camembert": "F06",
    "coulommiers": "F06",
    "brie": "F06",
    "chevre_frais": "",
    "yaourt_nature": "F07",
    "fromage_blanc_nature": "F07",
    "petits_suisses_nature_4_pct": "F07",
    "petits_suisses_10_pct": "",
    # desserts
    "pomme": "F02",
    "poire": "F02",
    "banane": "F02",
    "clementines": "F02",
    "kiwi_a_la_cuillere": "F02",
    "riz_au_lait_a_la_vanille": "F07",
    "compote_de_pommes_sans_sucre_ajoute": "",
    "creme_caramel": "F07 F15",
    "tarte_au_sucre_du_nord": "F12",
    "gaufres_fines_fourrees_a_la_vergeoise": "F12",
}
"""Dish and criteria it counts for, as kitchen usage reads annexe I of the arrêté of 30 September 2011."""


@pytest.fixture(scope="module")
def book(seeds_database: Path) -> dict[str, BookRecipe]:
    """The recipe book of the seeds."""
    with Session(make_engine(f"sqlite:///{seeds_database}")) as session:
        return load_book(session)


@pytest.mark.parametrize(("code", "criteria"), TRADE.items())
def test_the_dishes_the_trade_names(book: dict[str, BookRecipe], code: str, criteria: str) -> None:
    """Each dish counts where a dietitian says it does, and nowhere else."""
    assert book[code].derived.criteria == {Critere(name) for name in criteria.split()}


def test_a_chief_overrules_with_a_reason(book: dict[str, BookRecipe]) -> None:
    """The chief's reading wins over list and composition; its reason is what the page shows."""
    entry = book["cordon_bleu_de_dinde"]
    override = TagOverride(
        recipe=entry.recipe.code, criterion="F14", counts=False, reason="fiche technique du 3 janvier"
    )
    derived = derive(entry.recipe, entry.lines, [override])
    tag = next(tag for tag in derived.tags if tag.criterion is Critere.F14)
    assert Critere.F14 not in derived.criteria
    assert (tag.origin, tag.why) == ("chef", "fiche technique du 3 janvier")


def test_near_a_threshold_is_to_confirm(book: dict[str, BookRecipe]) -> None:
    """71 g of cooked beef, for a limit of 70: the composition proves nothing."""
    tags = {tag.criterion: tag for tag in book["boeuf_aux_carottes"].derived.tags}
    assert tags[Critere.F08].counts
    assert tags[Critere.F08].confirm


def test_vegetarian_kinds(book: dict[str, BookRecipe]) -> None:
    """The kind follows what feeds; meat stock makes a dish no longer vegetarian."""
    assert book["dahl_de_lentilles_corail_et_riz"].derived.vegetarian is Vegetarien.CEREALE_LEGUMINEUSE
    assert book["omelette_a_la_mimolette"].derived.vegetarian is Vegetarien.OEUF
    assert book["carottes_vichy"].derived.vegetarian is Vegetarien.AUTRE
    with_stock = book["carbonade_flamande"]
    lines = [line for line in with_stock.lines if line[1].code in {"fond_brun", "oignon"}]
    assert derive(with_stock.recipe, lines).vegetarian is None


def test_allergens_and_season_follow_the_ingredients(book: dict[str, BookRecipe]) -> None:
    """Allergens are the union of the ingredients', season the months they share."""
    entry = book["welsh_au_cheddar_et_a_la_biere"]
    assert {"gluten", "lait"} <= set(entry.derived.allergens)
    assert book["fraises"].derived.season_months.isdisjoint({1, 2, 12})


def _tag(derived: Derived, criterion: Critere) -> Tag:
    return next(tag for tag in derived.tags if tag.criterion is criterion)


def _read(entry: BookRecipe, *sheets: ProductSheet) -> Derived:
    return derive(entry.recipe, entry.lines, sheets=sheets)


def test_a_supplier_sheet_comes_before_the_list(book: dict[str, BookRecipe]) -> None:
    """A gouda poor in calcium is not what the list names: its sheet decides and is named."""
    poor = ProductSheet("Crémartois", calcium_mg=400)
    tag = _tag(_read(book["gouda"], poor), Critere.F05)
    assert (tag.counts, tag.origin) == (False, "fiche")
    assert "fiche du fournisseur Crémartois" in tag.why
    assert _tag(_read(book["gouda"]), Critere.F05).origin == "liste"


def test_sheets_that_differ_leave_the_list_and_say_so(book: dict[str, BookRecipe]) -> None:
    """When it depends on the supplier, the list stands, « à confirmer »."""
    rich, poor = ProductSheet("Alpha", "bio", calcium_mg=700), ProductSheet("Bêta", calcium_mg=400)
    tag = _tag(_read(book["gouda"], rich, poor), Critere.F05)
    assert (tag.counts, tag.origin, tag.confirm) == (True, "liste", True)
    assert "dépend du fournisseur : oui d'après Alpha (bio), non d'après Bêta" in tag.why


def test_a_sheet_decides_only_what_it_declares(book: dict[str, BookRecipe]) -> None:
    """Calcium alone says nothing of a criterion that also asks for fat."""
    calcium = ProductSheet("Alpha", calcium_mg=50)
    assert _tag(_read(book["yaourt_nature"], calcium), Critere.F07).origin == "liste"
    both = ProductSheet("Alpha", calcium_mg=50, fat_g=1)
    assert not _tag(_read(book["yaourt_nature"], both), Critere.F07).counts


def test_a_sheet_says_nothing_of_the_oil_of_the_fryer(book: dict[str, BookRecipe]) -> None:
    """Breaded fish at 6 % as sold, fried in the kitchen, stays where the list puts it."""
    lean = ProductSheet("Alpha", protein_g=11, fat_g=6)
    entry = book["poisson_pane_au_citron"]
    baked = entry.recipe.model_copy(update={"equipment": ("four",)})
    fried = entry.recipe.model_copy(update={"equipment": ("friteuse",)})
    assert _tag(derive(baked, entry.lines, sheets=[lean]), Critere.F13).origin == "fiche"
    derived = derive(fried, entry.lines, sheets=[lean])
    assert _tag(derived, Critere.F13).origin == "liste"
    assert _tag(derived, Critere.F14).origin == "fiche"


def test_a_sheet_of_a_small_part_of_a_dish_does_not_decide(book: dict[str, BookRecipe]) -> None:
    """The yoghurt of a cake is not the dessert."""
    fat = ProductSheet("Alpha", protein_g=0, fat_g=90, sugar_g=90, calcium_mg=0)
    cake = book["gateau_au_yaourt_et_aux_pommes"]
    assert _read(cake, fat).tags == derive(cake.recipe, cake.lines).tags


def test_the_seeds_show_each_case(book: dict[str, BookRecipe]) -> None:
    """In the demonstration a sheet decides for mimolette; saint-nectaire depends on the reference."""
    assert _tag(book["mimolette"].derived, Critere.F05).origin == "fiche"
    depends = _tag(book["saint_nectaire_laitier"].derived, Critere.F05)
    assert depends.confirm
    assert "dépend du fournisseur" in depends.why


def _scaled(entry: BookRecipe, food: str, factor: float) -> list[Line]:
    return [
        (i.model_copy(update={"college_g": i.college_g * factor}) if f.code == food else i, f)
        for i, f in entry.lines
    ]


def test_prepared_fish_has_twice_as_much_protein_as_fat(book: dict[str, BookRecipe]) -> None:
    """A brandade drowned in oil stops counting as fish; a fillet in as much oil still does."""
    brandade, fillet = book["brandade_de_morue_gratinee"], book["filet_de_truite_au_beurre_d_amandes"]
    oil = next(f.code for _, f in brandade.lines if (f.fat_g or 0) > 90)
    assert Critere.F09 not in derive(brandade.recipe, _scaled(brandade, oil, 4)).criteria
    fat = next(f.code for _, f in fillet.lines if (f.fat_g or 0) > 80)
    assert Critere.F09 in derive(fillet.recipe, _scaled(fillet, fat, 4)).criteria


def test_half_of_raw_vegetables_is_enough(book: dict[str, BookRecipe]) -> None:
    """50 % of crudités count; a little less do not."""
    entry = book["carottes_rapees_au_citron"]
    recipe = entry.recipe.model_copy(update={"published_tags": ()})
    raw = [line for line in entry.lines if line[1].code == "carotte"]
    cooked = [
        line for line in book["lentilles_vinaigrette_a_l_echalote"].lines if line[1].group == "legumineuse"
    ]
    grams_raw = edible_g(raw[0])
    for share, counts in ((1.0, True), (1.02, False)):
        factor = grams_raw / edible_g(cooked[0]) * share
        other = (cooked[0][0].model_copy(update={"college_g": cooked[0][0].college_g * factor}), cooked[0][1])
        assert (Critere.F01 in derive(recipe, [*raw, other]).criteria) is counts


def test_a_raw_salad_beside_the_plat_is_no_cooked_vegetable(book: dict[str, BookRecipe]) -> None:
    """Served as garnish, a green salad counts among the crudités only."""
    entry = book["salade_verte_aux_croutons"]
    aside = entry.recipe.model_copy(update={"slot": "garniture", "published_tags": ()})
    assert derive(aside, entry.lines).criteria == {Critere.F01}


@pytest.mark.parametrize(("calcium", "confirm"), [(480, True), (420, False), (340, True)])
def test_both_ends_of_the_middle_cheeses_are_to_confirm(
    book: dict[str, BookRecipe], calcium: float, confirm: bool
) -> None:
    """Between 100 and 150 mg of calcium, near either end, the tag is to confirm."""
    entry = book["camembert"]
    (tag,) = [
        t for t in _read(entry, ProductSheet("Alpha", calcium_mg=calcium)).tags if t.criterion is Critere.F06
    ]
    assert tag.counts
    assert tag.confirm is confirm
