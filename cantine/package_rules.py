"""Checks of a package that a table schema cannot express: vocabularies of lists, keys, sums, dates.

Each rule is a small function; ``CELL_RULES`` look at one cell, ``ROW_RULES`` at one row without
fault, ``TABLE_RULES`` at a whole table. All of them run: faults are shown together.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cantine import french
from cantine.errors import Fault
from cantine.package_faults import Line, Row
from cantine.package_known import Known
from cantine.package_schema import Column, TableForm, forms
from optim.instance import CREDIT_CAP_PERMILLE, Profile
from optim.terms import FamilleProduits, Label, Slot
from optim.units import PERMILLE

Remark = tuple[str | None, str]
"""Column (or None for the whole row) and French reason."""

FULL_SHARE = 1000
SHARED_ELSEWHERE = ("garniture", "laitier")
"""Slots that a complete dish or a dairy dessert may fill for part of the diners."""

LABEL_FAMILIES: dict[Label, frozenset[FamilleProduits]] = {
    Label.LABEL_ROUGE: frozenset(FamilleProduits) - {FamilleProduits.BOISSONS},
    Label.PECHE_DURABLE: frozenset({FamilleProduits.PRODUITS_DE_LA_MER}),
    Label.FERMIER: frozenset(
        {FamilleProduits.VIANDES_VOLAILLES, FamilleProduits.CHARCUTERIE, FamilleProduits.PRODUITS_LAITIERS}
    ),
}
"""Families a label may be declared with (ma cantine, data/models/purchase.py); any family when absent."""


def remarks(form: TableForm, known: Known) -> list[Fault]:
    """Faults of the package's rows of one table, once every table was read."""
    faults: list[Fault] = []
    for line in known.lines(form.name):
        faults.extend(_cell_faults(form, line, known))
        if line.clean:
            for row_rule in ROW_RULES.get(form.name, ()):
                found = row_rule(line.values, known)
                faults.extend(Fault(form.name, line.number, column, reason) for column, reason in found)
    for table_rule in TABLE_RULES.get(form.name, ()):
        faults.extend(table_rule(known))
    return faults


def _cell_faults(form: TableForm, line: Line, known: Known) -> Iterator[Fault]:
    for column in form.columns:
        value = line.values[column.name]
        if value in (None, "", ()):
            continue
        rules = [_list_words] if column.kind == "list" else CELL_RULES.get((form.name, column.name), [])
        for rule in rules:
            reason = rule(column, value, known)
            if reason:
                yield Fault(form.name, line.number, column.name, reason)


def _list_words(column: Column, value: tuple[str, ...], _known: Known) -> str:
    if "" in value or any(item != item.strip() for item in value):
        return f"« {';'.join(value)} » : séparez les codes par un seul « ; », sans espace."
    if len(set(value)) < len(value):
        return f"« {';'.join(value)} » : un code est écrit deux fois."
    unknown = [item for item in value if column.words and item not in column.words]
    words = ", ".join(column.words)
    return f"« {', '.join(unknown)} » n'est pas prévu ; au choix : {words}." if unknown else ""


def _siret(_column: Column, value: str, _known: Known) -> str:
    if not re.fullmatch(r"[0-9]{14}", value):
        return ""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(value))]
    key = sum(number // 10 + number % 10 for number in doubled)
    return f"« {value} » : la clé de ce SIRET est fausse ; vérifiez les 14 chiffres." if key % 10 else ""


def _hour(_column: Column, value: str, _known: Known) -> str:
    return f"« {value} » n'est pas une heure. Exemple : 12:00" if value >= "24:00" else ""


def _in_calendar(_column: Column, value: date, known: Known) -> str:
    days = [key[0] for key in known.rows("calendar")]
    if not days or min(days) <= value <= max(days):
        return ""
    return f"« {value} » est hors du calendrier, qui va du {min(days)} au {max(days)}."


def _setting(row: Row, known: Known) -> Iterator[Remark]:
    if row["key"] == "reference_date":
        try:
            date.fromisoformat(row["value"])
        except ValueError:
            yield "value", f"« {row['value']} » n'est pas une date. Exemple : 2027-01-04"
    if row["key"] == "bread_food" and not known.get("foods", row["value"]):
        yield "value", f"« {row['value']} » n'existe pas dans la table « foods » (code)."


def _college(row: Row, _known: Known) -> Iterator[Remark]:
    helped = sum(row[f"boursiers_e{step}"] or 0 for step in (1, 2, 3))
    eating, pupils = row["half_boarders"], row["pupils"]
    if eating is not None and helped > eating:
        yield "half_boarders", f"{helped} boursiers pour {eating} demi-pensionnaires."
    if eating is not None and pupils is not None and eating > pupils:
        yield "half_boarders", f"{eating} demi-pensionnaires pour {pupils} élèves."


def _service_days(known: Known, kitchen: str) -> str:
    row = known.get("kitchens", kitchen)
    return row["service_days"] if row else "1234567"


def _diners(row: Row, known: Known) -> Iterator[Remark]:
    site = known.get("sites", row["site"])
    eating = sum(row[name] for name in ("maternelle", "elementaire", "college", "adulte"))
    if site and eating and str(row["weekday"]) not in _service_days(known, site["kitchen"]):
        yield "weekday", f"la cuisine « {site['kitchen']} » ne sert pas le jour {row['weekday']} (1 = lundi)."


def _service(row: Row, known: Known) -> Iterator[Remark]:
    """Past and excluded services may fall on any day; those to come only when the kitchen serves."""
    if row["status"] in ("servi", "exclu"):
        return
    if str(row["date"].isoweekday()) not in _service_days(known, row["kitchen"]):
        yield "date", f"la cuisine « {row['kitchen']} » ne sert pas ce jour de la semaine."
    closed = known.get("calendar", row["date"])
    if closed:
        yield "date", f"jour sans classe ({closed['name'] or closed['kind']})."


def _kitchen(row: Row, known: Known) -> Iterator[Remark]:
    """A directed slot offers a choice; the plat de secours is a recipe."""
    alone = [slot for slot in row["directed_slots"] if row[f"choices_{slot}"] == 1]
    if alone:
        yield "directed_slots", f"« {';'.join(alone)} » : un choix dirigé demande au moins deux choix."
    recipe = row["fallback_recipe"]
    if recipe and not known.get("recipes", recipe):
        yield "fallback_recipe", f"« {recipe} » n'existe pas dans la table « recipes » (code)."


def _site(row: Row, known: Known) -> Iterator[Remark]:
    """A place has at most the choices that its kitchen makes."""
    kitchen = known.get("kitchens", row["kitchen"])
    if not kitchen:
        return
    for name in (f"choices_{slot}" for slot in Slot):
        if (row[name] or 0) > kitchen[name]:
            yield name, f"{row[name]}, mais la cuisine « {row['kitchen']} » n'en prépare que {kitchen[name]}."


def _variant(row: Row, known: Known) -> Iterator[Remark]:
    """A variant belongs to the component of its dish, which is not itself a variant."""
    dish = known.get("recipes", row["variant_of"]) if row["variant_of"] else None
    if dish and dish["slot"] != row["slot"]:
        yield "variant_of", f"« {row['variant_of']} » va dans « {dish['slot']} », pas dans « {row['slot']} »."
    elif dish and (dish["variant_of"] or row["variant_of"] == row["code"]):
        yield "variant_of", f"« {row['variant_of']} » est déjà une variante : nommez le plat dont elle vient."


def _dish(row: Row, known: Known) -> Iterator[Remark]:
    recipe = known.get("recipes", row["recipe"])
    if recipe and recipe["slot"] != row["slot"]:
        yield "recipe", f"« {row['recipe']} » va dans « {recipe['slot']} », pas dans « {row['slot']} »."


def _validity(row: Row, _known: Known) -> Iterator[Remark]:
    if row["valid_to"] < row["valid_from"]:
        yield "valid_to", f"la fin ({row['valid_to']}) est avant le début ({row['valid_from']})."


def _labels(row: Row, known: Known) -> Iterator[Remark]:
    food = known.get("foods", row["food"])
    for label in Label:
        families = LABEL_FAMILIES.get(label)
        if food and families and label in row["labels"] and food["family"] not in families:
            yield "labels", f"le label {label} ne peut pas porter sur la famille {food['family']}."


def _rounds(row: Row, _known: Known) -> Iterator[Remark]:
    first: date | None = row["first_week"]
    if row["every_weeks"] == 2 and first is None:  # noqa: PLR2004 -- one week out of two
        yield "first_week", "une tournée tous les 15 jours demande la date d'un de ses lundis."
    if first is not None and first.isoweekday() != 1:
        monday = first - timedelta(days=first.weekday())
        yield "first_week", f"{first} n'est pas un lundi. Exemple : {monday}"


def _lot_sharing(row: Row, _known: Known) -> Iterator[Remark]:
    if row["sharing"] and row["frame"] != "multi":
        yield "sharing", "la règle entre titulaires ne vaut que pour un lot « multi » : laissez vide."


def _lot_rank(row: Row, known: Known) -> Iterator[Remark]:
    lot = known.get("market_lots", row["lot"]) if row["lot"] else None
    if lot and lot["sharing"] == "cascade" and row["lot_rank"] is None:
        yield "lot_rank", f"le lot « {row['lot']} » est en cascade : donnez le rang du titulaire, 1 d'abord."


def _certificate(row: Row, known: Known) -> Iterator[Remark]:
    offer = known.get("offers", row["offer"]) if row["offer"] else None
    if offer and offer["supplier"] != row["supplier"]:
        yield "offer", f"« {row['offer']} » est une offre d'un autre fournisseur ({offer['supplier']})."


def _a_euro(permille: int) -> str:
    """A price per thousand euros as people read it, and as a package writes it."""
    return f"{french.euros(Decimal(permille) / PERMILLE, 3)} par euro ({permille} pour mille)"


def _profile(row: Row, _known: Known) -> Iterator[Remark]:
    """Prices that cannot all be used: a euro of product would earn more than it costs."""
    local, quality = row["local_permille"], row["quality_permille"]
    room = CREDIT_CAP_PERMILLE - local - quality
    if room < 0:
        best = CREDIT_CAP_PERMILLE - local
        reason = f"local et qualité font {_a_euro(local + quality)}, {_a_euro(CREDIT_CAP_PERMILLE)} au plus"
        most = f" : avec {_a_euro(local)} pour le local, {_a_euro(best)} au plus." if best >= 0 else "."
        yield "quality_permille", reason + most
        return
    highest = Profile(local_permille=local, quality_permille=quality).highest_shortfall_permille
    if row["shortfall_permille"] > highest:
        asked = _a_euro(row["shortfall_permille"])
        unused = f"{asked} ne seraient pas appliqués : avec ce local et cette qualité, "
        reason = f"{_a_euro(highest)} au plus, pour qu'un produit ne rapporte jamais plus qu'il ne coûte."
        yield "shortfall_permille", unused + reason


def _staple_level(row: Row, known: Known) -> Iterator[Remark]:
    if row["max_g"] < row["min_g"]:
        yield "max_g", f"le maximum ({row['max_g']} g) est sous le minimum ({row['min_g']} g)."
    food = known.get("foods", row["food"])
    if food and not food["staple"]:
        yield "food", f"« {food['name']} » n'est pas une denrée de base : les propositions l'achètent."


def _substitutes(known: Known) -> Iterator[Fault]:
    """A recipe served to those without pork holds none."""
    holding = defaultdict(set)
    for ingredient in known.rows("recipe_ingredients").values():
        food = known.get("foods", ingredient["food"])
        if food and food["pork"]:
            holding[ingredient["recipe"]].add(food["name"])
    for line in known.lines("recipes"):
        substitute = line.values["substitute"]
        if line.clean and substitute in holding:
            what = ", ".join(sorted(holding[substitute]))
            reason = f"« {substitute} » contient du porc ({what}) et ne peut pas remplacer un plat au porc."
            yield Fault("recipes", line.number, "substitute", reason)


def _shares(known: Known) -> Iterator[Fault]:
    """The choices of a slot share all diners, save where a dish of another slot serves part of them."""
    slots: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in known.lines("dishes"):
        if line.clean:
            slots[tuple(line.values[name] for name in ("kitchen", "date", "slot"))].append(line)
    for (_kitchen, _date, slot), lines in slots.items():
        total = sum(line.values["share_permille"] for line in lines)
        short = total < FULL_SHARE and len(lines) > 1 and slot not in SHARED_ELSEWHERE
        if total > FULL_SHARE or short:
            reason = f"les parts des {len(lines)} choix font {total} pour mille au lieu de {FULL_SHARE}."
            yield Fault("dishes", lines[0].number, "share_permille", reason)


CELL_RULES: dict[tuple[str, str], list[Callable[[Column, Any, Known], str]]] = {
    ("colleges", "siret"): [_siret],
    ("suppliers", "siret"): [_siret],
    ("suppliers", "cutoff_hour"): [_hour],
    ("closures", "date"): [_in_calendar],
    ("services", "date"): [_in_calendar],
    ("bans", "date"): [_in_calendar],
}
ROW_RULES: dict[str, tuple[Callable[[Row, Known], Iterator[Remark]], ...]] = {
    "settings": (_setting,),
    "colleges": (_college,),
    "kitchens": (_kitchen,),
    "sites": (_site,),
    "diners": (_diners,),
    "recipes": (_variant,),
    "market_lots": (_validity, _lot_sharing),
    "offers": (_validity, _labels, _lot_rank),
    "certificates": (_validity, _certificate),
    "profiles": (_profile,),
    "staple_levels": (_staple_level,),
    "suppliers": (_rounds,),
    "services": (_service,),
    "dishes": (_dish,),
}
TABLE_RULES: dict[str, tuple[Callable[[Known], Iterator[Fault]], ...]] = {
    "recipes": (_substitutes,),
    "dishes": (_shares,),
}


def check_rules(known: Known, tables: list[str]) -> list[Fault]:
    """Every remark on the package's rows of ``tables``."""
    return [fault for name in tables for fault in remarks(forms()[name], known)]
