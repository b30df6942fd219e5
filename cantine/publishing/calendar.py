"""The menus of a site as an iCalendar feed: one event a day, validated menus only.

An event keeps its UID; an announced menu that changes raises its SEQUENCE and its LAST-MODIFIED, so that
calendars take it again.
"""

from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from cantine.clock import today_of
from cantine.french import full_date
from cantine.publishing.public import PublicDish, public_day_dishes
from cantine.publishing.served import Served
from optim.terms import Slot

PRODID = "-//cantine//menus//FR"
REFRESH = timedelta(hours=6)
BEFORE, AHEAD = timedelta(days=14), timedelta(days=70)
"""Days told around today."""
RESERVE = "Menus sous réserve d'approvisionnement."


def menu_feed(served: Served, page: str, now: datetime) -> bytes:
    """The feed.

    Args:
        served: the menus.
        page: address of the public page.
        now: the latest date of a menu validated before such dates were kept.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("name", _title(served))
    calendar.add("x-wr-calname", _title(served))
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    calendar.add("url", page)
    for day in served.days:
        calendar.add_component(_event(served, day, page, now))
    return bytes(calendar.to_ical())


def _title(served: Served) -> str:
    return f"Menus, {served.site.name}"


def _event(served: Served, day: date, page: str, now: datetime) -> Event:
    rows = served.told.get(day, ())
    created, changed = (_utc(row.at) for row in (rows[0], rows[-1])) if rows else 2 * (_at(day, now),)
    dishes = public_day_dishes(served.reading, day)
    event = Event()
    event.add("uid", f"{day:%Y%m%d}-{served.site.code}@menus.cantine")
    event.add("dtstamp", changed)
    event.add("created", created)
    event.add("last-modified", changed)
    event.add("sequence", max(0, len(rows) - 1))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    mains = ", ".join(dish.name for dish in dishes if dish.slot is Slot.PLAT)
    event.add("summary", f"Menu : {mains or dishes[0].name}")
    event.add("description", _description(served, day, dishes))
    event.add("location", f"{served.site.name}, {served.reading.commune}".rstrip(", "))
    event.add("url", page)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PUBLIC")
    return event


def _at(day: date, now: datetime) -> datetime:
    """A moment that stays the same from one reading to the next, never to come."""
    return min(now, datetime.combine(day, time.min, UTC))


def _description(served: Served, day: date, dishes: tuple[PublicDish, ...]) -> str:
    lines = [f"{dish.course}{' au choix' if dish.choice else ''} : {_words(dish)}" for dish in dishes]
    changed = served.changed(day)
    if changed:
        lines.append(f"Menu changé le {full_date(today_of(changed.at))}.")
    return "\n".join([*lines, RESERVE])


def _words(dish: PublicDish) -> str:
    text = dish.name
    if dish.signs:
        text += f" ({', '.join(sign.word for sign in dish.signs)})"
    allergens = [*dish.allergens, *(f"{word} à confirmer" for word in dish.to_confirm)]
    if dish.unknown:
        allergens.append("fiche d'un produit attendue, rien n'est exclu")
    if allergens:
        text += f". Allergènes : {', '.join(allergens)}"
    return text + (f". Sans porc : {_words(dish.without_pork)}" if dish.without_pork else "")


def _utc(at: datetime) -> datetime:
    """A moment read back from the database without its zone is in UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
