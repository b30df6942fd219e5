"""The pages of studies in a real browser: accessible on a desk and a phone, points that open their plan."""

import json

from sqlmodel import Session

from cantine.planning import comparison
from cantine.planning.in_force import InPlace
from optim.compare import Comparison
from tests.browser.conftest import PHONE, WIDE, SizedPage
from tests.browser.test_pages import faults_on_both
from tests.cantine.plans import finished_run
from tests.cantine.site import OWN, Site
from tests.cantine.test_studies import put_frontier, told

BASE = f"/cuisines/{OWN}"


def put_comparison(site: Site) -> None:
    """A comparison that came to its end."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        found = Comparison(told(205, 0.1, 0.2), told(204, 0.4, 0.25), None)
        run.kind, run.result, run.findings = "comparaison", "", json.dumps(comparison.findings_of(found))
        session.add(run)
        session.commit()


def test_the_pages_are_accessible(served: tuple[Site, str], open_browser: SizedPage) -> None:
    """WCAG 2.2 AA by axe, before anything is asked and with results; nothing is wider than the page."""
    page = open_browser(("chef", OWN))
    for url in ("comparaison", "plans"):
        page.goto(f"{BASE}/{url}")
        assert faults_on_both(page) == []
    put_comparison(served[0])
    put_frontier(served[0], InPlace(None, told(200, 0.2, 0.1, 1.4)))
    for url in ("comparaison", "plans", "plans?plan=2&mesure=egalim"):
        page.goto(f"{BASE}/{url}")
        assert faults_on_both(page) == []
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        assert page.locator(".ct-front:visible").count() == 1
    assert page.get_by_role("row", name="En place").get_by_role("cell").count() == 5
