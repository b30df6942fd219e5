"""The yearly simple declaration to ma cantine: one line per SIRET, filled from the year, with its rules."""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.egalim.export import Finding
from cantine.egalim.law import Groupe
from cantine.egalim.ma_cantine import schema
from cantine.egalim.places import Place, load_places
from cantine.egalim.shares import Figures, figures_between
from cantine.egalim.year import Declared, declared_totals
from cantine.french import euros, full_date
from cantine.kitchens.models import Kitchen
from cantine.menus.models import Service
from cantine.orders.models import Purchase
from cantine.orders.purchases import within
from optim.terms import FamilleProduits as F

SCHEMA = "bilans_simple_siret"
YEAR = "année_bilan"
CHEAPEST_MEAL, DEAREST_MEAL = Decimal("0.10"), Decimal(20)
"""Euros of food per meal beyond which the platform warns (ma cantine, data/validators/diagnostic.py)."""
LARGE = Decimal(1_000_000)


@dataclass(frozen=True)
class Line:
    """The declaration of one kitchen.

    Attributes:
        values: euros HT by column of the file.
        faults: what the platform would refuse, by column, in French.
        warnings: what it would ask about, or what is not known.
    """

    place: Place
    year: int
    values: Mapping[str, Decimal]
    meals: int
    faults: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declaration:
    """The lines of a year."""

    year: int
    lines: list[Line] = field(default_factory=list)

    @property
    def faults(self) -> list[Finding]:
        """Everything to mend before the file is given."""
        return [
            Finding(line.place.kitchen, None, column, reason)
            for line in self.lines
            for column, reason in line.faults
        ]


def load_declaration(
    session: Session, year: int, today: date, kitchens: Collection[str] | None = None, *, demo: bool = False
) -> Declaration:
    """The declaration of some kitchens, or of all, as far as their purchases are known.

    Every line of the ledger counts, as in the file of purchases: totals declared for the time before the
    system have no detail, and hide no line that was imported since. Kitchens of one collège have one number,
    hence one line, which counts them all even if only one of them was asked for.

    Args:
        session: open.
        year: of the data.
        today: the year is over only after its last day.
        kitchens: codes; None for all.
        demo: estimated numbers and invented purchases are told, not refused.
    """
    groups = _by_number(load_places(session), kitchens)
    codes = None if kitchens is None else [place.kitchen for group in groups for place in group]
    bought = figures_between(session, date(year, 1, 1), date(year, 12, 31), codes)
    declared = declared_totals(session, year, codes)
    meals, invented = _meals(session, year), _invented(session, year, codes)
    lines = []
    for group in groups:
        place, own = group[0], [one.kitchen for one in group]
        if not any(code in bought or code in declared for code in own):
            continue
        figures = sum((bought[code] for code in own if code in bought), Figures())
        values = declared_values(figures)
        eaten = sum(meals.get(code) or 0 for code in own)
        blocking = [*_place_faults(place, demo=demo), *value_faults(values)]
        told = [
            *_unsure(figures, year, today),
            *(_hidden(session, code, declared[code], year) for code in own if code in declared),
            *cost_warnings(values["valeur_totale"], eaten),
        ]
        told = [text for text in told if text]
        if len(group) > 1:
            told.append(f"ce SIRET compte ensemble {' et '.join(one.name for one in group)}")
        if invented.intersection(own):
            reason = "les achats de cette cuisine sont inventés pour la démonstration"
            told.append(reason) if demo else blocking.append((YEAR, reason))
        if place.estimated and demo:
            told.append(f"le SIRET {place.siret} est estimé")
        lines.append(Line(place, year, values, eaten, tuple(blocking), tuple(told)))
    return Declaration(year, lines)


def declared_values(figures: Figures) -> dict[str, Decimal]:
    """Euros by column of the file, the cent of each column kept."""
    france = figures.france
    values = {
        "valeur_totale": figures.total,
        "valeur_bio": figures.bio,
        "valeur_bio_dont_commerce_equitable": figures.fair.get(Groupe.BIO, Decimal(0)),
        "valeur_siqo": figures.group(Groupe.SIQO),
        "valeur_externalites_performance": figures.group(Groupe.EXTERNALITES_PERFORMANCE),
        "valeur_egalim_autres": figures.group(Groupe.EGALIM_AUTRES),
        "valeur_egalim_autres_dont_commerce_equitable": figures.fair.get(Groupe.EGALIM_AUTRES, Decimal(0)),
    }
    for family in (F.VIANDES_VOLAILLES, F.PRODUITS_DE_LA_MER):
        name = f"valeur_{family.lower()}"
        values[name] = figures.family(family)
        values[f"{name}_egalim"] = figures.egalim(family)
        values[f"{name}_france"] = france.get(family, Decimal(0))
    for family in F:
        values.setdefault(f"valeur_{family.lower()}_france", france.get(family, Decimal(0)))
    return values


def value_faults(values: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    """Rules of the platform between the amounts of a line (ma cantine, data/validators/diagnostic.py)."""
    total = values["valeur_totale"]
    parts = (
        "valeur_bio",
        "valeur_siqo",
        "valeur_externalites_performance",
        "valeur_egalim_autres",
    )
    egalim = sum((values[name] for name in parts), Decimal(0))
    meat, fish = "valeur_viandes_volailles", "valeur_produits_de_la_mer"
    found = [] if total > 0 else [("valeur_totale", "le total des achats doit être supérieur à zéro")]
    found += [(name, f"{euros(v)} : un montant négatif") for name, v in values.items() if v < 0]
    found += [
        (name, f"{euros(value)} : plus que le total de l'année, {euros(total)}")
        for name, value in values.items()
        if name != "valeur_totale" and value > total
    ]
    if egalim > total:
        found.append(
            ("valeur_totale", f"bio, SIQO, externalités et autres font {euros(egalim)}, plus que le total")
        )
    for name in (meat, fish):
        for part in ("egalim", "france"):
            if values[f"{name}_{part}"] > values[name]:
                found.append((f"{name}_{part}", f"plus que le total de la famille, {euros(values[name])}"))
    if values[f"{meat}_egalim"] + values[f"{fish}_egalim"] > egalim:
        found.append(
            (f"{meat}_egalim", "viandes et poissons durables font plus que tous les achats durables")
        )
    for name in ("valeur_bio", "valeur_egalim_autres"):
        if values[f"{name}_dont_commerce_equitable"] > values[name]:
            found.append((f"{name}_dont_commerce_equitable", "plus que le groupe dont il est une partie"))
    return found


def cost_warnings(total: Decimal, meals: int) -> list[str]:
    """What the platform asks about: the food of a meal too dear or too cheap to be true."""
    if not meals:
        return ["le nombre de repas de l'année n'est pas connu"]
    cost = total / meals
    if cost > DEAREST_MEAL and total > LARGE:
        return [f"{euros(cost)} d'achats par repas : vérifiez le total et le nombre de repas"]
    if cost < CHEAPEST_MEAL:
        return [f"{euros(cost)} d'achats par repas : des achats manquent sans doute"]
    return []


def columns() -> tuple[str, ...]:
    """The 21 columns of the file, in order."""
    return tuple(schema(SCHEMA))


def csv_of(declaration: Declaration) -> bytes:
    """The file: UTF-8 without a mark, a dot before the cents."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns())
    for line in declaration.lines:
        amounts = (f"{line.values[name]:.2f}" for name in columns()[2:])
        writer.writerow((line.place.siret, line.year, *amounts))
    return text.getvalue().encode()


def _place_faults(place: Place, *, demo: bool) -> list[tuple[str, str]]:
    if place.fault:
        return [("siret", place.fault)]
    if place.estimated and not demo:
        return [("siret", f"le SIRET {place.siret} est estimé : à confirmer par l'établissement")]
    return []


def _by_number(places: Mapping[str, Place], kitchens: Collection[str] | None) -> list[list[Place]]:
    """Kitchens declared together, those of one SIRET, where one of them was asked for: that one first."""
    asked = places if kitchens is None else kitchens
    groups: dict[str, list[Place]] = {}
    for place in sorted(places.values(), key=lambda one: one.kitchen not in asked):
        groups.setdefault(place.siret or place.kitchen, []).append(place)
    return [group for group in groups.values() if group[0].kitchen in asked]


def _unsure(figures: Figures, year: int, today: date) -> list[str]:
    """What the figures do not hold."""
    found = []
    if today <= date(year, 12, 31):
        found.append(f"l'année n'est pas finie au {full_date(today)}")
    incomplete = figures.family("")
    if incomplete:
        found.append(f"{euros(incomplete)} d'achats sans famille de produits")
    return found


def _hidden(session: Session, kitchen: str, declared: Declared, year: int) -> str:
    """What a declared total has that no line of its time tells; empty where there is nothing."""
    known = figures_between(session, date(year, 1, 1), declared.until, [kitchen])
    missing = Decimal(declared.purchases.total) / 100 - known.get(kitchen, Figures()).total
    if missing <= 0:
        return ""
    return (
        f"le total déclaré jusqu'au {full_date(declared.until)} compte {euros(missing)} d'achats dont le "
        "détail n'est pas ici : importez-les, ou ajoutez leurs montants sur la plateforme"
    )


def _meals(session: Session, year: int) -> dict[str, int | None]:
    """Meals served in the year; where none is known, those of the kitchen's own figure."""
    served = (Service.maternelle, Service.elementaire, Service.college, Service.adulte)
    statement = (
        select(Service.kitchen, func.sum(sum(map(col, served[1:]), col(served[0]))))
        .where(Service.status == "servi", col(Service.date).between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(Service.kitchen)
    )
    return dict(session.exec(select(Kitchen.code, Kitchen.annual_meals)).all()) | dict(
        session.exec(statement).all()
    )


def _invented(session: Session, year: int, kitchens: Collection[str] | None) -> set[str]:
    statement = select(Purchase.kitchen).where(
        Purchase.origin == "demonstration", *within(date(year, 1, 1), date(year, 12, 31), kitchens)
    )
    return set(session.exec(statement.distinct()))
