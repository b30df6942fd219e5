"""Removing a row: asked once, told in the journal, refused in words while something needs it."""

import html
import json
import re
from datetime import date

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.foods.models import Food
from cantine.kitchens.models import Closure
from cantine.planning.models import Profile
from cantine.recipes.models import Recipe, RecipeIngredient
from cantine.suppliers.models import Offer, Supplier
from tests.cantine.plans import accept_plan
from tests.cantine.site import OWN, Site
from tests.cantine.test_web_tables import form_of

UNUSED = "plat-oublie"


def add_unused(site: Site) -> None:
    """A recipe that no menu holds, with one ingredient."""
    with Session(site.engine) as session:
        model = session.exec(select(Recipe).where(Recipe.slot == "plat")).first()
        assert model is not None
        session.add(Recipe(**{**model.model_dump(), "code": UNUSED, "name": "Plat oublié"}))
        session.flush()
        line = session.exec(select(RecipeIngredient)).first()
        assert line is not None
        session.add(RecipeIngredient(**{**line.model_dump(), "recipe": UNUSED}))
        session.commit()


def confirm(browser: FlaskClient, url: str) -> int:
    """Open the page and press its button; give the answer's status."""
    page = browser.get(url).text
    mark = re.search(r'name="shown" value="([^"]*)"', page)
    return browser.post(url, data={"shown": mark.group(1) if mark else ""}).status_code


def test_a_recipe_goes_with_its_ingredients_and_into_the_journal(site: Site) -> None:
    """Who removed it, and everything it held."""
    add_unused(site)
    chief = site.signed_in("chef")
    assert "Supprimer" in chief.get(f"/recettes/{UNUSED}/modifier").text
    assert "Rien d'autre ne s'en sert" in html.unescape(chief.get(f"/recettes/{UNUSED}/supprimer").text)
    assert confirm(chief, f"/recettes/{UNUSED}/supprimer") == 303
    with Session(site.engine) as session:
        assert session.get(Recipe, UNUSED) is None
        assert not session.exec(select(RecipeIngredient).where(RecipeIngredient.recipe == UNUSED)).all()
        entry = session.exec(select(JournalEntry).order_by(col(JournalEntry.id).desc())).first()
        assert entry is not None
        assert entry.key == f"recipes/{UNUSED}"
        assert json.loads(entry.before)["name"] == "Plat oublié"
        assert entry.user_id is not None


def test_what_is_in_use_is_refused_with_its_users_named(site: Site) -> None:
    """Menus for a recipe, recipes for a food, offers for a supplier: rows and names, nothing lost."""
    with Session(site.engine) as session:
        accept_plan(session, OWN)
        session.commit()
        offer = session.exec(select(Offer).order_by(col(Offer.name))).first()
        assert offer is not None
        supplier, food, name = offer.supplier, offer.food, offer.name
    manager = site.signed_in("departement", "")
    for url, words in (
        (f"/donnees/fournisseurs/{supplier}/supprimer", "Offres"),
        (f"/donnees/aliments/{food}/supprimer", "Ingrédients des recettes"),
        (f"/donnees/cuisines/{OWN}/supprimer", "Lieux de repas"),
    ):
        page = html.unescape(manager.get(url).text)
        assert "sert encore" in page
        assert words in page
        assert manager.post(url, data={"shown": ""}).status_code == 409
    assert name in html.unescape(manager.get(f"/donnees/fournisseurs/{supplier}/supprimer").text)
    with Session(site.engine) as session:
        assert session.get(Supplier, supplier)
        assert session.get(Food, food)


def test_a_row_changed_meanwhile_is_not_removed(site: Site) -> None:
    """The person confirms what they have read."""
    add_unused(site)
    chief = site.signed_in("chef")
    answer = chief.post(f"/recettes/{UNUSED}/supprimer", data={"shown": "ancien"})
    assert answer.status_code == 409
    with Session(site.engine) as session:
        assert session.get(Recipe, UNUSED)


def test_a_closure_is_removed_by_its_kitchen_only(site: Site) -> None:
    """One's own absence, not the neighbour's."""
    with Session(site.engine) as session:
        session.add(Closure(site="PORT-BRUME", date=date(2027, 1, 26), reason="sortie"))
        session.add(Closure(site="ECOLE-SALINES", date=date(2027, 1, 26), reason="sortie"))
        session.commit()
    chief = site.signed_in("chef")
    assert confirm(chief, "/donnees/absences/PORT-BRUME~2027-01-26/supprimer") == 303
    assert chief.get("/donnees/absences/ECOLE-SALINES~2027-01-26/supprimer").status_code == 403
    with Session(site.engine) as session:
        assert session.get(Closure, ("PORT-BRUME", date(2027, 1, 26))) is None
        assert session.get(Closure, ("ECOLE-SALINES", date(2027, 1, 26)))


def test_profiles_are_read_by_all_and_changed_by_the_departement(site: Site) -> None:
    """Prices in euros with what they mean; they are typed in euros; a chief only reads."""
    page = html.unescape(site.signed_in("chef").get("/donnees/profils").text)
    assert "0,20\u00a0€" in page
    assert "passent toujours avant" in page
    assert "Modifier" not in page
    manager = site.signed_in("departement", "")
    form = html.unescape(manager.get("/donnees/profils/equilibre/modifier").text)
    assert form_of(form)["c_local_permille"] == "0,20"
    typed = {**form_of(form), "c_local_permille": "0,30"}
    refused = manager.post("/donnees/profils/equilibre/modifier", data=typed)
    assert "jamais plus qu'il ne coûte" in html.unescape(refused.text)
    typed["c_local_permille"] = "0,1"
    answer = manager.post("/donnees/profils/equilibre/modifier", data=typed)
    assert answer.status_code == 303
    with Session(site.engine) as session:
        assert session.get_one(Profile, "equilibre").local_permille == 100
        entry = session.exec(select(JournalEntry).order_by(col(JournalEntry.id).desc())).first()
        assert entry is not None
        assert (entry.key, json.loads(entry.after)) == ("profiles/equilibre", {"local_permille": "100"})
