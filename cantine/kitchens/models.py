"""Tables of the places: settings, calendar, communes, collèges, kitchens, sites, diners, closures."""

from datetime import date as Date  # noqa: N812 -- a column is called date

from sqlmodel import CheckConstraint, Field, SQLModel

from cantine.db import TextList


class Setting(SQLModel, table=True):
    """One choice of the département."""

    __tablename__ = "settings"
    key: str = Field(primary_key=True, description="Nom du réglage")
    value: str = Field(description="Valeur")
    note: str = Field(default="", description="Explication, source")


class ClosedDay(SQLModel, table=True):
    """A day without school, weekends left out."""

    __tablename__ = "calendar"
    __table_args__ = (CheckConstraint("kind IN ('vacances', 'ferie', 'pont')", "kind"),)
    date: Date = Field(primary_key=True, description="Jour sans classe")
    kind: str = Field(description="vacances, ferie ou pont")
    name: str = Field(default="", description="Nom du congé")


class Commune(SQLModel, table=True):
    """A commune, for distances."""

    __tablename__ = "communes"
    insee: str = Field(primary_key=True, description="Code INSEE")
    name: str = Field(description="Nom")
    departement: str = Field(description="Code du département")
    postcodes: tuple[str, ...] = Field(default=(), sa_type=TextList, description="Codes postaux")
    population: int | None = Field(default=None, ge=0, description="Habitants")
    epci: str = Field(default="", description="Intercommunalité")
    latitude: float = Field(ge=-90, le=90, description="Latitude du centre, degrés")
    longitude: float = Field(ge=-180, le=180, description="Longitude du centre, degrés")


class KeyFigure(SQLModel, table=True):
    """A published figure of the département."""

    __tablename__ = "key_figures"
    indicator: str = Field(primary_key=True, description="Indicateur")
    year: str = Field(primary_key=True, description="Année ou année scolaire")
    value: float = Field(description="Valeur")
    unit: str = Field(default="", description="Unité")
    source: str = Field(default="", description="Source")


class College(SQLModel, table=True):
    """A public collège."""

    __tablename__ = "colleges"
    __table_args__ = (
        CheckConstraint("rep IN ('aucun', 'REP', 'REP+')", "rep"),
        CheckConstraint("siret_origin IN ('source', 'estime', 'declare')", "siret_origin"),
    )
    uai: str = Field(primary_key=True, schema_extra={"pattern": "^[0-9]{7}[A-Z]$"}, description="Code UAI")
    name: str = Field(description="Nom")
    address: str = Field(default="", description="Adresse")
    postcode: str = Field(default="", description="Code postal")
    insee: str = Field(foreign_key="communes.insee", description="Code INSEE de la commune")
    commune: str = Field(description="Commune")
    latitude: float = Field(ge=-90, le=90, description="Latitude, degrés")
    longitude: float = Field(ge=-180, le=180, description="Longitude, degrés")
    siret: str = Field(default="", schema_extra={"pattern": "^([0-9]{14})?$"}, description="SIRET")
    siret_origin: str = Field(default="declare", description="source, estime ou declare")
    opened_on: Date | None = Field(default=None, description="Date d'ouverture")
    rep: str = Field(default="aucun", description="aucun, REP ou REP+")
    pupils: int | None = Field(default=None, ge=0, description="Élèves")
    pupils_6e: int | None = Field(default=None, ge=0, description="Élèves de 6e")
    pupils_5e: int | None = Field(default=None, ge=0, description="Élèves de 5e")
    pupils_4e: int | None = Field(default=None, ge=0, description="Élèves de 4e")
    pupils_3e: int | None = Field(default=None, ge=0, description="Élèves de 3e")
    pupils_origin: str = Field(default="declare", description="Origine des effectifs d'élèves")
    ips: float | None = Field(default=None, description="Indice de position sociale")
    half_boarders: int | None = Field(default=None, ge=0, description="Demi-pensionnaires")
    boursiers_e1: int | None = Field(
        default=None, ge=0, description="Demi-pensionnaires boursiers, échelon 1"
    )
    boursiers_e2: int | None = Field(
        default=None, ge=0, description="Demi-pensionnaires boursiers, échelon 2"
    )
    boursiers_e3: int | None = Field(
        default=None, ge=0, description="Demi-pensionnaires boursiers, échelon 3"
    )
    figures_origin: str = Field(default="declare", description="Origine des demi-pensionnaires et boursiers")


class Kitchen(SQLModel, table=True):
    """A kitchen that cooks for one or several sites."""

    __tablename__ = "kitchens"
    __table_args__ = (
        CheckConstraint("kind IN ('sur_place', 'centrale')", "kind"),
        CheckConstraint("components IN (4, 5)", "components"),
    )
    code: str = Field(primary_key=True, description="Code de la cuisine")
    name: str = Field(description="Nom")
    uai: str | None = Field(default=None, foreign_key="colleges.uai", description="Collège qui l'héberge")
    kind: str = Field(default="sur_place", description="sur_place ou centrale")
    insee: str = Field(foreign_key="communes.insee", description="Code INSEE de la commune")
    latitude: float = Field(ge=-90, le=90, description="Latitude, degrés")
    longitude: float = Field(ge=-180, le=180, description="Longitude, degrés")
    service_days: str = Field(
        schema_extra={"pattern": "^1?2?3?4?5?6?7?$"}, description="Jours de service, 1 = lundi"
    )
    components: int = Field(default=5, description="Composantes du repas, 4 ou 5")
    choices_entree: int = Field(default=1, ge=1, le=3, description="Entrées au choix")
    choices_plat: int = Field(default=1, ge=1, le=3, description="Plats au choix")
    choices_garniture: int = Field(default=1, ge=1, le=3, description="Garnitures au choix")
    choices_laitier: int = Field(default=1, ge=1, le=3, description="Produits laitiers au choix")
    choices_dessert: int = Field(default=1, ge=1, le=3, description="Desserts au choix")
    # Beyond 20 € a meal, cents were typed where euros are asked.
    budget_ttc_cents: int = Field(gt=0, le=2000, description="Crédit nourriture par repas, centimes TTC")
    directed_slots: tuple[str, ...] = Field(
        default=(),
        sa_type=TextList,
        description="Composantes en choix dirigé : les choix sont des variantes d'un même plat",
    )
    fallback_recipe: str = Field(
        default="",
        description="Plat de secours quand un choix manque (code de recette), pris en réserve, hors achats",
    )
    no_pork_permille: int = Field(
        default=0, ge=0, le=1000, description="Part des convives sans porc, pour mille"
    )
    cooks: int = Field(default=3, ge=0, description="Cuisiniers présents un jour ordinaire")
    staff_minutes: int = Field(default=780, ge=0, description="Minutes actives par jour avant le service")
    equipment: tuple[str, ...] = Field(default=(), sa_type=TextList, description="Équipements")
    cold_room_kg: int | None = Field(
        default=None, ge=0, description="Place en froid positif, kg ; vide : sans limite"
    )
    freezer_kg: int | None = Field(
        default=None, ge=0, description="Place en froid négatif, kg ; vide : sans limite"
    )
    dry_store_kg: int | None = Field(
        default=None, ge=0, description="Place en épicerie, kg ; vide : sans limite"
    )
    bread_g: int = Field(default=50, ge=0, description="Pain par convive, grammes")
    target_egalim_permille: int = Field(
        default=0, ge=0, le=1000, description="Visé cette année, pour mille HT"
    )
    target_bio_permille: int = Field(default=0, ge=0, le=1000, description="Dont bio, pour mille HT")
    target_meat_fish_permille: int = Field(
        default=0, ge=0, le=1000, description="Viandes et poissons, pour mille"
    )
    annual_meals: int | None = Field(default=None, ge=0, description="Repas par an")
    ordonnateur: str = Field(
        default="",
        sa_column_kwargs={"server_default": ""},
        description="Nom de l'ordonnateur, imprimé sous sa signature sur les bons de commande",
    )
    service_code: str = Field(
        default="",
        sa_column_kwargs={"server_default": ""},
        schema_extra={"pattern": "^[A-Za-z0-9/. _-]{0,40}$"},
        description="Code service Chorus, repris sur les bons de commande ; vide : sans",
    )
    figures_origin: str = Field(
        default="declare", description="Origine des chiffres : source, estime, declare"
    )

    @property
    def storage_kg(self) -> dict[str, int]:
        """Room of each storage zone that is limited, in kilograms."""
        rooms = {
            "froid_positif": self.cold_room_kg,
            "froid_negatif": self.freezer_kg,
            "epicerie": self.dry_store_kg,
        }
        return {zone: room for zone, room in rooms.items() if room is not None}

    @property
    def choices(self) -> dict[str, int]:
        """Presentations per slot."""
        return {
            "entree": self.choices_entree,
            "plat": self.choices_plat,
            "garniture": self.choices_garniture,
            "laitier": self.choices_laitier,
            "dessert": self.choices_dessert,
        }


class Site(SQLModel, table=True):
    """A place where meals are eaten."""

    __tablename__ = "sites"
    __table_args__ = (
        CheckConstraint("kind IN ('college', 'ecole')", "kind"),
        CheckConstraint("liaison IN ('sur_place', 'chaude', 'froide')", "liaison"),
    )
    code: str = Field(primary_key=True, description="Code du lieu de repas")
    name: str = Field(description="Nom")
    kind: str = Field(description="college ou ecole")
    uai: str | None = Field(default=None, foreign_key="colleges.uai", description="Collège")
    kitchen: str = Field(foreign_key="kitchens.code", index=True, description="Cuisine qui le sert")
    insee: str = Field(foreign_key="communes.insee", description="Code INSEE de la commune")
    liaison: str = Field(default="sur_place", description="sur_place, chaude ou froide")
    components: int = Field(default=5, ge=4, le=5, description="Composantes du repas")
    choices_entree: int | None = Field(
        default=None, ge=1, le=3, description="Entrées au choix ici ; vide : comme la cuisine"
    )
    choices_plat: int | None = Field(
        default=None, ge=1, le=3, description="Plats au choix ici ; vide : comme la cuisine"
    )
    choices_garniture: int | None = Field(
        default=None, ge=1, le=3, description="Garnitures au choix ici ; vide : comme la cuisine"
    )
    choices_laitier: int | None = Field(
        default=None, ge=1, le=3, description="Produits laitiers au choix ici ; vide : comme la cuisine"
    )
    choices_dessert: int | None = Field(
        default=None, ge=1, le=3, description="Desserts au choix ici ; vide : comme la cuisine"
    )
    pai_meals: int = Field(
        default=0, ge=0, description="Paniers-repas PAI par service, déduits des convives à cuisiner"
    )
    origin: str = Field(default="declare", description="Origine : source, estime, declare")


class SiteDiners(SQLModel, table=True):
    """Usual diners of a site on a weekday."""

    __tablename__ = "diners"
    site: str = Field(primary_key=True, foreign_key="sites.code", description="Lieu de repas")
    weekday: int = Field(primary_key=True, ge=1, le=7, description="Jour, 1 = lundi")
    maternelle: int = Field(default=0, ge=0, description="Convives de maternelle")
    elementaire: int = Field(default=0, ge=0, description="Convives d'élémentaire")
    college: int = Field(default=0, ge=0, description="Collégiens")
    adulte: int = Field(default=0, ge=0, description="Adultes")
    origin: str = Field(default="declare", description="Origine : source, estime, declare")


class Closure(SQLModel, table=True):
    """A date when a site is closed or eats in small number, with its reason."""

    __tablename__ = "closures"
    site: str = Field(primary_key=True, foreign_key="sites.code", description="Lieu de repas")
    date: Date = Field(primary_key=True, description="Date")
    reason: str = Field(description="Raison")
    diners: int | None = Field(
        default=None, ge=0, description="Convives présents, sans les paniers-repas PAI ; vide : aucun"
    )
