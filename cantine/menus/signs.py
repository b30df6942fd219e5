"""Words and signs put on a dish: labels in the order of the charter, allergens of the European list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cantine.french import number
from optim.terms import Allergene, Label, Slot


@dataclass(frozen=True)
class Sign:
    """One sign: its icon, the word beside it, and its full name."""

    icon: str
    word: str
    title: str


VEGE = Sign("vege", "Végé", "Plat végétarien")
LABEL_SIGNS: Mapping[Label, Sign] = {
    Label.BIO: Sign("bio", "Bio", "Agriculture biologique"),
    Label.LABEL_ROUGE: Sign("lr", "Label Rouge", "Label Rouge"),
    Label.AOCAOP: Sign("aop", "AOP", "Appellation d'origine (AOC, AOP)"),
    Label.IGP: Sign("igp", "IGP", "Indication géographique protégée"),
    Label.STG: Sign("aop", "STG", "Spécialité traditionnelle garantie"),
    Label.PECHE_DURABLE: Sign("peche", "Pêche durable", "Pêche durable"),
    Label.FERMIER: Sign("fermier", "Fermier", "Fermier"),
    Label.HVE: Sign("hve", "HVE", "Haute valeur environnementale"),
    Label.RUP: Sign("igp", "RUP", "Régions ultrapériphériques"),
    Label.COMMERCE_EQUITABLE: Sign("equitable", "Équitable", "Commerce équitable"),
    Label.EXTERNALITES: Sign(
        "co2", "Empreinte comptée", "Choisi en comptant ce qu'il coûte à l'environnement"
    ),
    Label.PERFORMANCE: Sign("co2", "Environnement", "Choisi pour ses performances environnementales"),
}

ALLERGENS: Mapping[Allergene, str] = {
    Allergene.GLUTEN: "gluten",
    Allergene.CRUSTACES: "crustacés",
    Allergene.OEUFS: "œufs",
    Allergene.POISSON: "poisson",
    Allergene.ARACHIDES: "arachides",
    Allergene.SOJA: "soja",
    Allergene.LAIT: "lait",
    Allergene.FRUITS_A_COQUE: "fruits à coque",
    Allergene.CELERI: "céleri",
    Allergene.MOUTARDE: "moutarde",
    Allergene.SESAME: "sésame",
    Allergene.SULFITES: "sulfites",
    Allergene.LUPIN: "lupin",
    Allergene.MOLLUSQUES: "mollusques",
}

SLOT_WORDS: Mapping[Slot, str] = {
    Slot.ENTREE: "Entrée",
    Slot.PLAT: "Plat",
    Slot.GARNITURE: "Garniture",
    Slot.LAITIER: "Laitage",
    Slot.DESSERT: "Dessert",
}
SLOT_ICONS: Mapping[Slot, str] = {slot: slot.value for slot in Slot} | {Slot.LAITIER: "laitage"}


def local_sign(distance_km: float) -> Sign:
    """A distance says more than « local »."""
    km = max(1, round(distance_km))
    return Sign("local", f"{number(km)}\u00a0km", f"Local : produit à {number(km)}\u00a0km")


def signs_of(labels: Collection[Label], distance_km: float | None, *, vegetarian: bool) -> tuple[Sign, ...]:
    """Signs of a dish, in the order of the charter; ``distance_km`` only where it is local."""
    found = [VEGE] if vegetarian else []
    found += [sign for label, sign in LABEL_SIGNS.items() if label in labels]
    if distance_km is not None:
        found.append(local_sign(distance_km))
    return tuple(found)


def allergen_words(codes: Collection[str]) -> tuple[str, ...]:
    """French names, in the order of the European list."""
    return tuple(word for code, word in ALLERGENS.items() if code.value in codes)
