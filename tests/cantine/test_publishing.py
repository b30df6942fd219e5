"""What leaves the house: validated menus only, as families, calendars and PRONOTE read them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from icalendar import Calendar
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.egalim.models import YearTotal
from cantine.kitchens.models import ClosedDay, Closure, Kitchen
from cantine.menus import edit
from cantine.menus.models import Dish, Service
from cantine.orders.models import Purchase
from cantine.publishing.calendar import menu_feed
from cantine.publishing.poster import load_poster, poster_sheet
from cantine.publishing.pronote import pronote_week
from cantine.publishing.public import PublicDay, public_menus
from cantine.publishing.served import Served, get_site, load_served
from cantine.publishing.shares import PublicShares, public_shares
from cantine.recipes.models import Recipe
from cantine.reports import pdf
from cantine.reports.paper import html_of
from tests.cantine.published import COLLEGE, LATER, SCHOOL, change, fill_published, stamp, validate
from tests.cantine.reports_kitchen import CODE, MONDAY, TUESDAY
from tests.cantine.site import NOW

PAGE = "https://cantine.exemple.fr/menus-publics/DUNES"
SATURDAY = MONDAY - timedelta(days=2)


@pytest.fixture
def kitchen(engine: Engine) -> Iterator[Session]:
    """The small kitchen, Monday validated, Tuesday not."""
    with Session(engine, expire_on_commit=False) as session:
        fill_published(session, MONDAY)
        session.commit()
        yield session


def served(session: Session, site: str = COLLEGE) -> Served:
    """The validated menus of a site, two weeks around Monday."""
    return load_served(session, get_site(session, site), MONDAY, MONDAY + timedelta(days=13))


def public_day(session: Session, day: date = MONDAY, site: str = COLLEGE) -> PublicDay:
    """One day of the public page."""
    weeks = public_menus(session, get_site(session, site), MONDAY).weeks
    return next(one for week in weeks for one in week.days if one.date == day)


def events(session: Session) -> dict[date, dict[str, Any]]:
    """The feed read back."""
    calendar = Calendar.from_ical(menu_feed(served(session), PAGE, NOW))
    names = ("uid", "sequence", "last-modified", "dtstamp", "created", "summary", "description", "url")
    return {
        event.decoded("dtstart"): {name: event.decoded(name) for name in names}
        for event in calendar.walk("VEVENT")
    }


def pasted(session: Session) -> list[list[str]]:
    """Rows of the PRONOTE week, without its head."""
    text = pronote_week(served(session), [MONDAY + timedelta(days=n) for n in range(7)])
    return [line.split("\t") for line in text.split("\n")[1:]]


TOLD: dict[str, Callable[[Session], list[date]]] = {
    "page": lambda s: [d for d in (MONDAY, TUESDAY) if public_day(s, d).dishes],
    "feed": lambda s: sorted(events(s)),
    "pronote": lambda s: [datetime.strptime(r[0], "%d/%m/%Y").replace(tzinfo=UTC).date() for r in pasted(s)],
}


@pytest.mark.parametrize("channel", TOLD)
def test_only_validated_menus_are_told(kitchen: Session, channel: str) -> None:
    """A day not validated, opened again or without service is told nowhere; validated again, it is back."""
    told = TOLD[channel]
    assert told(kitchen) == [MONDAY]
    change(kitchen)
    assert told(kitchen) == []
    validate(kitchen, MONDAY, TUESDAY, later=True)
    assert told(kitchen) == [MONDAY, TUESDAY]
    edit.exclude(kitchen, CODE, MONDAY, "grève", stamp(kitchen, MONDAY))
    assert told(kitchen) == [TUESDAY]


def test_a_served_meal_stays_readable(kitchen: Session) -> None:
    """History that came in as served was eaten: it may be told."""
    kitchen.get_one(Service, (CODE, TUESDAY)).status = "servi"
    kitchen.flush()
    assert served(kitchen).days == [MONDAY, TUESDAY]
    told = menu_feed(served(kitchen), PAGE, LATER + timedelta(days=3))
    assert told == menu_feed(served(kitchen), PAGE, LATER + timedelta(days=4))


def test_families_read_dishes_signs_and_allergens_in_words(kitchen: Session) -> None:
    """What is present, what depends on the reference delivered, what nobody knows yet."""
    validate(kitchen, TUESDAY)
    entree, plat, dessert = public_day(kitchen).dishes
    assert (entree.name, [sign.code for sign in entree.signs]) == (
        "Carottes râpées",
        ["bio", "local", "saison"],
    )
    assert (plat.course, [sign.word for sign in plat.signs], plat.allergens) == (
        "Plat",
        ["Label Rouge"],
        ("gluten",),
    )
    assert (dessert.allergens, dessert.to_confirm, dessert.unknown) == (("lait",), ("soja",), False)
    pork = public_day(kitchen, TUESDAY).dishes[0]
    assert pork.without_pork is not None
    assert (pork.without_pork.name, pork.without_pork.unknown) == ("Rôti de dinde", True)


def test_what_is_said_when_there_is_no_menu(kitchen: Session) -> None:
    """Not published, being changed, withdrawn, closed: in words, the kitchen's reasons kept inside."""
    assert (public_day(kitchen, TUESDAY).state, public_day(kitchen).changed_on) == ("attente", None)
    change(kitchen)
    assert public_day(kitchen).state == "change"
    validate(kitchen, MONDAY, later=True)
    assert public_day(kitchen).changed_on == LATER.date()
    edit.exclude(kitchen, CODE, MONDAY, "grève de Mme Untel", stamp(kitchen, MONDAY, later=True))
    day = public_day(kitchen)
    assert (day.state, day.changed_on, day.dishes) == ("retire", LATER.date(), ())
    edit.exclude(kitchen, CODE, TUESDAY, "sortie", stamp(kitchen, TUESDAY))
    assert (public_day(kitchen, TUESDAY).state, public_day(kitchen, TUESDAY).words) == (
        "ferme",
        "Pas de repas.",
    )
    assert "Untel" not in str(public_menus(kitchen, get_site(kitchen, COLLEGE), MONDAY))


def test_a_site_is_told_what_it_is_served(kitchen: Session) -> None:
    """A school of four components goes without the entrée on Tuesdays here; when it is away, no menu."""
    kitchen.add(Dish(kitchen=CODE, date=TUESDAY, slot="entree", choice=1, recipe="carottes"))
    validate(kitchen, TUESDAY)
    courses = [
        [dish.slot.value for dish in public_day(kitchen, TUESDAY, site).dishes] for site in (COLLEGE, SCHOOL)
    ]
    assert courses == [["entree", "plat", "dessert"], ["plat", "dessert"]]
    kitchen.add(Closure(site=SCHOOL, date=TUESDAY, reason="sortie de la classe de Mme Untel"))
    kitchen.flush()
    assert public_day(kitchen, TUESDAY, SCHOOL).words == "Pas de repas."
    assert (served(kitchen, SCHOOL).days, served(kitchen).days) == ([MONDAY], [MONDAY, TUESDAY])


def test_a_week_that_says_the_same_every_day_says_it_once(kitchen: Session) -> None:
    """Not published yet, or no school at all; a week with one menu is told day by day."""
    first, second = public_menus(kitchen, get_site(kitchen, COLLEGE), MONDAY).weeks
    assert (first.words, second.words) == ("", "Les menus de cette semaine ne sont pas encore publiés.")
    for day in second.days:
        kitchen.add(ClosedDay(date=day.date, kind="vacances", name="Vacances d'hiver"))
    kitchen.flush()
    assert public_menus(kitchen, get_site(kitchen, COLLEGE), MONDAY).weeks[1].words == "Vacances d'hiver"


def test_the_weekend_already_tells_the_coming_weeks(kitchen: Session) -> None:
    """On Saturday, families look for Monday."""
    weeks = public_menus(kitchen, get_site(kitchen, COLLEGE), SATURDAY).weeks
    assert [week.monday for week in weeks] == [MONDAY, MONDAY + timedelta(days=7)]
    friday = public_menus(kitchen, get_site(kitchen, COLLEGE), SATURDAY - timedelta(days=1)).weeks
    assert [week.monday for week in friday] == [MONDAY - timedelta(days=7), MONDAY]


def test_a_changed_menu_is_the_same_event_with_a_higher_sequence(kitchen: Session) -> None:
    """Its UID stays; SEQUENCE, LAST-MODIFIED and DTSTAMP rise; the day says when it changed."""
    before = events(kitchen)[MONDAY]
    assert (before["sequence"], before["last-modified"], before["created"]) == (0, NOW, NOW)
    change(kitchen)
    validate(kitchen, MONDAY, later=True)
    after = events(kitchen)[MONDAY]
    assert (after["uid"], after["created"], after["url"]) == (before["uid"], NOW, PAGE)
    assert (after["sequence"], after["last-modified"], after["dtstamp"]) == (1, LATER, LATER)
    assert after["summary"] == "Menu : Rôti de dinde"
    assert "Menu changé le 5 janvier 2027." in after["description"]


def test_a_day_is_told_whole_in_a_calendar(kitchen: Session) -> None:
    """Courses, signs, allergens; all-day, and the same bytes for the same menus."""
    feed = menu_feed(served(kitchen), PAGE, NOW)
    assert feed == menu_feed(served(kitchen), PAGE, LATER)
    assert b"DTSTART;VALUE=DATE:20270104\r\nDTEND;VALUE=DATE:20270105\r\n" in feed
    assert max(len(line) for line in feed.split(b"\r\n")) <= 75
    text = feed.replace(b"\r\n ", b"").decode()
    assert "Plat : Bœuf braisé aux carottes (Label Rouge). Allergènes : gluten" in text
    assert "Dessert : Riz au lait. Allergènes : lait\\, soja à confirmer" in text


def test_choices_of_a_course_are_told_side_by_side(kitchen: Session) -> None:
    """Two plats on one day: said so to families, to calendars and in one cell for PRONOTE."""
    kitchen.get_one(Kitchen, CODE).choices_plat = 2
    kitchen.add(Dish(kitchen=CODE, date=MONDAY, slot="plat", choice=2, recipe="roti_dinde"))
    kitchen.flush()
    told = [(dish.name, dish.choice) for dish in public_day(kitchen).dishes if dish.course == "Plat"]
    assert told == [("Bœuf braisé aux carottes", True), ("Rôti de dinde", True)]
    assert events(kitchen)[MONDAY]["summary"] == "Menu : Bœuf braisé aux carottes, Rôti de dinde"
    assert "Plat au choix : Rôti de dinde" in events(kitchen)[MONDAY]["description"]
    assert pasted(kitchen)[0][2] == "Bœuf braisé aux carottes / Rôti de dinde"


def test_pronote_gets_one_row_a_day(kitchen: Session) -> None:
    """Tabs between columns, never inside a name; choices side by side."""
    kitchen.get_one(Recipe, "braise").name = "Bœuf\tbraisé\naux  carottes"
    kitchen.flush()
    text = pronote_week(served(kitchen), [MONDAY, TUESDAY])
    assert text == (
        "Date\tEntrée\tPlat\tGarniture\tLaitage\tDessert\tPublié\tRepas du soir\n"
        "04/01/2027\tCarottes râpées\tBœuf braisé aux carottes\t\t\tRiz au lait\tOui\tNon"
    )
    assert pronote_week(served(kitchen), [TUESDAY]) == ""


def total(session: Session, year: int, until: date, origin: str = "declare") -> None:
    """Totals of a year: 40 % durable and of quality, 10 % organic."""
    amounts = {"total_ht": 1000, "egalim_ht": 400, "bio_ht": 100, "meat_fish_ht": 300}
    session.add(
        YearTotal(
            kitchen=CODE,
            year=year,
            until=until,
            origin=origin,
            meat_fish_egalim_ht=Decimal(150),
            **{name: Decimal(amount) for name, amount in amounts.items()},
        )
    )
    session.flush()


def bought(session: Session, day: date, amount: int, labels: tuple[str, ...] = (), local: str = "") -> None:
    """One line of the ledger."""
    session.add(
        Purchase(
            kitchen=CODE,
            date=day,
            description="x",
            family="AUTRES",
            amount_ht=Decimal(amount),
            labels=labels,
            local_definition=local,
            source="facture",
        )
    )
    session.flush()


def shares(session: Session, today: date = MONDAY) -> PublicShares:
    """The shares told."""
    found = public_shares(session, CODE, today)
    assert found is not None
    return found


def test_the_last_whole_year_is_told_then_the_year_so_far(kitchen: Session) -> None:
    """Which year, until when, declared or estimated; nothing while nothing is known."""
    assert public_shares(kitchen, CODE, MONDAY) is None
    total(kitchen, 2027, date(2027, 3, 31), "estime")
    found = shares(kitchen, date(2027, 4, 10))
    assert (found.year, found.complete, found.last, found.estimated) == (2027, False, date(2027, 3, 31), True)
    total(kitchen, 2026, date(2026, 12, 31))
    found = shares(kitchen, date(2027, 4, 10))
    assert (found.year, found.complete, found.estimated, found.origin_words) == (
        2026,
        True,
        False,
        "déclarés par l'établissement",
    )
    assert (found.egalim, found.bio, found.meat_fish, found.pat) == (0.4, 0.1, 0.5, None)


def test_purchases_known_line_by_line_say_what_comes_from_a_pat(kitchen: Session) -> None:
    """A year that the ledger knows from January to December; a part of a year is not the year."""
    bought(kitchen, date(2026, 9, 7), 60, ("BIO",), "PAT")
    bought(kitchen, date(2026, 12, 14), 40)
    found = shares(kitchen)
    assert (found.complete, found.first, found.last) == (False, date(2026, 9, 7), date(2026, 12, 14))
    bought(kitchen, date(2026, 1, 8), 100)
    found = shares(kitchen)
    assert (found.complete, found.egalim, found.pat, found.origin_words) == (True, 0.3, 0.3, "facturés")


def test_the_poster_says_where_its_figures_come_from(kitchen: Session) -> None:
    """Shares beside the law, what is not known said so; one sheet, and the message of the year."""
    total(kitchen, 2026, date(2026, 12, 31), "estime")
    sheet = poster_sheet(kitchen, get_site(kitchen, SCHOOL), MONDAY)
    text = html_of(sheet)
    for words in (
        "40,0\u00a0%",
        "10,0\u00a0%",
        "50,0\u00a0%",
        "Pas encore connue",
        "L230-5-3",
        "Chiffres estimés",
    ):
        assert words in text
    assert "Repas préparés par\u00a0: Cuisine des Dunes" in text
    assert len(pikepdf.open(BytesIO(pdf.render([sheet]))).pages) == 1
    poster = load_poster(kitchen, get_site(kitchen, COLLEGE), MONDAY)
    assert poster is not None
    assert poster.kitchen == ""
    assert "40,0\u00a0% des achats alimentaires" in poster.message
    partial = replace(poster.shares, complete=False, last=date(2026, 6, 30))
    assert "arrêtés au 30 juin 2026" in html_of(replace(sheet, figures=replace(poster, shares=partial)))
