"""The small kitchen of the reports with a collège, a school that has no choice, and validated menus."""

from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import Session

from cantine.kitchens.models import College, Kitchen, Site, SiteDiners
from cantine.menus import edit
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.orders.models import Purchase
from optim.terms import Slot
from tests.cantine.reports_kitchen import CODE, MONDAY, TUESDAY, fill
from tests.cantine.site import NOW

COLLEGE, SCHOOL, UAI, SIRET = "DUNES", "ECOLE-DUNES", "0990001A", "19990001000018"
LATER = NOW + timedelta(days=1)
EVERY = (MONDAY, TUESDAY)


def fill_published(session: Session, *days: date) -> None:
    """Write the kitchen, which has bought nothing yet, and validate some of its days."""
    fill(session)
    session.flush()
    session.execute(delete(Purchase))
    place = {"insee": "99001", "latitude": 46.0, "longitude": -1.0}
    session.add(
        College(
            uai=UAI,
            name="Collège des Dunes",
            commune="Port-Brume",
            siret=SIRET,
            siret_origin="source",
            **place,
        )
    )
    session.add(
        Site(code=SCHOOL, name="École des Dunes", kind="ecole", kitchen=CODE, insee="99001", components=4)
    )
    session.flush()
    for site in (COLLEGE, SCHOOL):
        session.get_one(Site, site).uai = UAI if site == COLLEGE else None
        session.add_all(
            SiteDiners(site=site, weekday=weekday, college=50)
            for weekday in (1, 2)
            if (site, weekday) != (COLLEGE, 1)
        )
    session.get_one(Kitchen, CODE).uai = UAI
    session.flush()
    validate(session, *days)


def stamp(session: Session, day: date, *, later: bool = False, user: int | None = None) -> Stamp:
    """An edit of a day as it is."""
    version = session.get_one(Service, (CODE, day)).version
    return Stamp(user, LATER if later else NOW, MONDAY, version)


def validate(session: Session, *days: date, later: bool = False, user: int | None = None) -> None:
    """Validate some days."""
    for day in days:
        version = session.get_one(Service, (CODE, day)).version
        edit.validate_week(session, CODE, {day: version}, stamp(session, day, later=later, user=user))


def change(session: Session, day: date = MONDAY, *, user: int | None = None) -> None:
    """Another plat, the next day of the clock; the day is to be validated again."""
    edit.swap(session, CODE, (day, Slot.PLAT, 1), "roti_dinde", stamp(session, day, later=True, user=user))
