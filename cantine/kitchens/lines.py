"""Lines of a kitchen: its sites grouped by how they are served, and the diners of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from cantine.kitchens.headcount import Diners, UsualDiners, load_diners
from cantine.kitchens.models import Kitchen, Site
from optim import instance as question
from optim.lines import Placed, alternates, left_out, line_permille
from optim.terms import Niveau, Slot
from optim.units import PERMILLE

KIND_WORDS = {"college": ("Collège", "Collèges"), "ecole": ("École", "Écoles")}
NAMED_SITES = 3
"""Sites named where several lines are of one kind."""

ByLine = Mapping[str, Diners]


@dataclass(frozen=True)
class Lines:
    """How a kitchen serves its sites.

    Attributes:
        cook: what it presents, its lines included; no line where all its sites are served alike.
        sites: sites of each line; empty where there is no line.
        usual: usual diners of the sites.
    """

    cook: question.Kitchen
    sites: Mapping[str, tuple[Site, ...]] = field(default_factory=dict)
    usual: UsualDiners = field(default_factory=lambda: UsualDiners({}, {}))

    def split(self, day: date, diners: Diners) -> dict[str, dict[Niveau, int]]:
        """The diners of a service by line, in proportion to the usual ones; nothing without lines.

        A class that usually eats nowhere goes where most meals are eaten.
        """
        lines = self.cook.lines
        usual = [self._usual(line.code, day) for line in lines]
        found: dict[str, dict[Niveau, int]] = {line.code: {} for line in lines}
        if not lines:
            return found
        meals = [sum(counts.values()) for counts in usual]
        for niveau in Niveau:
            weights = [counts.get(niveau, 0) for counts in usual]
            largest = [int(rank == meals.index(max(meals))) for rank in range(len(lines))]
            parts = shared(diners.get(niveau, 0), weights if any(weights) else largest)
            for line, part in zip(lines, parts, strict=True):
                found[line.code][niveau] = part
        return found

    def _usual(self, line: str, day: date) -> dict[Niveau, int]:
        total = dict.fromkeys(Niveau, 0)
        for site in self.sites[line]:
            for niveau, count in self.usual.at(site.code, day).items():
                total[niveau] += count
        return total

    def eaters(self, dish: Placed, diners: Diners, *, covers_dairy: bool) -> dict[Niveau, int]:
        """Thousandths of diners who take a dish, by class: the lines that have it, each at its share."""
        if not self.cook.lines:
            return {niveau: count * dish.share_permille for niveau, count in diners.items()}
        parts = self.split(dish.date, diners)
        total: dict[Niveau, int] = dict.fromkeys(diners, 0)
        for line in self.cook.lines:
            share = line_permille(self.cook, line, dish, covers_dairy=covers_dairy)
            for niveau, count in parts[line.code].items():
                total[niveau] = total.get(niveau, 0) + count * share
        return total

    def portions(self, dish: Placed, diners: Diners, *, covers_dairy: bool) -> dict[str, int]:
        """Portions of a dish by name of line, rounded up; nothing without lines."""
        parts = self.split(dish.date, diners)
        return {
            line.name: -(-sum(parts[line.code].values()) * share // PERMILLE)
            for line in self.cook.lines
            if (share := line_permille(self.cook, line, dish, covers_dairy=covers_dairy))
        }

    @property
    def sentences(self) -> tuple[str, ...]:
        """What each line that lacks some choice or component is served."""
        found = []
        for line in self.cook.lines:
            fewer = any(line.presentations(slot) < self.cook.presentations(slot) for slot in Slot)
            parts = ["les premiers choix seulement"] if fewer else []
            if alternates(self.cook, line):
                parts.append("entrée et dessert un jour sur deux")
            if parts:
                found.append(f"{line.name} : {', '.join(parts)}.")
        return tuple(found)

    def words(self, line: question.Line, day: date) -> str:
        """How a line is served that day: "premiers choix, sans entrée ce jour"."""
        fewer = any(line.presentations(slot) < self.cook.presentations(slot) for slot in Slot)
        out = {Slot.ENTREE: "sans entrée ce jour", Slot.DESSERT: "sans dessert ce jour"}
        told = ["premiers choix" if fewer else "tous les choix"]
        return ", ".join(told + ([out[left_out(day)]] if alternates(self.cook, line) else []))


def shared(count: int, weights: Sequence[int]) -> list[int]:
    """A number cut in whole parts near its weights: the largest remainders get the units left."""
    total = sum(weights)
    parts = [count * weight // total for weight in weights]
    rests = sorted(range(len(weights)), key=lambda rank: (-(count * weights[rank] % total), rank))
    for rank in rests[: count - sum(parts)]:
        parts[rank] += 1
    return parts


def load_lines(session: Session, kitchen: Kitchen, usual: UsualDiners | None = None) -> Lines:
    """The lines of a kitchen, from its sites."""
    sites = session.exec(select(Site).where(Site.kitchen == kitchen.code).order_by(col(Site.code))).all()
    return lines_of(kitchen, sites, usual or load_diners(session, kitchen.code))


def lines_of(kitchen: Kitchen, sites: Iterable[Site], usual: UsualDiners) -> Lines:
    """Sites served alike make a line; the kitchen presents what its widest line takes."""
    groups: defaultdict[tuple[int, ...], list[Site]] = defaultdict(list)
    for site in sites:
        groups[_served(kitchen, site)].append(site)
    asked = list(groups) or [(kitchen.components, *kitchen.choices.values())]
    components, *widest = (max(numbers) for numbers in zip(*asked, strict=True))
    lines = tuple(_line(key, mine, groups) for key, mine in sorted(groups.items(), reverse=True))
    alone = len(lines) <= 1
    cook = question.Kitchen(
        code=kitchen.code,
        name=kitchen.name,
        components=components,
        choices=dict(zip(Slot, widest, strict=True)),
        lines=() if alone else lines,
        directed=frozenset(Slot(slot) for slot in kitchen.directed_slots),
    )
    if alone:
        return Lines(cook, usual=usual)
    return Lines(cook, {_code(key): tuple(mine) for key, mine in groups.items()}, usual)


def _served(kitchen: Kitchen, site: Site) -> tuple[int, ...]:
    """Components and choices of a site: its own where it has them, never more than the kitchen's."""
    own = {slot: getattr(site, f"choices_{slot.value}") for slot in Slot}
    choices = (min(own[slot] or most, most) for slot, most in _kitchen_choices(kitchen))
    return min(site.components, kitchen.components), *choices


def _kitchen_choices(kitchen: Kitchen) -> list[tuple[Slot, int]]:
    return [(slot, kitchen.choices[slot.value]) for slot in Slot]


def _code(key: tuple[int, ...]) -> str:
    return "-".join(map(str, key))


def _line(
    key: tuple[int, ...], sites: Sequence[Site], groups: Mapping[tuple[int, ...], Sequence[Site]]
) -> question.Line:
    kinds = {site.kind for site in sites}
    same = [other for other in groups.values() if {site.kind for site in other} & kinds]
    if len(kinds) == len(same) == 1:
        name = KIND_WORDS[kinds.pop()][len(sites) > 1]
    else:
        more = ["…"] if len(sites) > NAMED_SITES else []
        name = ", ".join([site.name for site in sites[:NAMED_SITES]] + more)
    components, *choices = key
    return question.Line(
        code=_code(key), name=name, components=components, choices=dict(zip(Slot, choices, strict=True))
    )
