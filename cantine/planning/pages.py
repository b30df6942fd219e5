"""What the table of profiles looks like on screen: what the search is asked to prefer, in prices."""

from cantine.table_pages import TablePage

PRICED = ("local_permille", "quality_permille", "shortfall_permille")
CENTS = ("waste_cents_per_kg", "co2e_cents_per_kg", "taste_cents_per_100", "repetition_cents")
PROFILES = TablePage(
    table="profiles",
    endpoint="planning.profiles",
    path="/donnees/profils",
    title="Profils",
    one="un profil",
    about="ce qu'une proposition préfère, écrit en prix",
    note="Une proposition cherche les menus les moins chers une fois ces prix comptés. « Un euro local vaut "
    "0,30 € de plus » : sur un euro d'achat local, elle n'en compte que 0,70. Le produit local gagne donc "
    "tant qu'il coûte moins de 43 % de plus (1 ÷ 0,70). Zéro : cela ne "
    "compte pas. Les règles de la loi, le crédit nourriture et les plats gardés ou écartés passent toujours "
    "avant. Ensemble, ces prix ont une limite : un produit ne rapporte jamais plus qu'il ne coûte. Un "
    "changement vaut pour les prochaines propositions ; celles déjà faites ne bougent pas.",
    hints=dict.fromkeys((*PRICED, *CENTS), "En euros."),
    shown=(
        "name",
        "local_permille",
        "quality_permille",
        "shortfall_permille",
        "waste_cents_per_kg",
        "co2e_cents_per_kg",
        "taste_cents_per_100",
        "repetition_cents",
    ),
    titles={
        "code": "Nom court, sans espace",
        "name": "Nom affiché",
        "local_permille": "Euro local, en plus",
        "quality_permille": "Euro durable ou de qualité, en plus",
        "shortfall_permille": "Euro manquant à l'objectif EGAlim",
        "waste_cents_per_kg": "Kilo de restes attendus",
        "co2e_cents_per_kg": "Kilo de CO₂e",
        "taste_cents_per_100": "100 convives qui n'aiment pas",
        "repetition_cents": "Fréquence dépassée",
    },
    priced=PRICED,
)
TABLES = (PROFILES,)
