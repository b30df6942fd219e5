"""How large the wall menu may be written so that a week always holds on one page.

Heights are estimates in millimetres; if one proves short, the page is laid out again one size smaller.
"""

from dataclasses import dataclass
from math import ceil

from cantine.reports.menu import MenuCell, MenuRow, WeeklyMenu

PT_MM = 25.4 / 72
CHARACTER_EM = 0.51
"""Mean width of a B612 letter, bold ones included, in ems."""
TABLE_MM = 254.0
"""Width shared by the days, the column of components left out."""
CELL_PADDING_MM = 4.5
PAGE_MM = 192.0
HEAD_MM = 38.0
FOOT_CHARACTERS = 150
FOOT_LINE_MM = 4.3
SPREAD = 0.8
"""Part of the room left that rows share; the rest covers what the estimate does not see."""


@dataclass(frozen=True)
class Size:
    """Sizes of one attempt: names and notes in points, padding in millimetres."""

    name_pt: float
    meta_pt: float
    padding_mm: float


SIZES = (
    Size(13.5, 9.5, 1.8),
    Size(12.5, 9, 1.3),
    Size(11.5, 9, 1),
    Size(10.5, 8.5, 0.8),
    Size(9.5, 8, 0.6),
    Size(8.5, 8, 0.4),
    Size(8, 8, 0.2),
)


def styles(menu: WeeklyMenu) -> tuple[str, ...]:
    """Style of each attempt, from the largest size expected to fit to the smallest."""
    room = PAGE_MM - HEAD_MM - _foot_mm(menu)
    needs = [(size, [_row_mm(row, size) for row in menu.rows]) for size in SIZES]
    fitting = [i for i, (_, heights) in enumerate(needs) if sum(heights) <= room]
    start = fitting[0] if fitting else len(SIZES) - 1
    size, heights = needs[start]
    spread = max(0.0, SPREAD * (room - sum(heights)) / max(1, len(heights)))
    first = _style(size, [height + spread for height in heights])
    return (first, *(_style(size, [0.0] * len(heights)) for size, heights in needs[start:]), _cut(menu))


def _style(size: Size, heights: list[float]) -> str:
    rows = "".join(f";--h{rank}:{height:.1f}mm" for rank, height in enumerate(heights))
    return f"--nom:{size.name_pt}pt;--meta:{size.meta_pt}pt;--pad:{size.padding_mm}mm{rows}"


def _cut(menu: WeeklyMenu) -> str:
    """Last resort: the smallest size, and long names shortened by the template."""
    return f"{_style(SIZES[-1], [0.0] * len(menu.rows))};--coupe:1"


def _row_mm(row: MenuRow, size: Size) -> float:
    return max(2 * size.padding_mm + _cell_mm(cell, size, len(row.cells)) for cell in row.cells)


def _cell_mm(cell: MenuCell, size: Size, columns: int) -> float:
    width = TABLE_MM / columns - CELL_PADDING_MM
    line, note = size.name_pt * 1.17 * PT_MM, size.meta_pt * 1.2 * PT_MM
    height = 0.0
    for dish in cell.dishes:
        height += _lines(dish.name, size.name_pt, width) * line + max(note, 3.6) + 0.8 + 1.4
        other = dish.without_pork
        small = ["sans porc : " + other.name + " ".join(other.allergens)] if other else []
        height += sum(_lines(text, size.meta_pt, width) * note + 0.6 for text in [*small, dish.note] if text)
    return height


def _lines(text: str, points: float, width_mm: float) -> int:
    per_line = max(1, int(width_mm / (points * PT_MM * CHARACTER_EM)))
    return max(1, ceil(len(text) * 1.08 / per_line))


def _foot_mm(menu: WeeklyMenu) -> float:
    """Legend: signs, allergens, then origins, season and shares."""
    texts = (". ".join(menu.meats), ", ".join(menu.season))
    return FOOT_LINE_MM * (6 + sum(ceil(len(text) / FOOT_CHARACTERS) for text in texts))
