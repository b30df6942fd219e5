"""A tiny school-menu instance in the published form: two dishes a course, every nutrient at its reference."""

from pathlib import Path

from cantine.bench.school import FILES, REFERENCE

STARTERS = (("soupe", 1.0, 0.4, "9"), ("salade", 0.5, 0.2, "9"))
MAINS = (("poulet", 2.0, 0.4, "1"), ("riz", 1.0, 0.5, "2,9"))
DESSERTS = (("pomme", 0.2, 0.2, "3"), ("flan", 0.3, 0.4, "4"))
"""Name, price, share of every daily reference, groups."""


def write_school(folder: Path) -> Path:
    """The three files, in the form of the published ones."""
    for file, dishes in zip(FILES, (STARTERS, MAINS, DESSERTS), strict=True):
        lines = []
        for name, price, share, groups in dishes:
            nutrients = ",".join(str(share * reference) for reference in REFERENCE)
            lines.append(f"{name},{price},100,{','.join('0' * 12)},{nutrients},{groups},\n,")
        (folder / file).write_text("".join(lines), "latin-1")
    return folder
