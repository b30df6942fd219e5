"""What each rule costs: worked out at the end of a proposal, kept with it, shown on its panel."""

import html
import json
from typing import Any

from sqlmodel import Session

from cantine.planning import kinds, prices
from cantine.planning.models import Run
from cantine.planning.panel import run_panel
from optim.rule_costs import RuleCost
from tests.cantine.plans import finished_run
from tests.cantine.site import OWN, Site
from tests.optim.test_ways import fish

FISH = RuleCost(
    rule="F09",
    amount=1,
    label="accepter 1 poisson de moins",
    gain_cents=9000,
    gain_cents_per_meal=4.5,
    cost_cents_per_meal=-4.4,
    local_points=-1.2,
)
PAGE = f"/cuisines/{OWN}/menus?du=2027-01-04"


def page_with(site: Site, costs: tuple[RuleCost, ...] | None) -> str:
    """The grid page of a finished proposal that found these costs."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        run.findings = json.dumps(prices.findings_of(costs))
        session.add(run)
        session.commit()
    return html.unescape(site.signed_in("chef").get(PAGE).text).replace("\u00a0", " ")


def test_the_panel_tells_gain_cost_and_local_share(site: Site) -> None:
    """Each figure with its sign, called an estimate; the law stays due."""
    page = page_with(site, (FISH,))
    assert "Ce que coûte chaque règle" in page
    assert "Accepter 1 poisson de moins</span><b>4,5 c</b>" in page
    assert "coût −4,4 c HT, part locale −1,2 pt" in page
    assert "estimation" in page
    assert "Les règles de la loi restent dues" in page


def test_no_rule_that_costs_is_told_too(site: Site) -> None:
    """Nothing to win is an answer."""
    assert "Aucune règle ne coûte" in page_with(site, ())


def test_what_is_not_known_is_not_shown(site: Site) -> None:
    """The time was too short: no panel, no zero."""
    assert "Ce que coûte chaque règle" not in page_with(site, None)


def test_a_proposal_prices_its_rules_last(site: Site) -> None:
    """The page hears that menus are ready; what is found travels as the run keeps it."""
    assert site
    heard: list[dict[str, Any]] = []

    def report(_: object, told: dict[str, Any] | None = None, _findings: object = None) -> bool:
        heard.append(dict(told or {}))
        return True

    answer = kinds.propose(fish(60), kinds.Job(time_limit=2), report)  # type: ignore[arg-type]
    assert answer.result.plan is not None
    assert heard[-1] == {prices.PRICING: True}
    costs = prices.costs_of(json.loads(json.dumps(answer.findings)))
    assert costs is not None
    assert [one.rule for one in costs] == ["F09"]


def test_a_chief_who_stops_does_not_wait_for_the_prices() -> None:
    """Asked to stop, the plan is given at once."""
    answer = kinds.propose(fish(60), kinds.Job(time_limit=2), lambda *_: False)
    assert answer.findings == {}


def test_pricing_is_said_while_it_lasts(site: Site) -> None:
    """The panel knows that the search is over."""
    with Session(site.engine) as session:
        run = finished_run(session, OWN)
        run.state, run.progress = "calcul", json.dumps({"seconds": 61, prices.PRICING: True})
        assert run_panel(session, run, None).pricing
        run.progress = json.dumps({"seconds": 61})
        assert not run_panel(session, run, None).pricing
        assert session.get(Run, run.id) is run


def test_time_for_the_prices_follows_that_of_the_search() -> None:
    """Half of it, thirty seconds at most."""
    assert [prices.seconds_of(limit) for limit in (1, 60, 300)] == [2.0, 30.0, 30.0]
