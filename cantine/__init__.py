"""The house: people, database, pages and files around the brain (``optim``).

What lives here: rooms stacked as design.md says (accounts, kitchens, foods, recipes, suppliers,
menus, planning, reports) and the few files that wire them. What does not: any calculation of
menus or purchases, which belongs to ``optim``.
"""
