"""``./start``: the database, the demonstration, a first plan with its papers, then the site."""

from datetime import date, timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine import french, tables
from cantine.accounts import people
from cantine.clock import today_of, utc_now
from cantine.config import Config
from cantine.db import reading, transaction
from cantine.kitchens.models import Kitchen, Setting
from cantine.kitchens.settings import load_settings, today
from cantine.menus import edit
from cantine.menus.grid import monday_of
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.planning.build import build_instance
from cantine.planning.command import DONE, NO_PLAN, propose, say
from cantine.planning.first_orders import send_first_orders
from cantine.planning.folder import write_folder
from cantine.planning.models import PlannedPurchase
from cantine.planning.save import save_plan
from cantine.reports.batch import write_block
from cantine.upgrade import prepare

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
PROFILE = "equilibre"
SERVICES = 20
SECONDS = 30
SEED = 1


def start(config: Config) -> tuple[Engine, int]:
    """Prepare everything; what exists already is kept.

    Returns:
        The engine and the exit code: 0, or 3 when no valid plan was found.
    """
    began = monotonic()
    engine = prepare(config)
    if _empty(engine):
        say("Chargement des données de démonstration…")
        with transaction(engine) as session:
            tables.import_package(session, SEEDS)
    code = _first_plan(config, engine)
    _accounts(config, engine)
    say(f"Prêt en {french.number(monotonic() - began, 0)} s. Données : {config.home}")
    return engine, code


def _empty(engine: Engine) -> bool:
    with reading(engine) as session:
        return session.exec(select(Kitchen.code).limit(1)).first() is None


def demo_kitchen(session: Session) -> str:
    """Code of the kitchen shown first: the setting ``demo_kitchen``, else the first of the table."""
    setting = session.get(Setting, "demo_kitchen")
    if setting is not None:
        return setting.value
    return session.exec(select(Kitchen.code).order_by(col(Kitchen.code))).first() or ""


def _first_plan(config: Config, engine: Engine) -> int:
    """Plan a real kitchen once; a plan that exists is never touched."""
    with reading(engine) as session:
        if session.exec(select(PlannedPurchase.kitchen).limit(1)).first() is not None:
            return DONE
        day = today(session, today_of(utc_now()))
        if not load_settings(session).demonstration:
            return DONE
        code = demo_kitchen(session)
        instance = build_instance(session, code, day, SERVICES, PROFILE, day)
    result = propose(instance, SECONDS, SEED)
    first = instance.horizon[0].date
    out = config.home / "plans" / f"{code}-{first.isoformat()}"
    write_folder(out, instance, result)
    if result.plan is None:
        return NO_PLAN
    with transaction(engine) as session:
        save_plan(session, code, instance, result.plan)
        send_first_orders(session, code, day, utc_now())
        validate_first_week(session, code, day)
    _print_papers(engine, code, first, instance.horizon[-1].date, out)
    return DONE


def validate_first_week(session: Session, kitchen: str, day: date) -> None:
    """The week under way is read by the families already: its public pages are not empty."""
    end = monday_of(day) + timedelta(days=6)
    planned = select(Service).where(
        Service.kitchen == kitchen, Service.status == "prevu", col(Service.date).between(day, end)
    )
    versions = {service.date: service.version for service in session.exec(planned)}
    edit.validate_week(session, kitchen, versions, Stamp(None, utc_now(), day, 0))


def _print_papers(engine: Engine, kitchen: str, first: date, last: date, out: Path) -> None:
    began = monotonic()
    with reading(engine) as session:
        written = write_block(session, kitchen, first, last, out / "pdf")
    say(f"Plan et fichiers : {out}")
    took = french.number(monotonic() - began, 0)
    say(f"{french.plural(len(written), 'PDF', 'PDF')} en {took} s : {out / 'pdf'}")


def _accounts(config: Config, engine: Engine) -> None:
    """Demonstration accounts, told once each start; never in production."""
    with transaction(engine) as session:
        if config.production or not load_settings(session).demonstration:
            return
        kitchen = demo_kitchen(session)
        accounts = people.create_demo_accounts(session, utc_now(), kitchen=kitchen, production=False)
    say("Comptes de démonstration (refusés en production) :")
    for login, password, role, _kitchen in accounts:
        say(f"  {role:<16} {login:<16} {password}")
