"""What the tables of recipes look like on screen; the fiche recette itself is a page of its own."""

from cantine.table_pages import TablePage

RECIPES = TablePage(
    table="recipes",
    endpoint="recipes.recipes",
    path="/recettes",
    title="Fiches recette",
    one="une recette",
    about="les plats du département",
    shown=("name", "slot", "style", "cooking", "staff_minutes", "taste_permille", "day_before"),
    filters=("slot", "style", "cooking"),
    titles={
        "slot": "Composante",
        "style": "Genre",
        "cooking": "Cuisson",
        "staff_minutes": "Minutes actives pour 450",
        "taste_permille": "Acceptation",
        "day_before": "La veille",
        "garnish": "Garniture : légume ou féculent",
    },
    sheet="recipes.sheet",
)
INGREDIENTS = TablePage(
    table="recipe_ingredients",
    endpoint="recipes.ingredients",
    path="/donnees/ingredients",
    title="Ingrédients des recettes",
    one="un ingrédient",
    about="grammes bruts par convive de chaque âge",
    shown=("recipe", "food", "maternelle_g", "elementaire_g", "college_g", "adulte_g"),
    filters=(),
    titles={
        "maternelle_g": "Maternelle, g",
        "elementaire_g": "Élémentaire, g",
        "college_g": "Collège, g",
        "adulte_g": "Adultes, g",
    },
)
TABLES = (RECIPES, INGREDIENTS)
