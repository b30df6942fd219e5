"""Verbs on accounts: the way in when nobody can sign in yet, or any more."""

import argparse
import json

from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.accounts import people
from cantine.accounts.models import ROLES, User
from cantine.clock import utc_now
from cantine.db import reading, transaction
from cantine.errors import NotFoundError
from cantine.french import plural
from cantine.kitchens.models import Kitchen
from cantine.orders import contacts
from cantine.purge import forget_old
from cantine.terminal import say

DONE = 0


def add(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine user add``: prints the temporary password, once."""
    with transaction(engine) as session:
        for kitchen in args.kitchen:
            if session.get(Kitchen, kitchen) is None:
                raise NotFoundError(f"La cuisine « {kitchen} » n'existe pas.")
        now = utc_now()
        user, password = people.create(session, login=args.login, name=args.name, now=now)
        for role in args.role:
            for place in _places(role, args.kitchen):
                people.grant(session, user.id or 0, role, place, by=None, now=now)
    say(f"Compte « {user.login} » ouvert. Mot de passe provisoire : {password}")
    return DONE


def _places(role: str, kitchens: list[str]) -> list[str]:
    """Kitchens of a role; those of the département need none."""
    if role not in ROLES:
        raise NotFoundError(f"Le rôle « {role} » n'existe pas ; au choix : {', '.join(ROLES)}.")
    if not kitchens and role not in people.WIDE_ROLES:
        raise NotFoundError(f"Le rôle « {role} » demande une cuisine : ajoutez --kitchen CODE.")
    return kitchens or [""]


def show(engine: Engine, _args: argparse.Namespace) -> int:
    """``cantine user list``."""
    with reading(engine) as session:
        for user, grants in people.listing(session):
            roles = ", ".join(f"{one.role} {one.kitchen}".strip() for one in grants) or "aucun rôle"
            state = "" if user.active else " (fermé)"
            say(f"{user.login:<28} {user.name:<28} {roles}{state}")
    return DONE


def reset(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine user reset``: a temporary password; the person's sessions end."""
    with transaction(engine) as session:
        password = people.reset_password(session, _number(session, args.login), by=None, now=utc_now())
    say(f"Nouveau mot de passe provisoire de « {args.login} » : {password}")
    return DONE


def disable(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine user disable``: closes the account and ends its sessions."""
    with transaction(engine) as session:
        people.set_active(session, _number(session, args.login), active=False, by=None, now=utc_now())
    say(f"Compte « {args.login} » fermé.")
    return DONE


def purge(engine: Engine, _args: argparse.Namespace) -> int:
    """``cantine user purge``: what the site also does every day."""
    with transaction(engine) as session:
        forgotten = forget_old(session, utc_now())
    accounts = plural(forgotten.accounts, "compte anonymisé", "comptes anonymisés")
    contacts_ = plural(
        forgotten.contacts,
        "fournisseur sans coordonnées désormais",
        "fournisseurs sans coordonnées désormais",
    )
    say(f"{accounts}, {contacts_}, journal de plus de trois ans effacé.")
    return DONE


def contact_export(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine supplier-contact export``: what is held, as JSON on the standard output."""
    with reading(engine) as session:
        say(json.dumps(contacts.export(session, args.code), ensure_ascii=False, indent=2))
    return DONE


def contact_anonymise(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine supplier-contact anonymise``: the supplier stays, the contact goes."""
    with transaction(engine) as session:
        contacts.anonymise(session, args.code, by=None, now=utc_now(), person=args.person)
    say(f"Coordonnées de « {args.code} » effacées, ici et dans le journal.")
    return DONE


def _number(session: Session, login: str) -> int:
    user = session.exec(select(User).where(User.login == login.strip().lower())).first()
    if user is None or user.id is None:
        raise NotFoundError(f"Aucun compte ne porte l'identifiant « {login} ».")
    return user.id
