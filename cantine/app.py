"""``create_app``: the only wiring of the house."""

from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from cantine import jobs, shell, tables_files, tables_remove, tables_web, web
from cantine.accounts import guard
from cantine.accounts import views as accounts
from cantine.config import Config
from cantine.egalim import state_views  # noqa: F401 -- its pages are of the same blueprint
from cantine.egalim import views as egalim
from cantine.foods import pages as food_pages
from cantine.invoices import views as invoices
from cantine.kitchens import pages as kitchen_pages
from cantine.kitchens import views as kitchens
from cantine.orders import answer_views as orders
from cantine.orders import contact_views as suppliers
from cantine.planning import department_views as department
from cantine.planning import market_views as markets
from cantine.planning import menu_views as menus
from cantine.planning import mishap_views as mishaps
from cantine.planning import pages as planning_pages
from cantine.planning import sheet_views as sheets
from cantine.planning import views as planning
from cantine.planning import week
from cantine.publishing import public_views as public
from cantine.publishing import views as publishing
from cantine.recipes import pages as recipe_pages
from cantine.reports import views as reports
from cantine.sending import producer_views as producer
from cantine.sending import views as sending
from cantine.stores import stock_views as stores
from cantine.suppliers import pages as supplier_pages

ROOT = Path(__file__).parent
TABLES = (
    *kitchen_pages.TABLES,
    *food_pages.TABLES,
    *recipe_pages.TABLES,
    *supplier_pages.TABLES,
    *planning_pages.TABLES,
)
BLUEPRINTS = (
    accounts.blueprint,
    kitchens.blueprint,
    suppliers.blueprint,
    stores.blueprint,
    orders.blueprint,
    week.blueprint,
    department.blueprint,
    markets.blueprint,
    menus.blueprint,
    planning.blueprint,
    mishaps.blueprint,
    invoices.blueprint,
    sheets.blueprint,
    reports.blueprint,
    sending.blueprint,
    producer.blueprint,
    egalim.blueprint,
    publishing.blueprint,
    public.blueprint,
)


def create_app(config: Config, engine: Engine) -> Flask:
    """The site for ``config`` on the database of ``engine``."""
    app = Flask("cantine", static_folder=str(ROOT / "static"), template_folder=str(ROOT.parent / "templates"))
    app.config.from_mapping(web.settings_of(config))
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    web.init_web(app, engine)
    CSRFProtect(app)
    accounts.limiter.init_app(app)
    guard.init_guard(app)
    shell.init_shell(app)
    app.extensions["ring"] = jobs.doorbell(config)
    tables_web.init_tables(app, TABLES)
    tables_files.init_table_files(app, TABLES)
    tables_remove.init_table_removal(app, TABLES)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
