"""What is bought feeds what is cooked: needs, dates, deliveries, volumes, minima, storage."""

from datetime import date, timedelta

import pytest

from optim.instance import Instance, Offer
from optim.plan import Plan, Purchase, Use
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    buy,
    cooked,
    draw,
    food,
    kitchen,
    lot,
    menu,
    offer,
    question,
    services,
    supplier,
    take,
)

SUNDAY = MONDAY - timedelta(days=1)
RECIPES = (cooked("potee", {"chou": 100}), cooked("rien", {}))
# One service of "potee" asks 100 diners × 100 g = 10 kg of chou, two packs of 5 kg.
NOTHING = Plan(dishes=())


def ask(life: int = 10, packs: Offer | None = None, **fields: object) -> Instance:
    """Cabbage that keeps ``life`` days, sold by a supplier who comes every Monday and Thursday."""
    defaults = {
        "foods": (food("chou", shelf_life_days=life, storage="froid"),),
        "suppliers": (supplier(dates=(MONDAY, THURSDAY, NEXT_MONDAY)),),
        "offers": (packs or offer("c5", "chou"),),
        "services": services((MONDAY, TUESDAY, THURSDAY, FRIDAY)),
    }
    return question(RECIPES, **(defaults | fields))


def answer(instance: Instance, potee: tuple[date, ...], purchases: list[Purchase], uses: list[Use]) -> Plan:
    """Cabbage on some days, with these purchases and uses."""
    dishes = menu(instance, {day: ["potee"] for day in potee}).dishes
    return Plan(dishes=dishes, purchases=tuple(purchases), uses=tuple(uses))


def eaten(day: date = MONDAY, grams: int = 10_000, delivery: date = MONDAY) -> Use:
    """Cabbage of a delivery."""
    return take(day, "chou", grams, "c5", delivery)


def _need() -> Case:
    instance = ask()
    return Case(
        rule="besoin",
        instance=instance,
        trivial=menu(instance, {MONDAY: ["rien"]}),
        broken=answer(instance, (MONDAY,), [buy("c5", 2)], [eaten(grams=8000)]),
        repaired=answer(instance, (MONDAY,), [buy("c5", 2)], [eaten()]),
        says="Chou le lundi 05/01 : 8,0 kg prévus pour 10,0 kg de besoin.",
    )


def _received() -> Case:
    instance = ask()
    return Case(
        rule="conservation",
        instance=instance,
        trivial=NOTHING,
        broken=answer(instance, (MONDAY,), [buy("c5", 1)], [eaten()]),
        repaired=answer(instance, (MONDAY,), [buy("c5", 2)], [eaten()]),
        says="Chou : 10,0 kg utilisés pour 5,0 kg disponibles.",
    )


def _delivery_day() -> Case:
    instance = ask()
    return Case(
        rule="livraison",
        about="no delivery that day",
        instance=instance,
        trivial=NOTHING,
        broken=answer(instance, (TUESDAY,), [buy("c5", 2, TUESDAY)], [eaten(TUESDAY, delivery=TUESDAY)]),
        repaired=answer(instance, (TUESDAY,), [buy("c5", 2)], [eaten(TUESDAY)]),
        says="Chou (S) : pas de livraison le mardi 06/01.",
    )


def _validity() -> Case:
    instance = ask(packs=offer("c5", "chou", valid_from=TUESDAY, valid_to=FRIDAY))
    return Case(
        rule="livraison",
        about="price not valid that day",
        instance=instance,
        trivial=NOTHING,
        broken=answer(instance, (FRIDAY,), [buy("c5", 2)], [eaten(FRIDAY)]),
        repaired=answer(instance, (FRIDAY,), [buy("c5", 2, THURSDAY)], [eaten(FRIDAY, delivery=THURSDAY)]),
        says="prix non valable le lundi 05/01",
    )


def _volume() -> Case:
    instance = ask(packs=offer("c5", "chou", weekly_packs=2))
    uses = [eaten(), eaten(FRIDAY, 5000, THURSDAY)]
    return Case(
        rule="volume",
        instance=instance,
        trivial=answer(instance, (), [buy("c5", 2)], []),
        broken=answer(instance, (MONDAY, FRIDAY), [buy("c5", 2), buy("c5", 1, THURSDAY)], uses),
        repaired=answer(instance, (MONDAY,), [buy("c5", 1), buy("c5", 1, THURSDAY)], []),
        says="Chou, semaine 2 : 3 colis, le fournisseur en a 2.",
    )


def _minimum() -> Case:
    instance = ask(suppliers=(supplier(min_order_cents=2000),))
    return Case(
        rule="minimum",
        instance=instance,
        trivial=NOTHING,
        broken=answer(instance, (MONDAY,), [buy("c5", 3)], [eaten()]),
        repaired=answer(instance, (MONDAY,), [buy("c5", 4)], [eaten()]),
        says="S, lundi 05/01 : commande de 15 €, minimum 20 €.",
    )


def _storage() -> Case:
    instance = ask(kitchen=kitchen(storage_g={"froid": 15_000}))
    days = (MONDAY, FRIDAY)
    return Case(
        rule="stockage",
        instance=instance,
        trivial=NOTHING,
        broken=answer(instance, days, [buy("c5", 4)], [eaten(), eaten(FRIDAY)]),
        repaired=answer(
            instance,
            days,
            [buy("c5", 2), buy("c5", 2, THURSDAY)],
            [eaten(), eaten(FRIDAY, delivery=THURSDAY)],
        ),
        says="froid, lundi 05/01 : 20,0 kg à ranger, place pour 15,0 kg.",
    )


CASES = (_need(), _received(), _delivery_day(), _validity(), _volume(), _minimum(), _storage())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A plan that asks nothing of the rule is not blamed."""
    assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The fault is told in words, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    assert case.says in fault.message
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """The purchase changed, and both agree."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


@pytest.mark.parametrize(("life", "kept"), [(3, False), (4, True)])
def test_shelf_life(life: int, kept: bool) -> None:
    """Delivered on Monday for Friday: four days of life are enough, three are not."""
    instance = ask(life)
    plan = answer(instance, (FRIDAY,), [buy("c5", 2)], [eaten(FRIDAY)])
    found = faults_of("conservation", instance, plan)
    assert [f.message for f in found] == (
        [] if kept else ["Chou le vendredi 09/01 : à consommer avant le jeudi 08/01."]
    )
    assert fits(instance, plan, "besoin", "conservation") is kept


def test_delivery_after_the_meal_feeds_nobody() -> None:
    """What comes on Thursday is too late for Monday."""
    instance = ask()
    plan = answer(instance, (MONDAY,), [buy("c5", 2, THURSDAY)], [eaten(delivery=THURSDAY)])
    assert [f.message for f in faults_of("conservation", instance, plan)] == [
        "Chou le lundi 05/01 : livré trop tard, le jeudi 08/01."
    ]
    assert not fits(instance, plan, "besoin", "conservation")


@pytest.mark.parametrize(("expires_on", "kept"), [(THURSDAY, False), (FRIDAY, True)])
def test_stock_expiry(expires_on: date, kept: bool) -> None:
    """Ten kilograms of the store for Friday: good on that day, or past their date the day before."""
    instance = ask(stock=(lot("l", "chou", 10_000, expires_on),))
    plan = answer(instance, (FRIDAY,), [], [draw(FRIDAY, "chou", 10_000, "l")])
    assert (faults_of("conservation", instance, plan) == []) is kept
    assert fits(instance, plan, "besoin", "conservation") is kept


def test_stock_gives_no_more_than_it_has() -> None:
    """Eight kilograms of the store do not make ten."""
    instance = ask(stock=(lot("l", "chou", 8000, FRIDAY),))
    plan = answer(instance, (MONDAY,), [], [draw(MONDAY, "chou", 10_000, "l")])
    assert [(f.count, f.limit) for f in faults_of("conservation", instance, plan)] == [(10_000, 8000)]
    assert not fits(instance, plan, "besoin", "conservation")
    mixed = answer(instance, (MONDAY,), [buy("c5", 1)], [draw(MONDAY, "chou", 8000, "l"), eaten(grams=2000)])
    assert faults_of("conservation", instance, mixed) == []
    assert fits(instance, mixed, "besoin", "conservation")


def test_use_without_purchase_is_told() -> None:
    """Cabbage that comes from no offer and no lot comes from nowhere."""
    instance = ask()
    plan = answer(instance, (MONDAY,), [], [Use(date=MONDAY, food="chou", grams=10_000)])
    assert next(f.message for f in faults_of("conservation", instance, plan)) == (
        "Chou le lundi 05/01 : ne vient d'aucun achat."
    )


def test_too_much_is_a_fault_too() -> None:
    """More than the need is no use: it is surplus."""
    instance = ask()
    plan = answer(instance, (MONDAY,), [buy("c5", 3)], [eaten(grams=15_000)])
    assert [(f.count, f.limit) for f in faults_of("besoin", instance, plan)] == [(15_000, 10_000)]
    assert not fits(instance, plan, "besoin")


def test_bread_is_a_need_of_every_day() -> None:
    """50 g a diner: 5 kg a day, whatever the dishes."""
    instance = ask(kitchen=kitchen(bread_food="chou"), services=services((MONDAY, TUESDAY)))
    both = answer(instance, (), [buy("c5", 2)], [eaten(grams=5000), eaten(TUESDAY, 5000)])
    assert faults_of("besoin", instance, both) == []
    assert fits(instance, both, "besoin", "conservation")
    one = answer(instance, (), [buy("c5", 1)], [eaten(grams=5000)])
    assert [f.date for f in faults_of("besoin", instance, one)] == [TUESDAY]
    assert not fits(instance, one, "besoin", "conservation")


def test_volume_is_counted_week_by_week() -> None:
    """Two packs this week and two the next are what the supplier announced."""
    instance = ask(packs=offer("c5", "chou", weekly_packs=2), services=services((MONDAY, NEXT_MONDAY)))
    plan = answer(
        instance,
        (MONDAY, NEXT_MONDAY),
        [buy("c5", 2), buy("c5", 2, NEXT_MONDAY)],
        [eaten(), eaten(NEXT_MONDAY, delivery=NEXT_MONDAY)],
    )
    assert faults_of("volume", instance, plan) == []
    assert fits(instance, plan, "volume", "besoin", "conservation")


def test_minimum_adds_the_offers_of_one_delivery() -> None:
    """10 € of cabbage and 10 € of leek in one visit reach 20 €; in two visits they do not."""
    instance = ask(
        foods=(food("chou"), food("poireau")),
        offers=(offer("c5", "chou"), offer("p5", "poireau")),
        suppliers=(supplier(dates=(MONDAY, THURSDAY), min_order_cents=2000),),
    )
    together = Plan(dishes=(), purchases=(buy("c5", 2), buy("p5", 2)))
    apart = Plan(dishes=(), purchases=(buy("c5", 2), buy("p5", 2, THURSDAY)))
    assert faults_of("minimum", instance, together) == []
    assert [f.date for f in faults_of("minimum", instance, apart)] == [MONDAY, THURSDAY]


def test_delivery_before_the_horizon_day_is_allowed() -> None:
    """A supplier may come on a day without service."""
    instance = ask(suppliers=(supplier(dates=(SUNDAY,)),))
    plan = answer(instance, (MONDAY,), [buy("c5", 2, SUNDAY)], [eaten(delivery=SUNDAY)])
    for rule in ("besoin", "conservation", "livraison"):
        assert faults_of(rule, instance, plan) == []
    assert fits(instance, plan, "besoin", "conservation", "livraison")
