"""Room kitchens: collèges, kitchens, sites, diners, calendar and closures."""
