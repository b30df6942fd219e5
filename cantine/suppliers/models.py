"""Tables of suppliers, market lots, offers and their price lists, certificates, stocks and staples."""

from datetime import date as Date  # noqa: N812
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Text
from sqlmodel import CheckConstraint, Field, Index, SQLModel

from cantine.db import Money, TextList


class Supplier(SQLModel, table=True):
    """Who sells, on which days, from which order on."""

    __tablename__ = "suppliers"
    __table_args__ = (CheckConstraint("every_weeks IN (1, 2)", "every_weeks"),)
    code: str = Field(primary_key=True, description="Code du fournisseur")
    name: str = Field(description="Nom")
    kind: str = Field(description="Métier")
    insee: str = Field(foreign_key="communes.insee", description="Code INSEE de la commune")
    latitude: float = Field(ge=-90, le=90, description="Latitude, degrés")
    longitude: float = Field(ge=-180, le=180, description="Longitude, degrés")
    siret: str = Field(default="", schema_extra={"pattern": "^([0-9]{14})?$"}, description="SIRET")
    email: str = Field(default="", description="Courriel des commandes")
    phone: str = Field(default="", description="Téléphone")
    delivery_days: str = Field(
        schema_extra={"pattern": "^1?2?3?4?5?6?7?$"}, description="Jours de livraison, 1 = lundi"
    )
    every_weeks: int = Field(default=1, description="1 : chaque semaine, 2 : une semaine sur deux")
    first_week: Date | None = Field(default=None, description="Un lundi de tournée, si une semaine sur deux")
    lead_days: int = Field(default=2, ge=0, description="Jours entre commande et livraison")
    cutoff_hour: str = Field(
        default="12:00", schema_extra={"pattern": "^[0-2][0-9]:[0-5][0-9]$"}, description="Heure limite"
    )
    min_order_ht: Decimal = Field(
        default=Decimal(0), ge=0, sa_type=Money, description="Minimum par livraison, € HT"
    )
    delivery_fee_ht: Decimal = Field(
        default=Decimal(0), ge=0, sa_type=Money, description="Frais par livraison, € HT"
    )
    radius_km: int | None = Field(default=None, ge=0, description="Rayon de livraison, km ; vide : partout")
    origin: str = Field(default="declare", description="Origine")


class MarketLot(SQLModel, table=True):
    """A lot of a contract: exclusive, several holders, or free choice."""

    __tablename__ = "market_lots"
    __table_args__ = (
        CheckConstraint("frame IN ('exclusif', 'multi', 'libre')", "frame"),
        CheckConstraint("sharing IN ('', 'cascade', 'mise_en_concurrence')", "sharing"),
    )
    code: str = Field(primary_key=True, description="Code du lot")
    name: str = Field(description="Nom")
    frame: str = Field(description="exclusif, multi ou libre")
    sharing: str = Field(
        default="", description="Règle entre titulaires : cascade ou mise_en_concurrence ; vide : sans objet"
    )
    supplier: str | None = Field(default=None, foreign_key="suppliers.code", description="Titulaire")
    family: str = Field(default="", description="Famille de produits")
    max_ht: Decimal | None = Field(default=None, ge=0, sa_type=Money, description="Maximum, € HT")
    valid_from: Date = Field(description="Début")
    valid_to: Date = Field(description="Fin")
    origin: str = Field(default="declare", description="Origine")


class Offer(SQLModel, table=True):
    """A food sold by a supplier in packs, at a price, for a time."""

    __tablename__ = "offers"
    code: str = Field(primary_key=True, description="Code de l'offre")
    supplier: str = Field(foreign_key="suppliers.code", index=True, description="Fournisseur")
    food: str = Field(foreign_key="foods.code", index=True, description="Aliment")
    name: str = Field(description="Désignation")
    pack_g: int = Field(gt=0, description="Poids du colis, g")
    pack_label: str = Field(default="", description="Colis")
    price_ht: Decimal = Field(gt=0, sa_type=Money, description="Prix du colis, € HT")
    vat_permille: int = Field(default=55, ge=0, description="TVA, pour mille")
    labels: tuple[str, ...] = Field(default=(), sa_type=TextList, description="Labels EGAlim")
    origin_country: str = Field(default="FRANCE", description="FRANCE, EUROPE ou MONDE")
    origin_insee: str | None = Field(
        default=None, foreign_key="communes.insee", description="Commune de production"
    )
    intermediaries: int = Field(default=2, ge=0, description="Intermédiaires")
    weekly_packs: int | None = Field(
        default=None, ge=0, description="Colis annoncés par semaine ; vide : sans limite"
    )
    valid_from: Date = Field(description="Début de validité")
    valid_to: Date = Field(description="Fin de validité")
    allergens: tuple[str, ...] = Field(
        default=(), sa_type=TextList, description="Allergènes de la référence ; ? : fiche manquante"
    )
    lot: str | None = Field(default=None, foreign_key="market_lots.code", description="Lot du marché")
    lot_rank: int | None = Field(default=None, ge=1, description="Rang du titulaire, dans un lot en cascade")
    estimated_price: bool = Field(default=False, description="Prix estimé")
    sheet_protein_g: float | None = Field(
        default=None, ge=0, description="Fiche technique : protéines, g pour 100 g"
    )
    sheet_fat_g: float | None = Field(
        default=None, ge=0, description="Fiche technique : lipides, g pour 100 g"
    )
    sheet_sugar_g: float | None = Field(
        default=None, ge=0, description="Fiche technique : sucres, g pour 100 g"
    )
    sheet_calcium_mg: float | None = Field(
        default=None, ge=0, description="Fiche technique : calcium, mg pour 100 g"
    )
    reference: str = Field(
        default="", sa_column_kwargs={"server_default": ""}, description="Référence du fournisseur"
    )


class Certificate(SQLModel, table=True):
    """The proof that a supplier may sell under a label, for a family, one offer, or all it sells so."""

    __tablename__ = "certificates"
    __table_args__ = (CheckConstraint("valid_from <= valid_to", "dates"),)
    code: str = Field(primary_key=True, description="Code du certificat")
    supplier: str = Field(foreign_key="suppliers.code", index=True, description="Fournisseur")
    label: str = Field(description="Label prouvé")
    family: str = Field(default="", description="Famille de produits ; vide : toutes")
    offer: str | None = Field(
        default=None, foreign_key="offers.code", description="Offre ; vide : toutes celles de la famille"
    )
    number: str = Field(default="", description="Numéro")
    body: str = Field(default="", description="Organisme certificateur")
    valid_from: Date = Field(description="Début")
    valid_to: Date = Field(description="Fin")
    origin: str = Field(default="declare", description="Origine")


class PriceMapping(SQLModel, table=True):
    """How the price lists of a supplier are read: kept from one list to the next."""

    __tablename__ = "price_mappings"
    supplier: str = Field(primary_key=True, foreign_key="suppliers.code")
    columns: str = Field(sa_type=Text, description="JSON: heading of the file by field of a list")
    options: str = Field(default="{}", sa_type=Text, description="JSON: price unit, VAT, lot, length…")
    updated_at: datetime
    updated_by: int | None = Field(default=None)


class PriceMatch(SQLModel, table=True):
    """What a line of a supplier's list is, once somebody has said it: an offer, else a food, else never bought."""

    __tablename__ = "price_matches"
    supplier: str = Field(primary_key=True, foreign_key="suppliers.code")
    key: str = Field(primary_key=True, description="the supplier's reference, else the folded name")
    food: str | None = Field(default=None, foreign_key="foods.code")
    offer: str | None = Field(default=None, foreign_key="offers.code", description="any price of the product")
    at: datetime
    by: int | None = Field(default=None)


class PriceImport(SQLModel, table=True):
    """A price list that was applied: the same file twice is told."""

    __tablename__ = "price_imports"
    __table_args__ = (Index("ix_price_imports_supplier_sha256", "supplier", "sha256"),)
    id: int | None = Field(default=None, primary_key=True)
    supplier: str = Field(foreign_key="suppliers.code")
    name: str
    sha256: str
    valid_from: Date
    valid_to: Date
    new: int = Field(default=0, ge=0)
    changed: int = Field(default=0, ge=0)
    gone: int = Field(default=0, ge=0)
    unchanged: int = Field(default=0, ge=0)
    at: datetime
    by: int | None = Field(default=None)


class StockLot(SQLModel, table=True):
    """Food in the store of a kitchen."""

    __tablename__ = "stock_lots"
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code", description="Cuisine")
    food: str = Field(primary_key=True, foreign_key="foods.code", description="Aliment")
    expires_on: Date = Field(primary_key=True, description="À utiliser jusqu'au")
    grams: int = Field(ge=0, description="Quantité, g")
    price_ht_per_kg: Decimal = Field(ge=0, sa_type=Money, description="Prix d'achat, € HT par kg")
    offer: str | None = Field(default=None, foreign_key="offers.code", description="Offre d'origine")


class PriceSeason(SQLModel, table=True):
    """How the price of a group of fresh food moves through the year."""

    __tablename__ = "price_seasons"
    group: str = Field(primary_key=True, description="Groupe d'aliments frais : legume, fruit…")
    month: int = Field(primary_key=True, ge=1, le=12, description="Mois")
    index_permille: int = Field(gt=0, description="Prix du mois, la moyenne de l'année valant 1000")
    origin: str = Field(default="estime", description="Origine : source, estime, declare")


class StapleLevel(SQLModel, table=True):
    """Between which stocks a kitchen keeps a staple; ordered once a month, outside the search."""

    __tablename__ = "staple_levels"
    __table_args__ = (CheckConstraint("min_g <= max_g", "min_max"),)
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code", description="Cuisine")
    food: str = Field(primary_key=True, foreign_key="foods.code", description="Denrée de base")
    min_g: int = Field(ge=0, description="Stock minimum, g")
    max_g: int = Field(gt=0, description="Stock maximum, g")
    origin: str = Field(default="estime", description="Origine : source, estime, declare")


class Engagement(SQLModel, table=True):
    """Number under which the accounts (Op@le, Chorus) hold the money of a supplier's orders: typed in."""

    __tablename__ = "engagements"
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code", description="Cuisine")
    supplier: str = Field(primary_key=True, foreign_key="suppliers.code", description="Fournisseur")
    year: int = Field(primary_key=True, ge=2000, le=2100, description="Exercice budgétaire")
    number: str = Field(
        schema_extra={"pattern": "^[A-Za-z0-9/. _-]{1,40}$"}, description="Numéro d'engagement"
    )
