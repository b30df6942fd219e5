"""Pages of suppliers: their price lists; what a person behind one may ask for is in ``orders``."""

from flask import Blueprint

from cantine.suppliers import bpu_views, price_views

blueprint = Blueprint("suppliers", __name__)
price_views.register(blueprint)
bpu_views.register(blueprint)
