"""One table of rights against every page of the site."""

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from cantine.accounts.access import ACCESS, allowed
from cantine.accounts.models import ROLES
from tests.cantine.site import OTHER, OWN, Site

ARGUMENTS: dict[str, dict[str, object]] = {
    "kitchen": {OWN: OWN, OTHER: OTHER},
    "site": {OWN: "PORT-BRUME", OTHER: "ECOLE-SALINES"},
    "name": {OWN: "B612-Regular.otf", OTHER: "B612-Bold.otf"},
    "filename": {OWN: "cantine.css", OTHER: "cantine.js"},
    "kind": {OWN: "csv", OTHER: "xlsx"},
    "code": {OWN: "rien", OTHER: "rien"},
    "family": {OWN: "10.10", OTHER: "a-classer"},
    "recipe": {OWN: "rien", OTHER: "rien"},
    "run_id": {OWN: 1, OTHER: 1},
    "order_id": {OWN: 1, OTHER: 1},
    "message_id": {OWN: 1, OTHER: 1},
    "answer_id": {OWN: 1, OTHER: 1},
    "announcement_id": {OWN: 1, OTHER: 1},
    "token": {OWN: "rien", OTHER: "rien"},
    "mishap_id": {OWN: 1, OTHER: 1},
    "group_id": {OWN: 1, OTHER: 1},
    "reception_id": {OWN: 1, OTHER: 1},
    "line_id": {OWN: 1, OTHER: 1},
    "photo_id": {OWN: 1, OTHER: 1},
    "invoice_id": {OWN: 1, OTHER: 1},
    "file_id": {OWN: 1, OTHER: 1},
    "purchase_id": {OWN: 1, OTHER: 1},
    "import_id": {OWN: 1, OTHER: 1},
    "inventory_id": {OWN: 1, OTHER: 1},
}
"""Values of the arguments of addresses, for the own kitchen and for another one."""
PARTICULAR = {("reports.pdf", "name"): "menu"}
"""Values of arguments that mean something else on one page."""
KEYS = {
    "kitchens.colleges_edit": {OWN: "0990001A", OTHER: "0990003C"},
    "kitchens.kitchens_edit": {OWN: OWN, OTHER: OTHER},
    "kitchens.sites_edit": {OWN: "PORT-BRUME", OTHER: "ECOLE-SALINES"},
    "kitchens.diner_rows_edit": {OWN: "PORT-BRUME~1", OTHER: "ECOLE-SALINES~1"},
    "kitchens.closures_edit": {OWN: "PORT-BRUME~2027-01-19"},
    "kitchens.calendar_edit": {OWN: "2027-02-08"},
    "kitchens.settings_edit": {OWN: "departement_name"},
    "suppliers.staples_edit": {OWN: f"{OWN}~sel", OTHER: f"{OTHER}~sel"},
    "suppliers.stock_edit": {OWN: f"{OWN}~riz~2027-09-30", OTHER: f"{OTHER}~riz~2027-09-30"},
}
"""Keys of rows, for tables whose rows belong to a kitchen."""
KEYS |= {name.replace("_edit", "_remove"): rows for name, rows in KEYS.items()}
OWNED = {"kitchens.closures_edit", "kitchens.diners_edit", *KEYS} - {
    "kitchens.calendar_edit",
    "kitchens.settings_edit",
    "kitchens.calendar_remove",
    "kitchens.settings_remove",
}


def address(site: Site, rule: Rule, place: str, target: int) -> str | None:
    """The address of a page about ``place``; None when there is no such row in this département."""
    values: dict[str, object] = {}
    for argument in rule.arguments:
        if argument == "user_id":
            values[argument] = target
        elif argument == "key":
            values[argument] = KEYS.get(rule.endpoint, {}).get(place, "rien")
        elif (rule.endpoint, argument) in PARTICULAR:
            values[argument] = PARTICULAR[rule.endpoint, argument]
        elif argument in ARGUMENTS:
            values[argument] = ARGUMENTS[argument][place]
        else:
            pytest.fail(f"{rule.endpoint}: say in ARGUMENTS what « {argument} » may be")
    if values.get("key") == "rien" and rule.endpoint in OWNED:
        return None
    with site.app.test_request_context():
        return site.app.url_for(rule.endpoint, **values)


def rules(site: Site) -> Iterator[tuple[Rule, str]]:
    """Every page, with the method that does something."""
    for rule in site.app.url_map.iter_rules():
        methods = rule.methods or set()
        yield from ((rule, method) for method in ("GET", "POST") if method in methods)


def test_every_page_is_in_the_table(site: Site) -> None:
    """A page that nobody thought about is refused, and this test says which."""
    assert {rule.endpoint for rule, _ in rules(site)} - set(ACCESS) == set()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("held", [OWN, ""])
def test_pages_open_as_the_table_says(site: Site, role: str, held: str) -> None:
    """Every page, for one's own kitchen and another: refused exactly when the table refuses."""
    grants = [(role, held)]
    target = site.person(login="cible")
    site.person(("administrateur", ""), login="autre-administrateur")
    number = site.person(*grants)
    for rule, method in list(rules(site)):
        owned = "kitchen" in rule.arguments or rule.endpoint in OWNED
        for place in (OWN, OTHER) if owned else (OWN,):
            url = address(site, rule, place, target)
            if url is None:
                continue
            about = place if owned else None
            browser = site.browser(number)
            answer = browser.open(url, method=method)
            expected = allowed(rule.endpoint, grants, about)
            told = f"{method} {url} as {role} of « {held} »: {answer.status_code}"
            assert (answer.status_code != 403) == expected, told
            assert answer.status_code < 500, told


@pytest.mark.parametrize(
    ("role", "method", "url", "opens"),
    [
        ("chef", "GET", "/cuisines/PORT-BRUME/menus", True),
        ("chef", "GET", "/cuisines/SALINES/menus", False),
        ("chef", "POST", "/cuisines/PORT-BRUME/menus/valider", True),
        ("chef", "POST", "/cuisines/SALINES/menus/valider", False),
        ("chef", "GET", "/utilisateurs", False),
        ("chef", "GET", "/cuisines/PORT-BRUME/a-commander", True),
        ("chef", "POST", "/cuisines/PORT-BRUME/a-commander/engagement", False),
        ("acheteur", "POST", "/cuisines/PORT-BRUME/a-commander/engagement", True),
        ("acheteur", "POST", "/cuisines/SALINES/a-commander/engagement", False),
        ("gestionnaire", "POST", "/cuisines/PORT-BRUME/a-commander/engagement", True),
        ("departement", "POST", "/cuisines/PORT-BRUME/a-commander/engagement", False),
        ("administrateur", "POST", "/cuisines/PORT-BRUME/a-commander/engagement", False),
        ("chef", "GET", "/cuisines/PORT-BRUME/factures", False),
        ("acheteur", "GET", "/cuisines/PORT-BRUME/factures", True),
        ("gestionnaire", "POST", "/cuisines/PORT-BRUME/factures/1/valider", True),
        ("gestionnaire", "POST", "/cuisines/SALINES/factures/1/valider", False),
        ("departement", "GET", "/cuisines/SALINES/factures", True),
        ("departement", "POST", "/cuisines/PORT-BRUME/factures/1/valider", False),
        ("gestionnaire", "POST", "/cuisines/PORT-BRUME/receptions/1/rouvrir", True),
        ("acheteur", "POST", "/cuisines/PORT-BRUME/receptions/1/rouvrir", False),
        ("departement", "POST", "/cuisines/PORT-BRUME/receptions/1/rouvrir", False),
        ("acheteur", "POST", "/cuisines/PORT-BRUME/bilan/achats/1", True),
        ("chef", "POST", "/cuisines/PORT-BRUME/bilan/achats/1", False),
        ("acheteur", "GET", "/cuisines/PORT-BRUME/menus", True),
        ("acheteur", "POST", "/cuisines/PORT-BRUME/menus/valider", False),
        ("gestionnaire", "POST", "/cuisines/PORT-BRUME/menus/valider", True),
        ("gestionnaire", "GET", "/utilisateurs", False),
        ("gestionnaire", "GET", "/journal", False),
        ("departement", "POST", "/cuisines/SALINES/menus/valider", True),
        ("departement", "GET", "/journal", True),
        ("departement", "GET", "/utilisateurs", False),
        ("administrateur", "GET", "/utilisateurs", True),
        ("administrateur", "GET", "/cuisines/SALINES/menus", True),
        ("administrateur", "POST", "/cuisines/SALINES/menus/valider", False),
    ],
)
def test_what_each_role_is_for(site: Site, role: str, method: str, url: str, opens: bool) -> None:
    """Rights said one by one, without reading the table: who cooks, who manages, who only looks."""
    held = OWN if role in {"chef", "acheteur", "gestionnaire"} else ""
    answer = site.signed_in(role, held).open(url, method=method)
    assert (answer.status_code != 403) == opens


def test_nothing_opens_without_signing_in(site: Site) -> None:
    """Everything but the public pages leads to the door."""
    target = site.person()
    for rule, method in rules(site):
        url = address(site, rule, OWN, target)
        if url is None or ACCESS[rule.endpoint].public:
            continue
        answer = site.browser().open(url, method=method)
        door = answer.status_code == 303 and answer.location.startswith("/connexion")
        assert door, f"{method} {url}: {answer.status_code}"


def test_someone_without_a_right_sees_only_their_account(site: Site) -> None:
    """No role: one's own account and nothing else."""
    browser = site.browser(site.person())
    assert browser.get("/mon-compte").status_code == 200
    assert browser.get("/donnees").status_code == 403
    assert "Aucune cuisine ne vous est ouverte" in browser.get("/cuisines").text
