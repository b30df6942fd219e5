"""What the tables of purchases look like on screen."""

from cantine.kitchens.pages import by_kitchen
from cantine.suppliers.contacts import CONTACT
from cantine.table_pages import TablePage

SUPPLIERS = TablePage(
    table="suppliers",
    endpoint="suppliers.suppliers",
    path="/donnees/fournisseurs",
    title="Fournisseurs",
    one="un fournisseur",
    about="jours de livraison, minimum, délai, rayon",
    shown=("name", "kind", "insee", "delivery_days", "lead_days", "cutoff_hour", "min_order_ht", "radius_km"),
    filters=("kind",),
    titles={
        "kind": "Métier",
        "insee": "Commune",
        "delivery_days": "Jours de livraison",
        "lead_days": "Délai, jours",
        "min_order_ht": "Minimum HT",
        "radius_km": "Rayon, km",
    },
    hints={
        "lead_days": "Dernier jour pour commander : tant de jours avant la livraison, ou le jour ouvré "
        "d'avant si c'est un week-end, un jour férié ou un pont. Un jour de vacances scolaires compte."
    },
    below="suppliers/supplier.html",
    personal=CONTACT,
)
LOTS = TablePage(
    table="market_lots",
    endpoint="suppliers.lots",
    path="/donnees/lots",
    title="Lots de marché",
    one="un lot",
    about="exclusifs, à plusieurs titulaires ou libres",
    shown=("name", "frame", "sharing", "supplier", "family", "max_ht", "valid_from", "valid_to"),
    filters=("frame", "supplier"),
    titles={"frame": "Cadre", "sharing": "Entre titulaires", "family": "Famille"},
)
OFFERS = TablePage(
    table="offers",
    endpoint="suppliers.offers",
    path="/donnees/offres",
    title="Offres",
    one="une offre",
    about="colis, prix, labels, validité",
    shown=(
        "name",
        "supplier",
        "food",
        "pack_label",
        "pack_g",
        "price_ht",
        "labels",
        "origin_country",
        "valid_to",
    ),
    filters=("supplier", "origin_country"),
    titles={
        "pack_g": "Poids du colis",
        "price_ht": "Prix du colis, HT",
        "origin_country": "Origine",
        "valid_to": "Jusqu'au",
    },
    origins={"price_ht": "estimated_price"},
    below="suppliers/offer.html",
)
CERTIFICATES = TablePage(
    table="certificates",
    endpoint="suppliers.certificates",
    path="/donnees/certificats",
    title="Certificats",
    one="un certificat",
    about="la preuve de chaque label, et jusqu'à quand elle vaut",
    shown=("supplier", "label", "family", "number", "body", "valid_from", "valid_to"),
    filters=("supplier", "label"),
    titles={
        "label": "Label",
        "family": "Famille",
        "body": "Organisme",
        "valid_from": "Depuis le",
        "valid_to": "Jusqu'au",
    },
    hints={
        "code": "Un nom court à vous : le fournisseur et le label, par exemple.",
        "family": "Vide : le certificat vaut pour tout ce que le fournisseur vend sous ce label.",
    },
)
SEASONS = TablePage(
    table="price_seasons",
    endpoint="suppliers.seasons",
    path="/donnees/saisons-des-prix",
    title="Saisons des prix",
    one="un mois",
    about="fruits et légumes frais : l'indice qui estime un prix au-delà de sa semaine",
    shown=("group", "month", "index_permille"),
    filters=("group",),
    titles={"group": "Groupe d'aliments", "index_permille": "Indice"},
    origins={"index_permille": "origin"},
    note=(
        "Au-delà de sa semaine, un prix est estimé : dernier prix × indice du mois de livraison ÷ indice du "
        "mois de ce prix. Sans ligne pour un groupe, le dernier prix est gardé."
    ),
    hints={
        "group": "Le groupe écrit dans la table des aliments : legume, fruit, pomme_de_terre…",
        "index_permille": "En millièmes : 1000 est la moyenne de l'année, 1100 dix pour cent de plus.",
    },
)
STOCK = TablePage(
    table="stock_lots",
    endpoint="suppliers.stock",
    path="/donnees/stock",
    title="Stock",
    one="un lot en stock",
    about="ce qu'il y a en réserve, et jusqu'à quand",
    shown=("food", "kitchen", "expires_on", "grams", "price_ht_per_kg"),
    filters=("kitchen",),
    titles={"grams": "Quantité", "price_ht_per_kg": "Prix HT par kg"},
    owners=by_kitchen,
    private=True,
)
STAPLES = TablePage(
    table="staple_levels",
    endpoint="suppliers.staples",
    path="/donnees/denrees-de-base",
    title="Denrées de base",
    one="une denrée de base",
    about="huile, farine, sel, épices : entre quels stocks chaque cuisine les garde",
    shown=("food", "kitchen", "min_g", "max_g"),
    filters=("kitchen",),
    titles={"min_g": "Stock minimum, g", "max_g": "Stock maximum, g"},
    origins={"min_g": "origin", "max_g": "origin"},
    owners=by_kitchen,
    private=True,
    note=(
        "La commande du mois, sur la page « À commander », ramène au maximum ce qui passe sous le minimum. "
        "Le coût des menus compte ces denrées au forfait, jamais ces achats. Seules comptent ici les denrées "
        "marquées « de base » dans la table des aliments."
    ),
)
TABLES = (SUPPLIERS, LOTS, OFFERS, CERTIFICATES, SEASONS, STOCK, STAPLES)
