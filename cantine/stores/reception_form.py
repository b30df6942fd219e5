"""What a thumb types on one line of a delivery, read all at once: a check, and every fault in words."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from cantine.asked import day_in, decimal_in, whole_in
from cantine.errors import CantineError
from cantine.stores.models import ReceptionLine
from cantine.stores.receptions import Check, check_whole

Values = MultiDict[str, str]
ACCEPTED, PARTLY, REFUSED = "accepte", "partie", "refuse"
LONGEST = 80
COLDEST, WARMEST = -60, 100
NO_QUANTITY = "Dites combien est arrivé\u00a0: un nombre de colis, ou un poids en kg."
NO_PART = "Dites combien est accepté\u00a0: un nombre de colis, ou un poids en kg."
TOO_HEAVY = "Plus de 50 tonnes d'un seul produit\u00a0: vérifiez le nombre de colis ou le poids en kg."
HEAVIEST_KG = 50_000
PER_KG = 1000

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Typed:
    """One line as typed: the check where it holds together, else what is wrong."""

    check: Check | None
    faults: tuple[str, ...]


def read_line(values: Values, line: ReceptionLine) -> Typed:
    """Read the form of a line; nothing is kept of one with a fault."""
    faults: list[str] = []
    delivered = _tried(lambda: _grams(values, "colis", "poids", line.pack_g, NO_QUANTITY), faults)
    verdict = values.get("verdict", ACCEPTED)
    accepted: int | None = 0
    if verdict == PARTLY:
        accepted = _tried(
            lambda: _grams(values, "colis_acceptes", "poids_accepte", line.pack_g, NO_PART), faults
        )
    elif verdict != REFUSED:
        accepted = delivered
    temperature = _tried(lambda: _temperature(values), faults)
    use_by = _tried(lambda: day_in(values, "date") if values.get("date") else None, faults)
    refusal = values.get("motif", "") if verdict in {PARTLY, REFUSED} else ""
    if delivered is not None:
        faults += check_whole(delivered, accepted, refusal)
    if faults or delivered is None:
        return Typed(None, tuple(faults))
    return Typed(
        Check(
            delivered_g=delivered,
            accepted_g=accepted,
            temperature_c=None if temperature is None else float(temperature),
            use_by=use_by,
            refusal=refusal if accepted != delivered else "",
            label_proof={"oui": True, "non": False}.get(values.get("preuve", "")),
            **_texts(values),
        ),
        (),
    )


def read_degrees(values: Values) -> dict[str, float]:
    """Temperatures measured once for a whole zone of the lorry, where they were typed.

    Raises:
        CantineError: one of them is no temperature.
    """
    zones = {"froid_positif": "froid", "froid_negatif": "surgeles"}
    typed = {zone: _temperature(values, name) for zone, name in zones.items()}
    return {zone: float(degrees) for zone, degrees in typed.items() if degrees is not None}


def _tried(read: Callable[[], Answer], faults: list[str]) -> Answer | None:
    try:
        return read()
    except CantineError as error:
        faults.append(error.message)
        return None


def _grams(values: Values, packs: str, weight: str, pack_g: int, missing: str) -> int:
    """Grams of so many packs, or those weighed: the scales are right."""
    weighed = decimal_in(values, weight)
    if (weighed is not None and weighed < 0) or (weighed is None and not values.get(packs, "").strip()):
        raise CantineError(missing)
    kilograms = weighed if weighed is not None else Decimal(whole_in(values, packs) * pack_g) / PER_KG
    if kilograms > HEAVIEST_KG:
        raise CantineError(TOO_HEAVY)
    return round(kilograms * PER_KG)


def _temperature(values: Values, name: str = "temperature") -> Decimal | None:
    degrees = decimal_in(values, name)
    if degrees is not None and not COLDEST <= degrees <= WARMEST:
        raise CantineError(f"« {values[name][:20]} » n'est pas une température possible. Exemple : 3,5.")
    return degrees


def _texts(values: Values) -> dict[str, str]:
    names = ("supplier_lot", "born_in", "raised_in", "slaughtered_in", "note")
    texts = {name: " ".join(values.get(name, "").split())[:LONGEST] for name in names}
    if values.get("france"):
        texts |= {name: texts[name] or "France" for name in names[1:4] if name in values}
    return texts
