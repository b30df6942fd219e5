"""Lines of a ma cantine file to purchases of this département; what is wrong is kept with its line."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from cantine.egalim.ma_cantine import KM, YES, line_faults
from cantine.egalim.places import Place, load_places, siret_fault
from cantine.egalim.read_file import TABLE
from cantine.errors import Fault
from cantine.french import fold, plural
from cantine.kitchens.settings import load_settings
from cantine.orders.purchases import to_the_cent
from cantine.suppliers.models import Supplier

FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})$")
NO = {"", "non", "faux", "0"}
YESES = {"oui", "x", "vrai", "1"}


class LinesReader:
    """Lines to purchases, for the kitchens and suppliers of this département."""

    def __init__(self, session: Session, today: date, only: str | None) -> None:
        self.today, self.only = today, only
        self.faults: list[Fault] = []
        # Of the kitchens of one collège, the person's own.
        places = sorted(load_places(session).values(), key=lambda place: place.kitchen == only)
        self._places: dict[str, Place] = {place.siret: place for place in places if place.siret}
        self._suppliers = {fold(s.name): s.code for s in session.exec(select(Supplier))}
        self._settings = load_settings(session)
        self._estimated: Counter[Place] = Counter()
        self._undefined = 0

    def row(self, number: int, cells: Mapping[str, str]) -> dict[str, object] | None:
        """Columns of a purchase; None when something is wrong, then kept in ``faults``."""
        plain = normal(cells)
        found = list(line_faults(plain, self.today))
        place = self._places.get(plain["siret"])
        if not siret_fault(plain["siret"]):
            found += self._place_faults(plain["siret"], place)
        self.faults += [Fault(TABLE, number, column, f"{reason}.") for column, reason in found]
        if found or place is None:
            return None
        if place.estimated:
            self._estimated[place] += 1
        return self._columns(plain, place)

    def warnings(self) -> Iterator[str]:
        """Numbers that were only guesses here."""
        for place, lines in self._estimated.items():
            yield (
                f"Le SIRET {place.siret} de « {place.name} » n'est ici qu'une estimation ; "
                f"{plural(lines, 'ligne le porte', 'lignes le portent')}. "
                "Confirmez-le si ce fichier vient de ma cantine."
            )
        if self._undefined:
            yield (
                f"{plural(self._undefined, 'produit local', 'produits locaux')} sans définition : "
                f"celle du département sera prise ({self._settings.local_definition})."
            )

    def _place_faults(self, siret: str, place: Place | None) -> Iterator[tuple[str, str]]:
        if place is None:
            yield "siret", f"le SIRET {siret} n'est celui d'aucune cuisine connue ici"
        elif self.only is not None and place.kitchen != self.only:
            yield "siret", f"le SIRET {siret} est celui d'une autre cuisine, « {place.name} »"

    def _columns(self, plain: Mapping[str, str], place: Place) -> dict[str, object]:
        km, definition = plain["definition_local_km"], plain["definition_local"]
        if plain["est_local"] and not definition:
            self._undefined += 1
            definition = self._settings.local_definition
            km = str(self._settings.local_km) if definition == KM else ""
        labels = plain["categories_egalim"]
        return {
            "kitchen": place.kitchen,
            "buyer": place.uai or place.kitchen,
            "date": date.fromisoformat(plain["date"]),
            "supplier": self._suppliers.get(fold(plain["fournisseur"])),
            "supplier_name": plain["fournisseur"],
            "description": plain["description"],
            "family": plain["famille_produits"],
            "labels": tuple(labels.split(",")) if labels else (),
            "origin_country": plain["origine"],
            "short_chain": bool(plain["est_circuit_court"]),
            "local_km": int(km) if km else None,
            "local_definition": definition,
            "amount_ht": to_the_cent(Decimal(plain["prix_ht"])),
            "source": "import",
            "origin": "declare",
        }


def normal(cells: Mapping[str, str]) -> dict[str, str]:
    """Cells as the file should hold them: « x » is OUI, « 12,50 » is 12.50, 31/03/2026 is 2026-03-31."""
    plain = dict(cells)
    plain["siret"] = "".join(cells["siret"].split())
    plain["prix_ht"] = "".join(cells["prix_ht"].removesuffix("€").split()).replace(",", ".")
    plain["definition_local_km"] = cells["definition_local_km"].removesuffix(".0")
    plain["categories_egalim"] = ",".join(
        one.strip().upper() for one in cells["categories_egalim"].split(",") if one.strip()
    )
    for name in ("famille_produits", "origine", "definition_local"):
        plain[name] = cells[name].upper()
    for name in ("est_circuit_court", "est_local"):
        said = cells[name].casefold()
        plain[name] = "" if said in NO else YES if said in YESES else cells[name]
    day = FRENCH_DAY.match(cells["date"])
    if day:
        plain["date"] = f"{day[3]}-{day[2]:>02}-{day[1]:>02}"
    return plain
