"""Room foods: foods: nutrition, CO2e, allergens, seasons, yields, shelf life."""
