"""Pages of menus, proposals, purchases and recipes, as a browser without script sees them."""

import json
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.french import cents
from cantine.menus.models import Dish, Service
from cantine.planning.alternatives import swap_panel
from cantine.planning.board import load_board
from cantine.planning.chart import staircase
from cantine.planning.models import PlannedPurchase, Run
from cantine.planning.placing import criteria_moved, placed, variant
from cantine.planning.purchases import load_orders, missed
from cantine.recipes.models import TagOverride
from cantine.reports.reading import load_reading
from cantine.reports.recipe_sheet import recipe_sheet
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering
from optim.terms import Slot
from tests.cantine.plans import finished_run, told
from tests.cantine.site import OTHER, OWN, Site

DAY = "2027-01-05"
BASE = f"/cuisines/{OWN}"
PLACE = {"date": DAY, "composante": "plat", "rang": "1"}


@pytest.fixture
def chief(site: Site, put_menus: Callable[[Engine], None]) -> FlaskClient:
    """The chief's browser, with menus in place."""
    put_menus(site.engine)
    return site.signed_in("chef")


@pytest.fixture
def rung(site: Site) -> list[int]:
    """Runs whose doorbell was rung."""
    calls: list[int] = []
    site.app.extensions["ring"] = calls.append
    return calls


def text_of(page: str) -> str:
    """Words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("&#39;", "'")


def version_of(site: Site, day: str = DAY) -> int:
    """The version of a service."""
    with Session(site.engine) as session:
        row = session.get(Service, (OWN, date.fromisoformat(day)))
        return row.version if row else 0


def recipe_at(site: Site, slot: str = "plat") -> str | None:
    """The recipe in a place."""
    with Session(site.engine) as session:
        row = session.get(Dish, (OWN, date.fromisoformat(DAY), slot, 1))
        return row.recipe if row else None


def put_run(site: Site, state: str, **columns: object) -> int:
    """A run in some state."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        run.state = state
        for name, value in columns.items():
            setattr(run, name, value)
        session.add(run)
        session.commit()
        assert run.id is not None
        return run.id


@pytest.mark.parametrize(
    ("grants", "page"),
    [
        ([("chef", OWN)], f"{BASE}/semaine"),
        ([("gestionnaire", OWN)], f"{BASE}/a-commander"),
        ([("acheteur", OWN)], f"{BASE}/a-commander"),
        ([("chef", OWN), ("gestionnaire", OWN)], f"{BASE}/semaine"),
        ([("chef", OTHER), ("gestionnaire", OWN)], f"{BASE}/a-commander"),
        ([("departement", "")], "/departement"),
        ([], "/cuisines"),
    ],
)
def test_home_opens_what_one_works_on(site: Site, grants: list[tuple[str, str]], page: str) -> None:
    """The chief lands on the week, who buys on the orders, the département on all of its kitchens."""
    browser = site.browser(site.person(*grants))
    assert browser.get("/").headers["Location"] == page
    assert browser.get(page).status_code == 200


def test_the_week_tells_what_to_decide(site: Site) -> None:
    """Without menus, the first card proposes some; no page without a next step."""
    page = text_of(site.signed_in("chef").get(f"{BASE}/semaine").text)
    assert "Lundi 4 janvier" in page
    assert "Pas de menu à partir du lundi 4 janvier" in page
    assert "Proposer des menus" in page


def test_the_week_shows_menus_deliveries_and_papers(chief: FlaskClient) -> None:
    """Diners, dishes, tomorrow's deliveries, the production sheet."""
    page = chief.get(f"{BASE}/semaine")
    assert "435" in page.text
    assert "Livraisons, " in page.text
    assert f"/impressions/fiche-production?date={DAY}" in page.text


def test_the_week_shows_at_most_three_cards(chief: FlaskClient) -> None:
    """The rest waits behind a link."""
    page = chief.get(f"{BASE}/semaine").text
    head = page.split("ct-more")[0]
    assert head.count("<article") <= 3


def test_a_headcount_that_differs_is_taken_with_one_button(site: Site, chief: FlaskClient) -> None:
    """The sites announce fewer diners than the menu: one card, one button."""
    with Session(site.engine) as session:
        row = session.get_one(Service, (OWN, date(2027, 1, 7)))
        row.college, row.version = 500, row.version + 1
        session.add(row)
        session.commit()
    page = chief.get(f"{BASE}/semaine").text
    assert "80\u00a0repas de moins annoncés par les sites" in page
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    card = next(form for form in forms if "effectif des sites" in form)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', card))
    assert chief.post(f"{BASE}/menus/effectif", data=fields).status_code == 303
    with Session(site.engine) as session:
        assert session.get_one(Service, (OWN, date(2027, 1, 7))).college == 420


def test_a_week_of_holidays_has_a_next_step(chief: FlaskClient) -> None:
    """A closed week leads to the next one."""
    page = chief.get(f"{BASE}/semaine?date=2027-02-22").text
    assert "Pas de service cette semaine" in page
    assert "Semaine suivante" in page


def test_the_grid_shows_counters_costs_and_acts(chief: FlaskClient) -> None:
    """Fifteen counters, the day's cost, and the acts of each dish."""
    page = chief.get(f"{BASE}/menus").text
    assert page.count('class="ct-rule__label"') == 15
    assert "légumes cuits" in page
    assert "par repas, sur 2,40\u00a0€ TTC" in page
    assert "F03" not in text_of(page)
    for word in ("Changer", "Écarter", "Garder"):
        assert word in page


@pytest.mark.parametrize(("view", "words"), [("allergenes", "ct-allergens"), ("co2e", "i-co2")])
def test_one_line_under_each_dish_is_chosen_above(chief: FlaskClient, view: str, words: str) -> None:
    """Labels, allergens or gas."""
    assert words in chief.get(f"{BASE}/menus?vue={view}").text.split("</header>")[1]


def test_an_empty_grid_proposes_menus(site: Site) -> None:
    """The form of a proposal is already open."""
    page = site.signed_in("chef").get(f"{BASE}/menus?du=2027-03-01").text
    assert "À partir du" in page
    assert "pas encore de menu" in page or "À choisir" in page


def test_a_reader_sees_the_grid_without_acts(site: Site, chief: FlaskClient) -> None:
    """The buyer reads; nothing to press that would be refused."""
    assert chief.get(f"{BASE}/menus").status_code == 200
    page = site.signed_in("acheteur").get(f"{BASE}/menus").text
    assert "ct-actions" not in page.split("</header>")[1]
    assert "Proposer des menus" not in page


def test_the_panel_of_a_dish_lists_alternatives(chief: FlaskClient) -> None:
    """Name, cost, a button each, and a search box that works without script."""
    page = chief.get(f"{BASE}/menus/changer", query_string=PLACE).text
    assert "Changer le plat" in page
    assert page.count("Choisir</button>") == 10
    found = chief.get(f"{BASE}/menus/changer", query_string={**PLACE, "q": "zzz"}).text
    assert "Aucune recette ne correspond à « zzz »" in found


def test_choosing_goes_back_to_the_place(site: Site, chief: FlaskClient) -> None:
    """A plain form: 303 to the anchor of the dish, on this site only."""
    panel = chief.get(f"{BASE}/menus/changer", query_string=PLACE).text
    recipe = re.findall(r'name="recette" value="([^"]+)"', panel)[0]
    data = {**PLACE, "recette": recipe, "version": version_of(site), "retour": "https://ailleurs.example/"}
    answer = chief.post(f"{BASE}/menus/changer", data=data)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{BASE}/menus?du={DAY}#c-{DAY}-plat-1"
    assert recipe_at(site) == recipe
    assert "Votre choix" in chief.get(f"{BASE}/menus").text


def test_keep_ban_exclude_validate_by_plain_forms(site: Site, chief: FlaskClient) -> None:
    """Each act is one form; the page then says what happened."""
    keep = chief.post(f"{BASE}/menus/garder", data={**PLACE, "garder": "1", "version": version_of(site)})
    assert keep.headers["Location"].endswith(f"#c-{DAY}-plat-1")
    chief.post(f"{BASE}/menus/ecarter", data={**PLACE, "version": version_of(site)})
    assert recipe_at(site) is None
    assert "À choisir" in chief.get(f"{BASE}/menus").text
    day = {"date": DAY, "version": version_of(site), "raison": "grève"}
    chief.post(f"{BASE}/menus/jour", data=day)
    assert "Sans service" in chief.get(f"{BASE}/menus").text
    assert "grève" in chief.get(f"{BASE}/menus?jour={DAY}").text
    chief.post(f"{BASE}/menus/jour", data={"date": DAY, "version": version_of(site), "remettre": "1"})
    week = {f"version-{d}": version_of(site, d) for d in ("2027-01-04", "2027-01-07")}
    chief.post(f"{BASE}/menus/valider", data={"jour": ["2027-01-04", "2027-01-07"], **week})
    with Session(site.engine) as session:
        assert session.get_one(Service, (OWN, date(2027, 1, 7))).status == "valide"


def test_a_banned_dish_is_taken_back_from_the_day(site: Site, chief: FlaskClient) -> None:
    """The panel of the day lists what was set aside."""
    recipe = recipe_at(site)
    chief.post(f"{BASE}/menus/ecarter", data={**PLACE, "version": version_of(site)})
    assert f'value="{recipe}"' in chief.get(f"{BASE}/menus?jour={DAY}").text
    data = {"date": DAY, "recette": recipe, "reprendre": "1", "version": version_of(site)}
    assert chief.post(f"{BASE}/menus/ecarter", data=data).status_code == 303


def test_two_people_at_once_see_both_versions(site: Site, chief: FlaskClient) -> None:
    """409, the colleague's version, one's own, and the choice to press on."""
    opened = version_of(site)
    chief.post(f"{BASE}/menus/garder", data={**PLACE, "garder": "1", "version": opened})
    other = site.signed_in("gestionnaire")
    data = {"date": DAY, "college": "300", "adulte": "9", "raison": "sortie", "version": opened}
    answer = other.post(f"{BASE}/menus/effectif", data=data)
    assert answer.status_code == 409
    page = text_of(answer.text)
    assert "Un collègue a changé ce menu" in page
    assert "(gardé)" in page
    assert "300" in page
    version = re.findall(r'name="version" value="(\d+)"', answer.text)[-1]
    assert other.post(f"{BASE}/menus/effectif", data={**data, "version": version}).status_code == 303
    with Session(site.engine) as session:
        assert session.get_one(Service, (OWN, date.fromisoformat(DAY))).college == 300


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("garder", {"date": "demain", "composante": "plat"}),
        ("garder", {"date": DAY, "composante": "fromage"}),
        ("jour", {"date": DAY, "raison": ""}),
    ],
)
def test_what_cannot_be_read_is_said_in_french(chief: FlaskClient, path: str, data: dict[str, str]) -> None:
    """No crash, no half change."""
    answer = chief.post(f"{BASE}/menus/{path}", data=data)
    assert answer.status_code in {400, 409}
    assert "<html" in answer.text


def test_a_headcount_that_cannot_be_opens_the_day_again(chief: FlaskClient) -> None:
    """The reason is said beside the form, not on a page that loses it."""
    answer = chief.post(f"{BASE}/menus/effectif", data={"date": DAY, "college": "12,5O"})
    assert answer.status_code == 303
    assert f"jour={DAY}" in answer.location
    page = chief.get(answer.location).text
    assert "« 12,5O » n&#39;est pas un nombre entier" in page
    assert 'id="e-college"' in page


def test_proposing_writes_a_run_and_rings(site: Site, rung: list[int]) -> None:
    """The request returns at once; the worker is told."""
    chief = site.signed_in("chef")
    data = {"profil": "local", "du": "2027-01-04", "repas": "20", "duree": "60"}
    answer = chief.post(f"{BASE}/proposer", data=data)
    assert answer.status_code == 303
    with Session(site.engine) as session:
        run = session.exec(select(Run)).one()
        assert (run.profile, run.services, run.state, [run.id]) == ("local", 20, "attente", rung)
    assert "Recherche en cours" in chief.get(answer.headers["Location"]).text
    assert chief.post(f"{BASE}/proposer", data=data).status_code == 409


@pytest.mark.parametrize("change", [{"repas": "0"}, {"repas": "61"}, {"duree": "7"}, {"profil": "rien"}])
def test_an_impossible_proposal_is_refused(site: Site, rung: list[int], change: dict[str, str]) -> None:
    """Neither zero meals, nor a year, nor an unknown profile."""
    data = {"profil": "local", "du": "2027-01-04", "repas": "20", "duree": "60", **change}
    assert site.signed_in("chef").post(f"{BASE}/proposer", data=data).status_code in {400, 404}
    assert not rung


def test_progress_is_a_piece_of_page_that_asks_again(site: Site, chief: FlaskClient) -> None:
    """Time, today beside the proposal, the saving still possible, « Arrêter et voir »."""
    number = put_run(site, "calcul", progress=json.dumps(told(34.0)), result="")
    url = f"{BASE}/propositions/{number}"
    assert chief.get(url).status_code == 303
    piece = chief.get(url, headers={"X-Fragment": "1"}).text
    assert "data-poll" in piece
    assert "34 s sur 60 s" in piece
    assert "économie encore possible : au plus 1,2 c par repas" in text_of(piece).lower()
    assert "Arrêter et voir" in piece
    assert chief.post(f"{url}/arreter").status_code == 303
    assert "arrêt demandé" in chief.get(url, headers={"X-Fragment": "1"}).text


def test_a_finished_search_opens_the_proposal_in_the_grid(site: Site, chief: FlaskClient) -> None:
    """The menus in place stay until accepted."""
    number = put_run(site, "fini")
    piece = chief.get(f"{BASE}/propositions/{number}", headers={"X-Fragment": "1"}).text
    assert f"proposition={number}" in piece
    assert "data-poll" not in piece
    page = chief.get(f"{BASE}/menus?proposition={number}").text
    assert "Vous regardez une proposition." in page
    assert "Accepter" in page


def test_accepting_puts_menus_and_purchases_in_place(site: Site) -> None:
    """Then there is something to order."""
    chief = site.signed_in("chef")
    number = put_run(site, "fini")
    assert chief.post(f"{BASE}/propositions/{number}/accepter").status_code == 303
    assert recipe_at(site)
    with Session(site.engine) as session:
        assert session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN)).first()
    assert chief.post(f"{BASE}/propositions/{number}/accepter").status_code == 409


def test_discarding_changes_nothing(site: Site, chief: FlaskClient) -> None:
    """The proposal is gone, the menus are the same."""
    before, number = recipe_at(site), put_run(site, "fini")
    chief.post(f"{BASE}/propositions/{number}/ecarter")
    assert recipe_at(site) == before
    assert 'id="proposition"' not in chief.get(f"{BASE}/menus").text


def test_a_failed_search_says_why_and_what_next(site: Site, chief: FlaskClient) -> None:
    """A sentence, and a way to try otherwise."""
    put_run(site, "echec", error="Aucun menu ne tient toutes les règles.", result="")
    page = chief.get(f"{BASE}/menus").text
    assert "Aucun menu ne tient toutes les règles." in page
    assert "Essayer autrement" in page
    assert "Une proposition n'a pas abouti" in text_of(chief.get(f"{BASE}/semaine").text)


def test_a_proposal_of_another_kitchen_is_not_found(site: Site, chief: FlaskClient) -> None:
    """Neither read nor decided through one's own kitchen."""
    with Session(site.engine) as session:
        number = finished_run(session, OTHER).id
        session.commit()
    assert chief.post(f"{BASE}/propositions/{number}/accepter").status_code == 404


def test_purchases_say_what_from_whom_and_what_it_feeds(site: Site, chief: FlaskClient) -> None:
    """By supplier and delivery: packs, kilos, price, deadline, dishes."""
    page = chief.get(f"{BASE}/a-commander").text
    assert "Boucher" in page
    assert "limite" in page
    assert re.search(r'name="p:boucher-[^"]+" value="\d+"', page)
    assert re.search(r"<span class=\"ct-small\">colis", page)
    with Session(site.engine) as session:
        boucher = session.get_one(Supplier, "boucher")
        boucher.min_order_ht = 99_999  # type: ignore[assignment]
        session.add(boucher)
        session.commit()
    assert re.search(r"minimums? non atteints?", chief.get(f"{BASE}/a-commander").text)


def test_purchases_flag_what_a_hand_edit_left_uncovered(site: Site, chief: FlaskClient) -> None:
    """More diners than bought for: the foods that lack are named."""
    assert "ne sont pas couverts" not in chief.get(f"{BASE}/a-commander").text
    data = {"date": DAY, "college": "800", "adulte": "15", "version": version_of(site)}
    chief.post(f"{BASE}/menus/effectif", data=data)
    page = chief.get(f"{BASE}/a-commander").text
    assert "ne sont pas couverts" in page
    assert "il manque" in page


def test_no_purchase_yet_leads_to_a_proposal(site: Site) -> None:
    """No empty page without a next step."""
    page = site.signed_in("chef").get(f"{BASE}/a-commander").text
    assert "Aucun achat prévu" in page
    assert "Proposer des menus" in page


def test_a_recipe_scales_to_any_number_of_diners(chief: FlaskClient, site: Site) -> None:
    """Twice the diners, twice the grams; cost, nutrition and criteria in words."""
    code = recipe_at(site)
    one = chief.get(f"/fiches/{code}?college=100&adulte=0").text
    assert "100\u00a0convives" in one
    for words in ("Par portion de collégien, HT", "Énergie", "Allergènes", "Ce plat compte pour", "Étapes"):
        assert words in one
    assert "F08" not in text_of(one)


def test_a_chief_overrules_a_criterion_with_a_reason(site: Site, chief: FlaskClient) -> None:
    """Kept with who, when, before and after; and it can be taken back."""
    code = recipe_at(site)
    url = f"/fiches/{code}/criteres"
    assert chief.post(url, data={"critere": "F10", "compte": "1", "raison": " "}).status_code == 400
    reason = "portion de 60 g sur la fiche"
    answer = chief.post(url, data={"critere": "F10", "compte": "1", "raison": reason})
    assert answer.headers["Location"].endswith("#k-F10")
    with Session(site.engine) as session:
        assert session.get_one(TagOverride, (code, "F10")).reason == reason
        entry = session.exec(select(JournalEntry).order_by(col(JournalEntry.id).desc())).first()
        assert entry is not None
        assert (entry.subject, reason in entry.after) == ("critere", True)
    assert reason in chief.get(f"/fiches/{code}").text.lower()
    chief.post(url, data={"critere": "F10", "oublier": "1"})
    with Session(site.engine) as session:
        assert session.get(TagOverride, (code, "F10")) is None
    assert chief.post(url, data={"critere": "F99", "compte": "1", "raison": "x"}).status_code == 400


def test_an_unknown_recipe_is_not_found(chief: FlaskClient) -> None:
    """404 in French."""
    assert chief.get("/fiches/soupe-aux-cailloux").status_code == 404


def test_the_staircase_needs_a_first_proposal() -> None:
    """Nothing drawn before; then the best goes down and the floor stays under it."""
    assert staircase([(1.0, None, 500.0)], 100, 60) is None
    drawn = staircase([(1.0, 1000.0, None), (5.0, 900.0, 700.0), (9.0, 880.0, 850.0)], 100, 60)
    assert drawn is not None
    assert drawn.floor_y is not None
    assert drawn.best_y < drawn.floor_y
    assert drawn.between.endswith("Z")


def test_a_demonstration_supposes_its_first_orders_gone(site: Site, chief: FlaskClient) -> None:
    """Nothing red for what nobody can order any more; a real site says which deadline was missed."""
    with Session(site.engine) as session:
        for supplier in session.exec(select(Supplier)):
            supplier.lead_days = 30
        session.commit()
    page = chief.get(f"{BASE}/a-commander").text
    assert "commande supposée partie" in page
    assert "passée</span>" not in page.replace("ées", "ée")
    assert "dates limites passées" not in chief.get(f"{BASE}/semaine").text
    with Session(site.engine) as session:
        orders = load_orders(session, OWN, load_ordering(session, date(2027, 1, 4)), {})
        late = missed(orders, date(2027, 1, 4), demonstration=False)
        assert late
        assert all(order.late and order.delivery >= date(2027, 1, 4) for order in late)


def test_a_portion_costs_the_same_on_page_and_paper(site: Site, chief: FlaskClient) -> None:
    """HT for a collégien at the cheapest offers, whether the day has its purchases or not."""
    code = recipe_at(site)
    assert code
    with Session(site.engine) as session:
        reading = load_reading(session, OWN, date(2027, 1, 5), date(2027, 1, 5))
        paper = recipe_sheet(reading, code, 450, date(2027, 1, 5))
    page = chief.get(f"/fiches/{code}?cuisine={OWN}&date={DAY}").text
    shown = re.search(r"Par portion de collégien, HT</dt><dd><b>([^<]+)<", page)
    assert shown
    assert shown.group(1) == cents(paper.cost_cents)


def test_effects_are_those_of_each_recipe_alone(site: Site, chief: FlaskClient) -> None:
    """Working out each kind of recipe once changes nothing to what is said of any of them."""
    assert chief
    with Session(site.engine) as session:
        day = date.fromisoformat(DAY)
        board = load_board(session, OWN, day, date(2027, 1, 4), opened=(day, Slot.PLAT))
        assert board is not None
        panel = swap_panel(board, (day, Slot.PLAT, 1), "", everything=True)
        assert panel is not None
        assert len(panel.alternatives) > 10
        for found in panel.alternatives:
            dish = placed(board, panel.day, Slot.PLAT, 1, found.recipe)
            alone = criteria_moved(board, variant(board, panel.day, dish))
            assert (found.repaired, found.broken) == alone
