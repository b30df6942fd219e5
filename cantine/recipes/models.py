"""Tables of recipes and their ingredients."""

from sqlmodel import CheckConstraint, Field, SQLModel

from cantine.db import TextList


class Recipe(SQLModel, table=True):
    """A fiche recette: one dish, its making and what a chief knows of it."""

    __tablename__ = "recipes"
    __table_args__ = (
        CheckConstraint("slot IN ('entree', 'plat', 'garniture', 'laitier', 'dessert')", "slot"),
    )
    code: str = Field(primary_key=True, description="Code de la recette")
    name: str = Field(description="Nom du plat")
    slot: str = Field(index=True, description="entree, plat, garniture, laitier ou dessert")
    complete_dish: bool = Field(default=False, description="Plat complet : tient lieu de garniture")
    covers_dairy: bool = Field(default=False, description="Tient lieu de produit laitier")
    main_food: str = Field(foreign_key="foods.code", description="Aliment principal")
    style: str = Field(default="", description="Genre du plat")
    cooking: str = Field(default="cuit", description="cru, cuit ou aucun")
    fried: bool = Field(default=False, description="À frire ou préfrit")
    published_tags: tuple[str, ...] = Field(
        default=(), sa_type=TextList, description="Critères donnés par la liste publiée"
    )
    exempt_tags: tuple[str, ...] = Field(
        default=(), sa_type=TextList, description="Critères dont la liste publiée l'exempte"
    )
    garnish: str = Field(default="", description="legume ou feculent ; vide : calculé")
    staff_minutes: int = Field(default=0, ge=0, description="Minutes actives pour 450 convives (estimation)")
    equipment: tuple[str, ...] = Field(default=(), sa_type=TextList, description="Équipements")
    day_before: bool = Field(default=False, description="Travail la veille")
    heavy: bool = Field(default=False, description="Préparation lourde")
    colour: str = Field(default="", description="Couleur dominante")
    texture: str = Field(default="", description="Texture")
    months: tuple[str, ...] = Field(default=(), sa_type=TextList, description="Mois ; vide : toute l'année")
    theme: str = Field(default="", description="Repas à thème")
    taste_permille: int = Field(
        default=700, ge=0, le=1000, description="Acceptation (estimation), pour mille"
    )
    waste_permille: int = Field(
        default=150, ge=0, le=1000, description="Restes d'assiette attendus (estimation), pour mille"
    )
    substitute: str | None = Field(
        default=None, foreign_key="recipes.code", description="Recette servie sans porc"
    )
    variant_of: str | None = Field(
        default=None,
        foreign_key="recipes.code",
        description="Recette dont celle-ci est une variante, pour le choix dirigé",
    )
    steps: str = Field(default="", description="Étapes")
    origin: str = Field(default="chef", description="Origine")


class RecipeIngredient(SQLModel, table=True):
    """Grams as bought of one food, per diner of each class."""

    __tablename__ = "recipe_ingredients"
    recipe: str = Field(primary_key=True, foreign_key="recipes.code", description="Recette")
    position: int = Field(primary_key=True, ge=1, description="Rang")
    food: str = Field(foreign_key="foods.code", index=True, description="Aliment")
    maternelle_g: float = Field(ge=0, description="Grammes bruts par convive de maternelle")
    elementaire_g: float = Field(ge=0, description="Grammes bruts par convive d'élémentaire")
    college_g: float = Field(ge=0, description="Grammes bruts par collégien")
    adulte_g: float = Field(ge=0, description="Grammes bruts par adulte")


class TagOverride(SQLModel, table=True):
    """A criterion a chief overruled, with the reason that is kept."""

    __tablename__ = "tag_overrides"
    recipe: str = Field(primary_key=True, foreign_key="recipes.code", description="Recette")
    criterion: str = Field(primary_key=True, description="Critère")
    counts: bool = Field(description="Compte pour ce critère")
    reason: str = Field(description="Raison")
