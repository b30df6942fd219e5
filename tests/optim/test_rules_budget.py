"""The food money of a meal, all taxes included, with two rates of VAT, fees and staples."""

import pytest

from optim.check import counts
from optim.instance import Instance
from optim.plan import Plan
from optim.rules.budget import cost_ttc_millicents
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import MONDAY, buy, cooked, food, kitchen, offer, question, services, supplier

# Ten diners. Flour: 1000 cents HT at 5.5 % = 1055 TTC. Wine for the sauce: 1000 at 20 % = 1200 TTC.
# Both: 2255 cents, 225.5 a meal. Two packs of flour: 2110 cents, 211 a meal.
FLOUR = offer("farine", "ble", price_cents=1000)
WINE = offer("vin", "raisin", price_cents=1000, vat_permille=200)
BOTH = Plan(dishes=(), purchases=(buy("farine", 1), buy("vin", 1)))
FLOURS = Plan(dishes=(), purchases=(buy("farine", 2),))


def ask(budget: int | None, *, fee: int = 0, staples: int = 0) -> Instance:
    """Ten diners on Monday, flour and wine, one supplier."""
    # The dish is there so that both foods may be bought.
    return question(
        (cooked("coq", {"ble": 1000, "raisin": 1000}),),
        foods=(food("ble"), food("raisin")),
        offers=(FLOUR, WINE),
        suppliers=(supplier(delivery_fee_cents=fee),),
        services=services([MONDAY], meals=10),
        kitchen=kitchen(staples_cents=staples),
        budget_ttc_cents=budget,
    )


CASES = (
    Case(
        rule="budget",
        instance=ask(220),
        trivial=Plan(dishes=()),
        broken=BOTH,
        repaired=FLOURS,
        says="de plus que le crédit nourriture",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """Nothing bought, nothing spent."""
    assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The overrun is told in euros a meal, and the row refuses it."""
    (fault,) = case.faults(case.broken)
    assert case.says in fault.message
    assert (fault.count, fault.limit) == (2255, 2200)
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """The same 20 € HT at the lower rate keep the budget."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


@pytest.mark.parametrize(("budget", "kept"), [(225, False), (226, True)])
def test_each_offer_pays_its_own_rate(budget: int, kept: bool) -> None:
    """Flour at 5.5 % and wine at 20 % make 225.5 cents a meal: 225 is too little, 226 enough."""
    instance = ask(budget)
    assert cost_ttc_millicents(instance, BOTH) == 2_255_000
    assert (faults_of("budget", instance, BOTH) == []) is kept
    assert fits(instance, BOTH, "budget") is kept


# The fee of 500 pays 5.5 % once: 527.5. The staples of 20 × 10 diners pay 5.5 %: 211.
# 2255 + 527.5 + 211 = 2993.5, 299.35 a meal.
@pytest.mark.parametrize(("budget", "kept"), [(299, False), (300, True)])
def test_fees_and_staples_are_in_the_budget(budget: int, kept: bool) -> None:
    """One delivery of two offers pays one fee."""
    instance = ask(budget, fee=500, staples=20)
    assert cost_ttc_millicents(instance, BOTH) == 2_993_500
    assert (faults_of("budget", instance, BOTH) == []) is kept
    assert fits(instance, BOTH, "budget", "minimum") is kept


def test_counter_shows_cents_a_meal() -> None:
    """The counter rounds up, and says kept or not from the exact amount."""
    shown = [(c.count, c.limit, c.kept) for c in counts(ask(225), BOTH) if c.rule == "budget"]
    assert shown == [(226, 225, False)]
    shown = [(c.count, c.limit, c.kept) for c in counts(ask(226), BOTH) if c.rule == "budget"]
    assert shown == [(226, 226, True)]


def test_no_budget_is_no_limit() -> None:
    """A kitchen without a budget is not held to one, and shows no counter."""
    instance = ask(None)
    assert faults_of("budget", instance, BOTH) == []
    assert fits(instance, BOTH, "budget")
    assert [c for c in counts(instance, BOTH) if c.rule == "budget"] == []
