"""Criteria derived from recipes, held against the dishes that the trade names (and its traps)."""

from pathlib import Path

import pytest
from sqlmodel import Session

from cantine.db import make_engine
from cantine.recipes.book import BookRecipe, load_book
from cantine.recipes.derive import derive
from cantine.recipes.models import TagOverride
from optim.terms import Critere, Vegetarien

TRADE = {
    # viandes non hachées
    "carbonade_flamande": "F08",
    "boeuf_bourguignon": "F08",
    "pot_au_feu_et_ses_legumes": "F03 F08",
    "blanquette_de_veau_a_l_ancienne": "F08",
    # poissons
    "lieu_noir_au_maroilles": "F09",
    "cabillaud_a_la_dieppoise": "F09",
    "colin_meuniere_au_citron": "F09",
    # composés
    "hachis_parmentier": "F04",
    "chicons_au_jambon_gratines": "F03 F10",
    "choucroute_garnie": "F03 F14",
    "poisson_pane_au_citron": "F10 F13",
    "cordon_bleu_de_dinde": "F10 F13 F14",
    "saucisse_fumee_du_nord": "F14",
    "waterzoi_de_poulet": "",
    # végétariens : hors F08 à F10
    "chili_sin_carne_et_riz": "F04",
    "parmentier_de_lentilles": "F04",
    "welsh_au_cheddar_et_a_la_biere": "F14",
    # garnitures, laitages, desserts
    "carottes_vichy": "F03",
    "mimolette": "F05",
    "camembert": "F06",
    "yaourt_nature": "F07",
    "pomme": "F02",
}


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
