"""Tables of foods, and of the families that thresholds of public procurement are counted in."""

from sqlmodel import CheckConstraint, Field, SQLModel

from cantine.db import TextList


class HomogeneousFamily(SQLModel, table=True):
    """A family of purchases that are added up against a threshold (CCP R2121-6): the buyer's own list."""

    __tablename__ = "homogeneous_families"
    code: str = Field(primary_key=True, description="Numéro de la famille homogène")
    name: str = Field(description="Nom")
    origin: str = Field(default="estime", description="Origine : source, estime, declare")


class Food(SQLModel, table=True):
    """What is cooked; bought through offers. Nutrition per 100 g of edible part, state as bought."""

    __tablename__ = "foods"
    __table_args__ = (
        CheckConstraint("gamme IN ('frais', 'appertise', 'surgele', '4e', '5e', 'sec')", "gamme"),
    )
    code: str = Field(primary_key=True, description="Code de l'aliment")
    name: str = Field(description="Nom")
    family: str = Field(description="Famille de produits, au sens de ma cantine")
    group: str = Field(description="Groupe culinaire (légume, bœuf, légumineuse…)")
    gamme: str = Field(description="frais, appertise, surgele, 4e, 5e ou sec")
    ciqual_code: str = Field(default="", description="Code CIQUAL")
    ciqual_name: str = Field(default="", description="Nom CIQUAL")
    energy_kcal: float | None = Field(default=None, ge=0, description="Énergie, kcal pour 100 g")
    protein_g: float | None = Field(default=None, ge=0, description="Protéines, g pour 100 g")
    fat_g: float | None = Field(default=None, ge=0, description="Lipides, g pour 100 g")
    saturated_fat_g: float | None = Field(default=None, ge=0, description="Acides gras saturés, g pour 100 g")
    carbohydrate_g: float | None = Field(default=None, ge=0, description="Glucides, g pour 100 g")
    sugar_g: float | None = Field(default=None, ge=0, description="Sucres, g pour 100 g")
    fibre_g: float | None = Field(default=None, ge=0, description="Fibres, g pour 100 g")
    salt_g: float | None = Field(default=None, ge=0, description="Sel, g pour 100 g")
    calcium_mg: float | None = Field(default=None, ge=0, description="Calcium, mg pour 100 g")
    iron_mg: float | None = Field(default=None, ge=0, description="Fer, mg pour 100 g")
    agribalyse_code: str = Field(default="", description="Code Agribalyse")
    co2e_kg_per_kg: float | None = Field(default=None, ge=0, description="kg CO2e par kg")
    co2e_origin: str = Field(default="estime", description="Origine du CO2e : source ou estime")
    season_months: tuple[str, ...] = Field(
        default=(), sa_type=TextList, description="Mois de saison ; vide : toute l'année"
    )
    edible_permille: int = Field(
        default=1000, ge=0, le=1000, description="Part comestible de l'acheté, pour mille"
    )
    edible_origin: str = Field(default="estime", description="Origine de la part comestible")
    cooked_permille: int = Field(default=1000, ge=0, description="Poids cuit / poids cru net, pour mille")
    cooked_origin: str = Field(default="estime", description="Origine du rapport cuit/cru")
    shelf_life_days: int = Field(default=365, ge=0, description="Jours utilisables après livraison")
    storage: str = Field(default="epicerie", description="Zone de stockage")
    unit_weight_g: float | None = Field(
        default=None, ge=0, description="Poids d'une pièce, g ; vide : au poids"
    )
    allergens: tuple[str, ...] = Field(default=(), sa_type=TextList, description="Allergènes habituels")
    staple: bool = Field(default=False, description="Denrée de base, comptée au forfait")
    pork: bool = Field(default=False, description="Contient du porc")
    gelatine: bool = Field(default=False, description="Contient de la gélatine")
    raw_milk: bool = Field(default=False, description="Au lait cru")
    minced: bool = Field(default=False, description="Haché")
    prefried: bool = Field(default=False, description="Préfrit ou à frire")
    animal_protein_permille: int = Field(
        default=0, ge=0, le=1000, description="Part de viande, poisson ou œuf, pour mille"
    )
    reference_price_cents_kg: int | None = Field(
        default=None, ge=0, description="Prix indicatif, centimes HT par kg"
    )
    price_origin: str = Field(default="estime", description="Origine du prix indicatif")
    homogeneous_family: str | None = Field(
        default=None,
        foreign_key="homogeneous_families.code",
        description="Famille homogène des seuils d'achat ; vide : à classer",
    )
    homogeneous_origin: str = Field(
        default="estime",
        sa_column_kwargs={"server_default": "estime"},
        description="Origine de la famille homogène",
    )
