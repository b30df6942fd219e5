"""Every change of menus, diners, criteria, rights and tables keeps who, when, what was and what is."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from cantine import tables_files, tables_remove, tables_web
from cantine.accounts.access import ACCESS
from cantine.accounts.models import JournalEntry
from cantine.app import TABLES
from cantine.cli import main
from cantine.clock import utc_now
from cantine.db import transaction
from cantine.menus.models import Dish, Service
from cantine.planning.models import Mishap
from cantine.recipes.models import Recipe
from cantine.suppliers.models import Supplier
from optim.plan import Concession, Plan, Result, Status, Way
from optim.terms import Critere
from tests.cantine.plans import accept_plan, finished_run
from tests.cantine.site import OTHER, OWN, PASSWORD, Site
from tests.cantine.test_pai import diners_form
from tests.cantine.test_web_tables import form_of

DAY = "2027-01-05"
BASE = f"/cuisines/{OWN}"
PLACE = {"composante": "plat", "rang": "1", "date": DAY}
ABSENCE = "/donnees/absences/PORT-BRUME~2027-01-19"


@dataclass
class Scene:
    """A site with menus in place, somebody to act, and somebody acted upon."""

    site: Site
    browser: FlaskClient
    target: int

    def version(self) -> str:
        """Version of the day."""
        with Session(self.site.engine) as session:
            return str(session.get_one(Service, (OWN, date.fromisoformat(DAY))).version)

    def act(self, name: str, **fields: str) -> int:
        """One act on the menus of the day."""
        form = {"date": DAY, "version": self.version(), **fields}
        return self.browser.post(f"{BASE}/menus/{name}", data=form).status_code

    def person(self, name: str, **fields: str) -> int:
        """One act on the person."""
        return self.browser.post(f"/utilisateurs/{self.target}/{name}", data=fields).status_code

    def decide(self, word: str) -> int:
        """Accept or discard a finished proposal for another menu."""
        with Session(self.site.engine) as session:
            number = finished_run(session, OTHER).id
            session.commit()
        return self.browser.post(f"/cuisines/{OTHER}/propositions/{number}/{word}").status_code

    def row(self, url: str, **fields: str) -> int:
        """Send the form of a row with some fields changed."""
        form = {**form_of(self.browser.get(url).text), **fields}
        return self.browser.post(url, data=form).status_code

    def other_recipe(self) -> str:
        """A plat that is not on the menu of the day."""
        with Session(self.site.engine) as session:
            here = select(Dish.recipe).where(Dish.kitchen == OWN, Dish.date == date.fromisoformat(DAY))
            query = select(Recipe.code).where(Recipe.slot == "plat", col(Recipe.code).not_in(here))
            return session.exec(query.order_by(Recipe.code)).first() or pytest.fail("no other plat")


def swap(scene: Scene) -> int:
    """Another plat."""
    return scene.act("changer", **PLACE, recette=scene.other_recipe())


def undo(scene: Scene) -> int:
    """The last act taken back."""
    scene.act("effectif", college="300", adulte="10", maternelle="0", elementaire="0", raison="compté")
    return scene.act("annuler")


def import_absences(scene: Scene) -> int:
    """A file that changes one absence, looked at then confirmed."""
    lines = scene.browser.get("/donnees/absences/export.csv").text.replace("310", "290")
    url = "/donnees/absences/importer"
    preview = scene.browser.post(url, data={"file": (io.BytesIO(lines.encode()), "absences.csv")}).text
    hidden = dict(re.findall(r'type="hidden" name="(name|content|mark)" value="([^"]*)"', preview))
    return scene.browser.post(url, data=hidden).status_code


def remove_absence(scene: Scene) -> int:
    """An absence that is no more."""
    return scene.row(f"{ABSENCE}/supprimer")


def diners(scene: Scene) -> int:
    """The usual diners and the PAI of a site."""
    url = "/donnees/effectifs/PORT-BRUME"
    return scene.browser.post(
        url, data={**diners_form(scene.browser), "college_1": "401", "pai": "6"}
    ).status_code


def new_absence(scene: Scene) -> int:
    """An absence to come."""
    return scene.row("/donnees/absences/nouveau", c_site=OWN, c_date="2027-01-21", c_reason="sortie")


def overrule(scene: Scene) -> int:
    """A criterion read otherwise."""
    form = {"critere": Critere.F02.value, "compte": "1", "raison": "avis de la diététicienne"}
    return scene.browser.post("/fiches/carbonade_flamande/criteres", data=form).status_code


def new_user(scene: Scene) -> int:
    """Somebody new with a first right."""
    form = {"name": "Dominique", "login": "dominique", "role": "chef", "kitchen": OWN}
    return scene.browser.post("/utilisateurs/nouveau", data=form).status_code


def contact(scene: Scene) -> int:
    """The contact of a supplier, erased."""
    return scene.browser.post("/donnees/fournisseurs/primeur/coordonnees/effacer").status_code


def engagement(scene: Scene) -> int:
    """The number of a supplier's orders."""
    form = {"fournisseur": "epicier", "livraison": DAY, "numero": "2027-0042", "avant": ""}
    return scene.browser.post(f"{BASE}/a-commander/engagement", data=form).status_code


def concede(scene: Scene) -> int:
    """A way out of a proposal without result, taken."""
    with Session(scene.site.engine) as session:
        run = finished_run(session, OTHER)
        fish = Concession(rule="F09", amount=1, label="accepter 1 poisson de moins", sentence="")
        way = Way(concessions=(fish,), plan=Plan(dishes=()))
        run.result = Result(status=Status.INFEASIBLE, ways=(way,)).model_dump_json()
        session.add(run)
        session.commit()
        number = run.id
    return scene.browser.post(
        f"/cuisines/{OTHER}/propositions/{number}/accorder", data={"voie": "0"}
    ).status_code


def mishap(scene: Scene) -> int:
    """A cold room out of order."""
    form = {"quoi": "froid", "zone": "froid_positif", "jusqu": DAY}
    return scene.browser.post(f"{BASE}/imprevu", data=form).status_code


def mishap_over(scene: Scene) -> int:
    """The same, over."""
    mishap(scene)
    with Session(scene.site.engine) as session:
        number = session.exec(select(Mishap.id)).one()
    return scene.browser.post(f"{BASE}/imprevu/{number}/termine").status_code


def more_diners(scene: Scene) -> int:
    """Ten diners more, told as a mishap."""
    form = {"quoi": "convives", "date": DAY, "nombre": "10", "sens": "plus", "raison": "sortie annulée"}
    return scene.browser.post(f"{BASE}/imprevu/repas", data=form).status_code


RIGHT = {"role": "chef", "kitchen": OWN}
ACTS: dict[str, tuple[Callable[[Scene], int], str, str]] = {
    "menus.keep": (lambda s: s.act("garder", **PLACE, garder="1"), "prévu", "(gardé)"),
    "menus.ban": (lambda s: s.act("ecarter", **PLACE, ecarter="1"), "plat", "écartés"),
    "menus.swap": (swap, "plat", "(gardé)"),
    "menus.exclude": (lambda s: s.act("jour", raison="grève"), "prévu", "grève"),
    "menus.diners": (
        lambda s: s.act("effectif", college="300", adulte="10", maternelle="0", elementaire="0"),
        "college",
        "300",
    ),
    "menus.validate": (
        lambda s: s.act("valider", **{"jour": DAY, f"version-{DAY}": s.version()}),
        "prévu",
        "validé",
    ),
    "menus.undo": (undo, "300", "college"),
    "planning.accept": (lambda s: s.decide("accepter"), "à décider", "accepte"),
    "planning.concede": (concede, "accordé : rien", "accepter 1 poisson de moins"),
    "planning.discard": (lambda s: s.decide("ecarter"), "à décider", "ecarte"),
    "mishaps.declare": (mishap, "", "jusqu'au"),
    "mishaps.end": (mishap_over, "jusqu'au", "terminé"),
    "mishaps.reschedule": (more_diners, "college", "sortie annulée"),
    "recipes.overrule": (overrule, "compte", "avis de la diététicienne"),
    "kitchens.diners_edit": (diners, '"paniers-repas PAI": "0"', '"paniers-repas PAI": "6"'),
    "tables.edit": (lambda s: s.row(f"{ABSENCE}/modifier", c_diners="300"), "310", "300"),
    "tables.new": (new_absence, "{}", "sortie"),
    "tables.import": (import_absences, "310", "290"),
    "tables.remove": (remove_absence, "stages de 3e", "{}"),
    "planning.engagement": (engagement, '"numéro": ""', '"numéro": "2027-0042"'),
    "suppliers.forget_contact": (contact, "gardées", "effacées"),
    "accounts.new_user": (new_user, "", "chef"),
    "accounts.grant": (lambda s: s.person("grant", role="acheteur", kitchen=OTHER), "", "acheteur"),
    "accounts.revoke": (lambda s: s.person("revoke", **RIGHT), "chef", ""),
    "accounts.reset": (lambda s: s.person("reset"), "en usage", "provisoire"),
    "accounts.activate": (lambda s: s.person("activate", active="0"), "actif", "fermé"),
    "accounts.anonymise": (lambda s: s.person("anonymise"), f"chef {OWN}", "anonymisé"),
}
"""Each page that changes something: the act, a word of what was, a word of what is."""
NOT_A_CHANGE = {
    "accounts.sign_in": "one's own session",
    "accounts.sign_out": "one's own session",
    "accounts.password": "one's own password",
    "accounts.keep_draft": "typed, not saved",
    "accounts.forget_draft": "typed, not saved",
    "planning.propose": "asks for a proposal, changes no menu",
    "planning.cancel": "stops a search, changes no menu",
    "planning.compare": "asks for a comparison, changes no menu",
    "planning.find_plans": "asks for several plans, changes no menu",
    "planning.stop": "stops a search, changes no menu",
    "planning.keep_plan": "makes a proposal of a plan; accepting it has its line",
    "planning.release": "made of keep, ban and discard, each with its line",
}
SHOWN_ELSEWHERE = {
    "events of an order, dated and signed (test_order_life.py, test_needs.py, test_ordered.py)": [
        *(f"planning.need_{act}" for act in ("add", "approve", "save", "staples")),
        *(f"planning.order_{act}" for act in ("amend", "cancel", "sent", "mend")),
        *("orders.group_new", "orders.group_undo"),
    ],
    "answers and announcements (test_answers.py, test_producer.py)": [
        *("producer.reply", "producer.keep_announcement", "orders.answer_seen", "orders.announcement_take"),
    ],
    "messages and links (test_sending_pages.py)": [
        f"sending.{act}" for act in ("send", "repeat", "arrived", "revoke")
    ],
    "receptions, and the book of the store (test_receptions.py, test_stock.py)": [
        *(f"stores.{act}" for act in ("start", "line", "add_line", "all_fine", "close", "reopen")),
        *(f"stores.{act}" for act in ("issue", "take_out", "throw_away", "count", "add_lot")),
        *("stores.begin_inventory", "stores.drop_inventory"),
    ],
    "the journal (test_invoices_pages.py)": [
        *(f"invoices.{act}" for act in ("deposit_files", "add", "change", "tie", "validate", "dispute")),
        *(f"invoices.{act}" for act in ("refuse", "reopen", "pay", "unpay")),
    ],
    "the journal (test_balance.py, test_ma_cantine_import.py)": [
        *("egalim.mend_purchase", "egalim.siret", "egalim.import_file", "egalim.import_file_all"),
        *("egalim.undo_import", "egalim.undo_import_all"),
    ],
    "the journal (test_price_lists.py, test_publishing_views.py)": [
        *("suppliers.price_list", "publishing.reason"),
    ],
}
"""Acts whose trace is looked at, act after act, elsewhere: what the trace is, and where."""
VERBS = {
    "edit": tables_web.edit_row,
    "new": tables_web.new_row,
    "import": tables_files.import_file,
    "remove": tables_remove.remove_row,
}


@pytest.fixture
def scene(site: Site) -> Scene:
    """Menus in place at Port-Brume, one person with every right, another with one."""
    with Session(site.engine) as session:
        accept_plan(session, OWN)
        session.commit()
    everything = [("chef", OWN), ("gestionnaire", OWN), ("departement", ""), ("administrateur", "")]
    browser = site.browser(site.person(*everything, login="actrice"))
    return Scene(site, browser, site.person(("chef", OWN), login="cible"))


def test_every_page_that_writes_is_told(site: Site) -> None:
    """A page that takes a post is in the list below, is one of the four of a table, or says why not."""
    elsewhere = {act for acts in SHOWN_ELSEWHERE.values() for act in acts}
    told, table_verbs = {*ACTS, *NOT_A_CHANGE, *elsewhere}, {}
    for page in TABLES:
        for verb, view in VERBS.items():
            found = site.app.view_functions[f"{page.endpoint}_{verb}"]
            assert found.__wrapped__ is view  # type: ignore[attr-defined]
            table_verbs[f"{page.endpoint}_{verb}"] = verb
    posts = {rule.endpoint for rule in site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts - set(table_verbs) == told - {f"tables.{verb}" for verb in VERBS}
    assert posts <= set(ACCESS)


@pytest.mark.parametrize("endpoint", ACTS)
def test_a_change_keeps_who_when_before_and_after(scene: Scene, endpoint: str) -> None:
    """One line at least, by the person, now, with what was and what is."""
    act, before, after = ACTS[endpoint]
    with Session(scene.site.engine) as session:
        last = max(session.exec(select(JournalEntry.id)).all(), default=0) or 0
    assert act(scene) in {200, 303}
    with Session(scene.site.engine) as session:
        lines = session.exec(
            select(JournalEntry).where(col(JournalEntry.id) > last).order_by(col(JournalEntry.id))
        ).all()
    assert lines, "nothing in the journal"
    line = lines[-1]
    assert utc_now() - line.at.replace(tzinfo=UTC) < timedelta(minutes=1)
    assert {one.user_id for one in lines} == {scene.target - 1}
    assert before in line.before
    assert after in line.after
    assert line.before != line.after


def test_an_accepted_proposal_tells_each_menu_it_replaced(scene: Scene) -> None:
    """Day by day: the menu that was, the menu that is."""
    scene.decide("accepter")
    with Session(scene.site.engine) as session:
        lines = session.exec(
            select(JournalEntry).where(JournalEntry.kitchen == OTHER, JournalEntry.subject == "menu")
        ).all()
    assert len(lines) >= 5
    assert all("plat" not in json.loads(line.before) for line in lines)
    assert all("plat" in json.loads(line.after) for line in lines)


def test_an_import_by_the_command_line_is_told(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows changed and rows added to what was there, by nobody signed in; a first load is no change."""
    folder = tmp_path / "paquet"
    folder.mkdir()
    text = scene.browser.get("/donnees/absences/export.csv").text
    (folder / "closures.csv").write_text(
        text.replace("310", "290") + "PORT-BRUME,2027-01-22,sortie,300\n", encoding="utf-8"
    )
    with Session(scene.site.engine) as session:
        count = len(session.exec(select(JournalEntry)).all())
    monkeypatch.setenv("CANTINE_HOME", str(scene.site.app.config["CANTINE"].home))
    assert main(["import", str(folder)]) == 0
    with Session(scene.site.engine) as session:
        changed, added = session.exec(select(JournalEntry).order_by(col(JournalEntry.id))).all()[count:]
    assert (json.loads(changed.before), json.loads(changed.after)) == ({"diners": "310"}, {"diners": "290"})
    assert (changed.kitchen, changed.user_id) == (OWN, None)
    assert (added.before, json.loads(added.after)["reason"]) == ("{}", "sortie")


def test_a_removed_supplier_leaves_no_contact(scene: Scene) -> None:
    """The journal tells the row that was, not how to reach the person."""
    with transaction(scene.site.engine) as session:
        old = session.get_one(Supplier, "primeur").model_dump()
        session.add(Supplier.model_validate({**old, "code": "nouveau", "email": "lise@ferme.example"}))
    assert scene.row("/donnees/fournisseurs/nouveau/supprimer") == 303
    with Session(scene.site.engine) as session:
        told = " ".join(line.before for line in session.exec(select(JournalEntry)))
    assert "nouveau" in told
    assert "lise@ferme.example" not in told


def test_a_draft_outlives_the_thirty_minutes(site: Site) -> None:
    """Typed, left alone for 31 minutes, signed out; offered back to the same person after signing in."""
    number = site.person(("chef", OWN), login="camille")
    page = "/donnees/absences/nouveau"
    browser = site.browser(number)
    kept = browser.post("/brouillon", json={"form": page, "fields": {"c_reason": "sortie"}})
    assert kept.status_code == 200
    with browser.session_transaction() as cookie:
        cookie["seen"] = int((utc_now() - timedelta(minutes=31)).timestamp())
    assert browser.get(page).location == f"/connexion?next={page}"
    assert browser.get("/brouillon", query_string={"form": page}).status_code == 303
    assert browser.post("/connexion", data={"login": "camille", "password": PASSWORD}).status_code == 303
    answer = browser.get("/brouillon", query_string={"form": page})
    assert answer.json["fields"] == {"c_reason": "sortie"}
