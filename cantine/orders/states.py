"""States of an order: in words, which step leads from which to which."""

from collections.abc import Mapping
from dataclasses import dataclass

BROUILLON, APPROUVE, ENVOYE = "brouillon", "approuve", "envoye"
CONFIRME, MODIFIE, REFUSE = "confirme", "modifie", "refuse"
RECU, FACTURE, ANNULE = "recu", "facture", "annule"
AMENDE = "amende"
"""A step, not a state: the order is approved again, in a new version."""
ROUVERT = "rouvert"
"""A step too: its invoice was opened again."""

ANSWERS = frozenset({CONFIRME, MODIFIE, REFUSE})
COMMITTED = frozenset({APPROUVE, ENVOYE, CONFIRME, MODIFIE, REFUSE, RECU, FACTURE})
"""The money is bound: the plan counts on these packs, those confirmed where the producer answered."""
WITH_SUPPLIER = frozenset({ENVOYE, CONFIRME, MODIFIE, REFUSE})
"""The supplier has it, nothing came yet."""
LIVE = frozenset({BROUILLON, *COMMITTED})

STATE_WORDS: Mapping[str, str] = {
    BROUILLON: "à approuver",
    APPROUVE: "approuvée",
    ENVOYE: "envoyée",
    CONFIRME: "confirmée",
    MODIFIE: "changée par le fournisseur",
    REFUSE: "refusée par le fournisseur",
    RECU: "reçue",
    FACTURE: "facturée",
    ANNULE: "annulée",
}
STATE_KINDS: Mapping[str, str] = {
    BROUILLON: "own",
    APPROUVE: "info",
    ENVOYE: "info",
    CONFIRME: "ok",
    MODIFIE: "warn",
    REFUSE: "bad",
    RECU: "ok",
    FACTURE: "ok",
    ANNULE: "",
}
"""Kind of the sign shown beside the word (macro ``state``)."""

STEP_WORDS: Mapping[str, str] = {
    **STATE_WORDS,
    "cree": "préparée",
    "change": "changée avant l'envoi",
    "groupe": "jointe à une commande groupée",
    "degroupe": "sortie de la commande groupée",
    AMENDE: "rectifiée : nouvelle version à envoyer",
    ROUVERT: "facture rouverte",
}


@dataclass(frozen=True)
class Step:
    """One step: from which states, to which, and the verb of a refusal."""

    sources: frozenset[str]
    target: str
    verb: str


def _step(verb: str, target: str, *sources: str) -> Step:
    return Step(frozenset(sources), target, verb)


TRANSITIONS: Mapping[str, Step] = {
    APPROUVE: _step("être approuvée", APPROUVE, BROUILLON),
    ENVOYE: _step("être envoyée", ENVOYE, APPROUVE),
    CONFIRME: _step("être confirmée", CONFIRME, *WITH_SUPPLIER),
    MODIFIE: _step("être changée par le fournisseur", MODIFIE, *WITH_SUPPLIER),
    REFUSE: _step("être refusée", REFUSE, *WITH_SUPPLIER),
    AMENDE: _step("être rectifiée", APPROUVE, APPROUVE, *WITH_SUPPLIER),
    ANNULE: _step("être annulée", ANNULE, BROUILLON, APPROUVE, *WITH_SUPPLIER),
    # A delivery may come in several times, and be checked at the door before its answer, or against it.
    RECU: _step("être reçue", RECU, *WITH_SUPPLIER, RECU),
    FACTURE: _step("être facturée", FACTURE, RECU, FACTURE),
    ROUVERT: _step("être rouverte", RECU, FACTURE),
}
"""Steps of an order's life, by the kind of their event."""
