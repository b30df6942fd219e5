"""Figures to HTML: the templates of the papers, French typography included. No database, no PDF."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cantine.french import FILTERS, NBSP
from cantine.reports.head import Head
from cantine.reports.xmp import Hybrid

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
BODY = "<body"


@dataclass(frozen=True)
class Sheet:
    """One document to print.

    Attributes:
        stem: file name without its extension.
        template: name under ``templates/pdf``.
        figures: a frozen dataclass with a ``head``; never a row.
        sizes: names of sizes to try, the largest first, until the sheet holds on one page.
        hybrid: its twin for machines, embedded when the sheet is printed alone.
    """

    stem: str
    template: str
    head: Head
    figures: object
    sizes: tuple[str, ...] = ("",)
    hybrid: Hybrid | None = None


def html_of(sheet: Sheet, size: str = "") -> str:
    """The whole HTML document of a sheet."""
    template = _environment().get_template(f"pdf/{sheet.template}")
    text = template.render(r=sheet.figures, head=sheet.head, size=size)
    start, body = text.split(BODY, 1)
    return start + BODY + typographic(body)


def typographic(text: str) -> str:
    """French typography of a text or of the body of a page: no-break spaces, curved apostrophes."""
    text = text.replace("&#39;", "'")
    text = re.sub(r"(?<=\w)'(?=[\w«])", "’", text)
    text = re.sub(r"(?<=[\w)»%€]) (?=[:;!?%€»])", NBSP, text)
    text = re.sub(r"« ", "«" + NBSP, text)
    return re.sub(r"(?<=\d) (?=(?:°C|kg|g|mg|kcal|km|min|h|mm|cm|%|€)\b|°|%|€)", NBSP, text)


def css_string(text: str) -> str:
    """A text inside a CSS string of a style sheet, from which it cannot escape."""
    return "".join(f"\\{ord(c):06x} " if c in '"\\<>&\n\r' else c for c in text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.filters["css_string"] = css_string
    return environment
