"""Room recipes: recipes (fiches recette), grammages by diner class, what is derived from them."""
