"""Market frames: who may sell what, from which day, and when a contract is spent."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.kitchens.models import Kitchen
from cantine.planning.ceilings import ceilings_near, exhausted_lots
from cantine.planning.models import PlannedPurchase
from cantine.suppliers.lots import Open, open_offers
from cantine.suppliers.market import reachable_offers
from cantine.suppliers.models import MarketLot, Offer

FIRST, LAST = date(2027, 1, 1), date(2027, 6, 30)


def lot(code: str, frame: str, sharing: str = "", last: date = LAST) -> MarketLot:
    """A lot of the first half of 2027."""
    return MarketLot(code=code, name=code, frame=frame, sharing=sharing, valid_from=FIRST, valid_to=last)


LOTS = {
    found.code: found
    for found in (
        lot("seul", "exclusif"),
        lot("ensemble", "multi", "mise_en_concurrence"),
        lot("rangs", "multi", "cascade"),
        lot("direct", "libre"),
        lot("court", "exclusif", last=date(2027, 3, 31)),
    )
}


def offer(
    code: str,
    of: str | None,
    *,
    rank: int | None = None,
    first: date = FIRST,
    last: date = LAST,
    weekly: int | None = None,
    labels: tuple[str, ...] = (),
) -> Offer:
    """A kilogram of leeks sold by a supplier of the same name."""
    return Offer(
        code=code,
        supplier=code,
        food="poireau",
        name=code,
        pack_g=1000,
        price_ht=Decimal(2),
        lot=of,
        lot_rank=rank,
        valid_from=first,
        valid_to=last,
        weekly_packs=weekly,
        labels=labels,
    )


def opened(offers: Sequence[Offer], exhausted: Sequence[str] = ()) -> dict[str, Open]:
    """Open offers by code."""
    return {item.offer.code: item for item in open_offers(offers, LOTS, exhausted)}


@pytest.mark.parametrize(
    ("lots", "left"),
    [
        (("seul", "ensemble", "direct", None), {"seul"}),
        (("ensemble", "direct", None), {"ensemble", "direct"}),
        (("rangs", "direct", None), {"rangs", "direct"}),
        (("direct", None), {"direct", "hors"}),
        ((None,), {"hors"}),
    ],
)
def test_who_may_sell(lots: tuple[str | None, ...], left: set[str]) -> None:
    """A holder excludes others, several holders exclude those without a lot, never direct producers."""
    assert set(opened([offer(of or "hors", of) for of in lots])) == left


def test_a_lot_that_is_over_holds_nothing() -> None:
    """The exclusive lot sells until its end; who sells beside it is told only by the lots in force."""
    found = opened([offer("a", "court")])
    assert found["a"].last == date(2027, 3, 31)
    late = [offer("a", "court", first=date(2027, 4, 1)), offer("b", None)]
    assert set(opened(late)) == {"b"}


def test_a_lot_that_is_spent_holds_nothing() -> None:
    """Once the maximum is reached, the contract has no effect: others may sell."""
    assert set(opened([offer("a", "seul"), offer("b", None)], ["seul"])) == {"b"}


def test_in_a_cascade_the_second_waits() -> None:
    """Rank 2 sells only while rank 1 has no price in force; without rank 1, always."""
    first = offer("un", "rangs", rank=1, last=date(2027, 2, 28))
    second = offer("deux", "rangs", rank=2)
    found = opened([second, first])
    assert (found["deux"].first, found["deux"].last) == (date(2027, 3, 1), LAST)
    assert (opened([second])["deux"].first, opened([second])["deux"].last) == (FIRST, LAST)
    assert set(opened([offer("un", "rangs", rank=1), second])) == {"un"}


def test_the_second_of_a_cascade_fills_the_longest_gap() -> None:
    """Between two prices of rank 1, rank 2 sells on the days left free."""
    around = [
        offer("un", "rangs", rank=1, last=date(2027, 1, 31)),
        offer("encore", "rangs", rank=1, first=date(2027, 4, 1)),
        offer("deux", "rangs", rank=2),
    ]
    assert (opened(around)["deux"].first, opened(around)["deux"].last) == (
        date(2027, 2, 1),
        date(2027, 3, 31),
    )


def test_beyond_an_announced_volume_the_second_is_open() -> None:
    """Rank 1 has so many packs a week: what exceeds them may come from rank 2."""
    assert set(opened([offer("un", "rangs", rank=1, weekly=5), offer("deux", "rangs", rank=2)])) == {
        "un",
        "deux",
    }


def test_ranks_compare_the_same_product() -> None:
    """Organic leeks of rank 2 do not wait for ordinary leeks of rank 1."""
    found = opened([offer("un", "rangs", rank=1), offer("deux", "rangs", rank=2, labels=("BIO",))])
    assert set(found) == {"un", "deux"}


@pytest.mark.parametrize(
    ("of", "free"),
    [("seul", False), ("rangs", False), ("ensemble", True), ("direct", True), (None, True)],
)
def test_local_weighs_where_the_choice_is_free(of: str | None, free: bool) -> None:
    """Neither an exclusive lot nor a cascade leaves a choice."""
    assert opened([offer("a", of)])["a"].free_choice is free


def test_every_food_of_the_seeds_can_still_be_bought(seeds_engine: Engine) -> None:
    """Frames and ranks take no food away from a kitchen, and local counts for none of a cascade."""
    span = date(2027, 1, 4), date(2027, 1, 29)
    with Session(seeds_engine) as session:
        sold = {o.food for o in session.exec(select(Offer)) if o.valid_from <= span[1]}
        cascades = {lot.code for lot in session.exec(select(MarketLot)) if lot.sharing == "cascade"}
        assert len(cascades) == 3
        for kitchen in session.exec(select(Kitchen)).all()[::40]:
            found = reachable_offers(session, kitchen, *span, 80)
            assert {r.offer.food for r in found} == sold
            assert not any(r.local_counts for r in found if r.offer.lot in cascades)


def _plan(session: Session, kitchen: str, lot_code: str, euros: int, day: date) -> None:
    """Purchases of about so many euros of a lot."""
    bought = session.exec(select(Offer).where(Offer.lot == lot_code).limit(1)).one()
    packs = -(-euros // int(bought.price_ht))
    session.add(
        PlannedPurchase(
            kitchen=kitchen, delivery=day, offer=bought.code, packs=packs, price_ht=bought.price_ht
        )
    )
    session.flush()


def test_a_maximum_is_that_of_all_kitchens(seeds_engine: Engine) -> None:
    """Two kitchens together near the maximum of a lot: both are told; beyond, nobody is offered it."""
    lot_code, day = "lot14_legumerie_esat", date(2027, 1, 5)
    with Session(seeds_engine) as session:
        one, two = session.exec(select(Kitchen.code).limit(2)).all()
        _plan(session, one, lot_code, 100_000, day)
        assert ceilings_near(session, one) == []
        _plan(session, two, lot_code, 80_000, day)
        (told,) = ceilings_near(session, one)
        assert 0.85 < told.share < 0.9
        assert (told.reached, told.own) == (False, False)
        assert exhausted_lots(session, one, day) == frozenset()
        _plan(session, two, lot_code, 40_000, date(2027, 1, 12))
        assert ceilings_near(session, one)[0].reached
        assert exhausted_lots(session, "another", day) == {lot_code}
        assert exhausted_lots(session, two, day) == frozenset()


def test_the_threshold_of_direct_purchases_is_each_buyers_own(seeds_engine: Engine) -> None:
    """A collège that spends 60 000 € with producers stops nobody else."""
    lot_code, day = "lot16_producteurs_libre", date(2027, 1, 5)
    with Session(seeds_engine) as session:
        one, two = session.exec(select(Kitchen.code).limit(2)).all()
        _plan(session, one, lot_code, 61_000, day)
        assert ceilings_near(session, one)[0].own
        assert exhausted_lots(session, one, date(2027, 2, 1)) == {lot_code}
        assert exhausted_lots(session, two, date(2027, 2, 1)) == frozenset()
