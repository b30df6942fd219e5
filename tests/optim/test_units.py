"""Conversions, by property: nothing is lost, and roundings go the way they say."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from optim.units import MILLICENTS, PERMILLE, cents, iso_week, price_millicents, with_vat

STEADY = settings(deadline=None, derandomize=True, database=None)
MONEY = st.integers(-(10**9), 10**9)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@STEADY
@given(st.integers(0, 10**7), st.integers(0, 10**5))
def test_price_is_exact(grams: int, cents_per_kg: int) -> None:
    """A kilogram at a price is that price, and grams are never rounded."""
    assert price_millicents(1000, cents_per_kg) == cents_per_kg * MILLICENTS
    assert price_millicents(grams, cents_per_kg) * 1000 == grams * cents_per_kg * MILLICENTS


@STEADY
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**5))
def test_price_of_two_weights_is_the_price_of_both(one: int, two: int, price: int) -> None:
    """Cutting a weight in two changes nothing of its price."""
    assert price_millicents(one + two, price) == price_millicents(one, price) + price_millicents(two, price)


@STEADY
@given(MONEY)
def test_cents_are_the_nearest(millicents: int) -> None:
    """Half a cent at most is lost, a whole cent comes back, and signs mirror."""
    assert abs(cents(millicents) * MILLICENTS - millicents) * 2 <= MILLICENTS
    assert cents(cents(millicents) * MILLICENTS) == cents(millicents)
    assert cents(-millicents) == -cents(millicents)


def test_half_cents_go_away_from_zero() -> None:
    """1.5 cent is 2, -1.5 is -2; 1.499 is 1."""
    assert (cents(1500), cents(-1500), cents(1499), cents(-1499)) == (2, -2, 1, -1)


@STEADY
@given(st.integers(0, 10**9), st.integers(0, 300))
def test_vat_is_rounded_up_by_less_than_a_millicent(millicents: int, vat: int) -> None:
    """What is owed is never told too low, nor a whole millicent too high."""
    owed = with_vat(millicents, vat) * PERMILLE - millicents * (PERMILLE + vat)
    assert 0 <= owed < PERMILLE


def test_vat_of_the_two_rates() -> None:
    """10 € at 5.5 % is 10.55 €, at 20 % 12 €, at 0 % 10 €."""
    assert [with_vat(1_000_000, rate) for rate in (55, 200, 0)] == [1_055_000, 1_200_000, 1_000_000]


@STEADY
@given(DAYS)
def test_week_goes_from_monday_to_sunday(day: date) -> None:
    """A day is in the week of its Monday, and the next Monday is in another."""
    monday = day - timedelta(days=day.weekday())
    assert iso_week(day) == iso_week(monday)
    assert iso_week(monday) != iso_week(monday + timedelta(days=7))


@STEADY
@given(DAYS)
def test_weeks_follow_the_calendar(day: date) -> None:
    """A later week is a greater week, over the new year too."""
    assert iso_week(day) < iso_week(day + timedelta(days=7))


def test_week_over_the_new_year() -> None:
    """29 December 2025 is in the first week of 2026; 3 January 2027 still in the last one."""
    assert (iso_week(date(2025, 12, 29)), iso_week(date(2027, 1, 3))) == ((2026, 1), (2026, 53))
