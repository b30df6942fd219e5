"""The recipe book read with the suppliers' sheets: what a product bought ready declares, offer by offer."""

from collections import defaultdict

from sqlmodel import Session, col, or_, select

from cantine.errors import NotFoundError
from cantine.recipes.book import BookRecipe, assemble
from cantine.recipes.decide import NUTRIENTS, ProductSheet, Sheets
from cantine.suppliers.lots import EXCLUSIVE
from cantine.suppliers.models import MarketLot, Offer, Supplier


def load_book(session: Session, codes: list[str] | None = None) -> dict[str, BookRecipe]:
    """All recipes by code, or those of ``codes``."""
    return assemble(session, load_sheets(session), codes)


def get_recipe(session: Session, code: str) -> BookRecipe:
    """One recipe of the book.

    Raises:
        NotFoundError: no such recipe.
    """
    book = load_book(session, [code])
    if code not in book:
        raise NotFoundError(f"La fiche recette « {code} » n'existe pas.")
    return book[code]


def load_sheets(session: Session) -> Sheets:
    """Sheets of the offers that declare something, by food.

    A food of an exclusive lot comes from its holder: the sheets of others say nothing of what is eaten.
    """
    declares = or_(*(col(getattr(Offer, f"sheet_{name}")).is_not(None) for name in NUTRIENTS))
    exclusive = select(MarketLot.code).where(MarketLot.frame == EXCLUSIVE)
    held = set(session.exec(select(Offer.food).where(col(Offer.lot).in_(exclusive)).distinct()))
    holders = set(session.exec(exclusive))
    statement = (
        select(Offer, Supplier.name)
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .where(declares)
        .order_by(col(Supplier.name), col(Offer.code))
    )
    found: defaultdict[str, list[ProductSheet]] = defaultdict(list)
    for offer, supplier in session.exec(statement):
        if offer.food not in held or offer.lot in holders:
            found[offer.food].append(_sheet(offer, supplier))
    return dict(found)


def _sheet(offer: Offer, supplier: str) -> ProductSheet:
    return ProductSheet(
        supplier=supplier,
        reference=offer.name,
        protein_g=offer.sheet_protein_g,
        fat_g=offer.sheet_fat_g,
        sugar_g=offer.sheet_sugar_g,
        calcium_mg=offer.sheet_calcium_mg,
    )
