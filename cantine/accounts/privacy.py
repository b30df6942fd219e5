"""RGPD: what the house keeps of a person, and small counts that could name one."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from cantine.accounts import people
from cantine.accounts.models import Draft, JournalEntry

SMALLEST = 5
"""Counts of pupils below this could name somebody (usage of the statistics of the ministry)."""
RETENTION = (
    ("Compte (identifiant, nom, rôles)", "tant que vous l'utilisez, puis anonymisé au plus tard un an après"),
    ("Journal des changements", "trois ans, le temps des contrôles ; votre nom s'efface avec le compte"),
    ("Saisies non enregistrées", "trente jours, ou jusqu'à ce que vous les enregistriez"),
    ("Coordonnées des producteurs et fournisseurs", "durée du marché, puis cinq ans de pièces comptables"),
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


def conceal(counts: Mapping[str, int | None], total: str | None = None) -> dict[str, int | str | None]:
    """Small counts as « moins de 5 », and what would give them back.

    When one count is hidden, the ``total`` is hidden too, if it is shown; without a shown total
    nothing else can be subtracted.
    """
    small = {name for name, value in counts.items() if value is not None and value < SMALLEST}
    if small and total is not None:
        small.add(total)
    return {name: _word(value) if name in small else value for name, value in counts.items()}


def _word(value: int | None) -> str:
    return f"moins de {SMALLEST}" if value is not None and value < SMALLEST else "masqué"
