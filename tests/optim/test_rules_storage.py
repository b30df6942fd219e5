"""What the store holds on delivery mornings: deliveries, lots, what was taken, what is past its date."""

from datetime import date

from optim.instance import Instance, StockLot
from optim.plan import Plan, Purchase, Use
from optim.rules.purchases import stored_g
from tests.optim.cases import faults_of, fits
from tests.optim.small import (
    FRIDAY,
    MONDAY,
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

RULES = ("besoin", "conservation", "stockage")


def ask(room: int, life: int, *stock: StockLot, fresh: tuple[date, ...] = (MONDAY, THURSDAY)) -> Instance:
    """10 kg of cabbage a day when it is cooked, a cold room of some grams, deliveries on some days."""
    return question(
        (cooked("potee", {"chou": 100}),),
        foods=(food("chou", shelf_life_days=life, storage="froid"), food("riz", storage="froid")),
        suppliers=(supplier(dates=fresh),),
        offers=(offer("c5", "chou"),),
        services=services((MONDAY, TUESDAY, THURSDAY, FRIDAY)),
        kitchen=kitchen(storage_g={"froid": room}),
        stock=stock,
    )


def answer(instance: Instance, potee: tuple[date, ...], purchases: list[Purchase], uses: list[Use]) -> Plan:
    """Cabbage on some days, with these purchases and uses."""
    dishes = menu(instance, {day: ["potee"] for day in potee}).dishes
    return Plan(dishes=dishes, purchases=tuple(purchases), uses=tuple(uses))


def test_store_is_read_before_the_service_of_the_morning() -> None:
    """What Monday ate has left the store on Thursday; Thursday's own meal has not."""
    instance = ask(99_000, 10, lot("l", "chou", 3000, TUESDAY))
    uses = [take(MONDAY, "chou", 10_000, "c5"), take(THURSDAY, "chou", 5000, "c5")]
    uses.append(draw(MONDAY, "chou", 1000, "l"))
    plan = answer(instance, (), [buy("c5", 4), buy("c5", 1, THURSDAY)], uses)
    assert stored_g(instance, plan, "froid", MONDAY) == 20_000 + 3000
    assert stored_g(instance, plan, "froid", TUESDAY) == 10_000 + 2000
    # On Thursday the lot is past its date, the 10 kg left of Monday are still there, 5 kg arrive.
    assert stored_g(instance, plan, "froid", THURSDAY) == 10_000 + 5000
    assert stored_g(instance, plan, "surgele", MONDAY) == 0


def test_lot_eaten_before_the_delivery_makes_room() -> None:
    """Fresh food of the day: Monday eats the 10 kg lot, Tuesday's 10 kg then fit in a room of 15.

    Found by the random plans: the rows still counted the whole lot on Tuesday and refused the plan.
    """
    instance = ask(15_000, 0, lot("l", "chou", 10_000, FRIDAY), fresh=(TUESDAY,))
    uses = [draw(MONDAY, "chou", 10_000, "l"), take(TUESDAY, "chou", 10_000, "c5", TUESDAY)]
    plan = answer(instance, (MONDAY, TUESDAY), [buy("c5", 2, TUESDAY)], uses)
    assert faults_of("stockage", instance, plan) == []
    assert fits(instance, plan, *RULES)


def test_lot_that_is_not_eaten_takes_its_room() -> None:
    """Nothing is cooked on Monday: the lot is there on Tuesday, and 20 kg do not fit in 15."""
    instance = ask(15_000, 0, lot("l", "chou", 10_000, FRIDAY), fresh=(TUESDAY,))
    plan = answer(
        instance, (TUESDAY,), [buy("c5", 2, TUESDAY)], [take(TUESDAY, "chou", 10_000, "c5", TUESDAY)]
    )
    assert [(f.count, f.limit) for f in faults_of("stockage", instance, plan)] == [(20_000, 15_000)]
    assert not fits(instance, plan, *RULES)
    assert fits(instance, plan, "besoin", "conservation")


def test_lot_of_a_food_that_no_dish_takes_keeps_its_room() -> None:
    """8 kg of rice leave 17 of 25: cabbage for Monday and Thursday comes in two visits, not in one."""
    instance = ask(25_000, 10, lot("r", "riz", 8000, FRIDAY))
    days = (MONDAY, THURSDAY)
    uses = [take(day, "chou", 10_000, "c5", day) for day in days]
    twice = answer(instance, days, [buy("c5", 2, day) for day in days], uses)
    assert faults_of("stockage", instance, twice) == []
    assert fits(instance, twice, *RULES)
    once = answer(instance, days, [buy("c5", 4)], [take(day, "chou", 10_000, "c5") for day in days])
    assert [(f.count, f.limit) for f in faults_of("stockage", instance, once)] == [(28_000, 25_000)]
    assert not fits(instance, once, *RULES)
    assert fits(instance, once, "besoin", "conservation")
