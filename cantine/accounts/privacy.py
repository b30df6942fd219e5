"""RGPD: what the house keeps of a person, for how long, and how it forgets."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from cantine.accounts import drafts, people
from cantine.accounts.models import Draft, JournalEntry, User

UNSEEN = timedelta(days=365)
JOURNAL_KEPT = timedelta(days=3 * 365)
RETENTION = (
    (
        "Compte (identifiant, nom, rôles)",
        "tant que vous l'utilisez, puis anonymisé après un an sans connexion",
    ),
    (
        "Journal des changements, menus annoncés",
        "trois ans, le temps des contrôles ; votre nom s'efface avec le compte",
    ),
    ("Saisies non enregistrées", "trente jours, ou jusqu'à ce que vous les enregistriez"),
    (
        "Messages envoyés aux producteurs et fournisseurs (adresse et texte)",
        "un an ; leurs réponses et leurs mots, effacés avec leurs coordonnées",
    ),
    (
        "Courriel et téléphone des producteurs et fournisseurs",
        "trois ans après la fin de leur dernière offre ou livraison prévue, ou dès qu'ils le demandent",
    ),
)


def export(session: Session, user_id: int) -> dict[str, object]:
    """Everything kept about one person, in plain words, for « mes données »."""
    user = people.get(session, user_id)
    entries = session.exec(
        select(JournalEntry).where(JournalEntry.user_id == user_id).order_by(col(JournalEntry.id))
    ).all()
    drafts = session.exec(select(Draft).where(Draft.user_id == user_id)).all()
    return {
        "identifiant": user.login,
        "nom": user.name,
        "compte_cree_le": user.created_at.isoformat(),
        "derniere_connexion": user.last_seen_at.isoformat() if user.last_seen_at else None,
        "roles": [
            {"role": role, "cuisine": place} for role, place in sorted(people.grants_of(session, user_id))
        ],
        "changements": [
            {
                "le": entry.at.isoformat(),
                "cuisine": entry.kitchen,
                "sujet": entry.subject,
                "objet": entry.key,
                "avant": entry.before,
                "apres": entry.after,
            }
            for entry in entries
        ],
        "saisies_non_enregistrees": [
            {"page": draft.form, "contenu": draft.content, "le": draft.saved_at.isoformat()}
            for draft in drafts
        ],
    }


def forget_old(session: Session, now: datetime) -> int:
    """Keep what the notice says: forget old changes, old drafts, and people who no longer come.

    The last administrator stays, whenever they came: somebody must manage accounts.

    Returns:
        How many accounts were anonymised.
    """
    drafts.forget_old(session, now=now)
    session.exec(delete(JournalEntry).where(col(JournalEntry.at) < now - JOURNAL_KEPT))
    gone = session.exec(
        select(User.id)
        .where(
            col(User.anonymised_at).is_(None),
            func.coalesce(User.last_seen_at, User.created_at) < now - UNSEEN,
        )
        .order_by(col(User.id))
    ).all()
    leaving = [
        number for number in gone if number is not None and not people.alone_to_manage(session, number)
    ]
    for number in leaving:
        people.anonymise(session, number, by=None, now=now)
    return len(leaving)
