"""The ration instance: reading the workbook, together and in turn, worked out by hand."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from cantine.bench.ration import FILE, PRICINGS, Ration, in_turn, joint, read_ration
from cantine.errors import CantineError

SHEETS = {
    "nutr_val": (("Food", "Energy"), ("Beans", 10), ("Rice", 10)),
    "nutr_req": (("Type", "Energy"), ("Person", 10)),
    "FoodCost": (("Supplier", "Beans", "Rice"), ("South", 100, 300), ("North", 120, 80)),
    "EdgesCost": (
        ("From", "To", "distance", "duration", "tCost", "edge"),
        ("South", "Town", 0, 0, 50, ""),
        ("North", "Hub", 0, 0, 4, ""),
        ("Hub", "Town", 0, 0, 6, ""),
    ),
    "Demand": (("Node", "Demand"), ("Town", 1000)),
}
"""A hundred grams of beans or of rice feed a person: 3 tonnes for 1,000 people over 30 days."""


@pytest.fixture
def ration(tmp_path: Path) -> Ration:
    book = Workbook()
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / FILE)
    return read_ration(tmp_path / FILE)


def test_together(ration: Ration) -> None:
    """Rice from the north costs 80 + 4 + 6 a tonne, beans 120 + 10 or 100 + 50: 3 tonnes at 90."""
    assert joint(ration) == pytest.approx(270)


def test_in_turn(ration: Ration) -> None:
    """Beans are cheaper on average (110 to 190) and at the first (100 to 300): 3 tonnes at 130.

    At the least price rice is cheaper (80 to 100): 270.
    """
    costs = [in_turn(ration, pricing) for pricing in PRICINGS.values()]
    assert costs == pytest.approx([390, 270, 390])


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A workbook without the expected sheets is answered with its name."""
    Workbook().save(tmp_path / FILE)
    with pytest.raises(CantineError, match=FILE):
        read_ration(tmp_path / FILE)
