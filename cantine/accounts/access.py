"""Who may open what: one table, read by the guard of every request and by one test.

``own`` lists the roles that may when they are held for the kitchen concerned (or for the whole
département); ``other`` those that may for any kitchen. An endpoint missing here is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass

from cantine.accounts.models import ROLES

CHEF, ACHETEUR, GESTIONNAIRE, DEPARTEMENT, ADMINISTRATEUR = ROLES
EVERYWHERE = ""
"""Kitchen of a grant held for the whole département."""

Grants = Collection[tuple[str, str]]


@dataclass(frozen=True)
class Access:
    """Roles allowed on one endpoint.

    Attributes:
        own: roles allowed for the kitchen they are held for.
        other: roles allowed for every kitchen.
        signed_in: anyone signed in.
        public: anyone.
        quiet: asked by the page itself, so it does not count as activity.
    """

    own: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    signed_in: bool = False
    public: bool = False
    quiet: bool = False


def _roles(own: tuple[str, ...] = (), other: tuple[str, ...] = (), *, quiet: bool = False) -> Access:
    return Access(own=frozenset(own), other=frozenset(other), quiet=quiet)


PUBLIC = Access(public=True)
ANYONE = Access(signed_in=True)
ANYONE_QUIET = Access(signed_in=True, quiet=True)
READ = _roles((CHEF, ACHETEUR, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR))
POLL = _roles((CHEF, ACHETEUR, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR), quiet=True)
COOK = _roles((CHEF, GESTIONNAIRE), (DEPARTEMENT,))
BUY = _roles((CHEF, ACHETEUR, GESTIONNAIRE), (DEPARTEMENT,))
ORDER = _roles((ACHETEUR, GESTIONNAIRE))
"""Who binds the money of the establishment: its own people only."""
STORE = _roles((CHEF, ACHETEUR, GESTIONNAIRE))
"""Who receives, issues and counts: the people of the kitchen and of its establishment."""
MEND = _roles((GESTIONNAIRE,))
"""Who corrects what was closed."""
INVOICES = _roles((ACHETEUR, GESTIONNAIRE), (DEPARTEMENT,))
"""Who reads what suppliers ask for; its own people only decide (ORDER)."""
GROUP = _roles((ACHETEUR,), (DEPARTEMENT,))
"""Who puts several kitchens' orders together."""
COLLEGE = _roles((GESTIONNAIRE,), (DEPARTEMENT, ADMINISTRATEUR))
TAKE_OVER = _roles((ACHETEUR,), (DEPARTEMENT,))
"""Who sells a product at what its producer announced."""
OFFERS = _roles((ACHETEUR,), (DEPARTEMENT, ADMINISTRATEUR))
RECIPES = _roles((CHEF,), (DEPARTEMENT, ADMINISTRATEUR))
MANAGE = _roles((), (DEPARTEMENT, ADMINISTRATEUR))
ADMIN = _roles((), (ADMINISTRATEUR,))
SECRETS = _roles((GESTIONNAIRE,), (DEPARTEMENT, ADMINISTRATEUR))
"""Who sees counts of boursiers below 5."""
STAFF = _roles((CHEF, ACHETEUR, GESTIONNAIRE), (ADMINISTRATEUR,))
"""Who sees counts of paniers-repas PAI below 5, and the diners they are deducted from: the kitchen's own."""
BALANCE = _roles((ACHETEUR, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR))
"""Who reads what was bought, beside the law."""
COMPLETE = _roles((ACHETEUR, GESTIONNAIRE), (DEPARTEMENT,))
"""Who completes what was bought: family, labels, origin."""
DECLARE = _roles((CHEF, GESTIONNAIRE), (ADMINISTRATEUR,))


def _table(name: str, write: Access, *, create: Access = MANAGE) -> dict[str, Access]:
    """The pages of one table: everybody reads, ``write`` edits, ``create`` adds, imports and removes."""
    return {
        name: READ,
        f"{name}_export": READ,
        f"{name}_edit": write,
        f"{name}_new": create,
        f"{name}_import": create,
        f"{name}_remove": create,
    }


ACCESS: dict[str, Access] = {
    "static": PUBLIC,
    "font": PUBLIC,
    "health": PUBLIC,
    # one's own account
    "accounts.sign_in": PUBLIC,
    "accounts.privacy_notice": PUBLIC,
    "accounts.sign_out": ANYONE,
    "accounts.password": ANYONE,
    "accounts.me": ANYONE,
    "accounts.my_data": ANYONE,
    "accounts.alive": ANYONE_QUIET,
    "accounts.draft": ANYONE_QUIET,
    "accounts.keep_draft": ANYONE,
    "accounts.forget_draft": ANYONE,
    # people
    "accounts.users": ADMIN,
    "accounts.new_user": ADMIN,
    "accounts.user": ADMIN,
    "accounts.grant": ADMIN,
    "accounts.revoke": ADMIN,
    "accounts.reset": ADMIN,
    "accounts.activate": ADMIN,
    "accounts.anonymise": ADMIN,
    "accounts.kitchen_journal": _roles((CHEF, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR)),
    "accounts.house_journal": MANAGE,
    # tables
    "tables.hub": READ,
    "kitchens.choose": ANYONE,
    **_table("kitchens.colleges", COLLEGE),
    **_table("kitchens.kitchens", COLLEGE),
    **_table("kitchens.sites", COLLEGE),
    "kitchens.sites_import": ADMIN,  # a file holds the paniers-repas PAI of every kitchen
    **_table("kitchens.closures", COOK, create=COOK),
    **_table("kitchens.calendar", MANAGE),
    **_table("kitchens.settings", MANAGE),
    "kitchens.diners": READ,
    "kitchens.diners_edit": COOK,
    **_table("kitchens.diner_rows", DECLARE, create=ADMIN),
    "kitchens.diner_rows": STAFF,
    "kitchens.diner_rows_export": STAFF,
    **_table("foods.foods", RECIPES),
    **_table("foods.families", MANAGE),
    **_table("recipes.recipes", RECIPES, create=RECIPES),
    **_table("recipes.ingredients", RECIPES, create=RECIPES),
    **_table("suppliers.suppliers", OFFERS, create=OFFERS),
    "suppliers.contact_data": OFFERS,
    "suppliers.forget_contact": OFFERS,
    "suppliers.price_lists": READ,
    "suppliers.price_list": OFFERS,
    "suppliers.price_sheet": READ,
    "suppliers.lot_sheet": READ,
    **_table("suppliers.lots", OFFERS, create=OFFERS),
    **_table("suppliers.offers", OFFERS, create=OFFERS),
    **_table("suppliers.certificates", OFFERS, create=OFFERS),
    **_table("suppliers.seasons", OFFERS, create=OFFERS),
    **_table("suppliers.stock", BUY, create=BUY),
    **_table("suppliers.staples", BUY, create=BUY),
    # the stores
    "stores.deliveries": READ,
    "stores.start": STORE,
    "stores.reception": READ,
    "stores.all_fine": STORE,
    "stores.line": STORE,
    "stores.add_line": STORE,
    "stores.close": STORE,
    "stores.reopen": MEND,
    "stores.photo": READ,
    "stores.trace": READ,
    "stores.stock": READ,
    "stores.take_out": STORE,
    "stores.throw_away": STORE,
    "stores.issues": READ,
    "stores.issue": STORE,
    "stores.inventories": READ,
    "stores.begin_inventory": STORE,
    "stores.inventory": READ,
    "stores.count": STORE,
    "stores.add_lot": STORE,
    "stores.drop_inventory": STORE,
    "stores.moves": READ,
    "stores.moves_file": READ,
    # the week, the menus
    "semaine.home": ANYONE,
    "semaine.week": READ,
    "departement.overview": MANAGE,
    # contracts and thresholds
    "marches.contracts": READ,
    "marches.thresholds": MANAGE,
    "marches.own_thresholds": READ,
    "marches.lines": READ,
    "menus.grid": READ,
    "menus.volume": READ,
    "menus.keep": COOK,
    "menus.ban": COOK,
    "menus.swap": COOK,
    "menus.exclude": COOK,
    "menus.diners": COOK,
    "menus.validate": COOK,
    "menus.undo": COOK,
    "recipes.sheet": READ,
    "recipes.overrule": RECIPES,
    # long work, purchases, paper
    "mishaps.page": BUY,
    "mishaps.declare": BUY,
    "mishaps.reschedule": COOK,
    "mishaps.end": BUY,
    "planning.propose": COOK,
    "planning.progress": POLL,
    "planning.cancel": COOK,
    "planning.release": COOK,
    "planning.concede": COOK,
    "planning.accept": COOK,
    "planning.discard": COOK,
    "planning.comparison": READ,
    "planning.compare": COOK,
    "planning.frontier": READ,
    "planning.find_plans": COOK,
    "planning.study": POLL,
    "planning.stop": COOK,
    "planning.keep_plan": COOK,
    **_table("planning.profiles", MANAGE),
    "planning.purchases": READ,
    "planning.engagement": ORDER,
    "invoices.list": INVOICES,
    "invoices.invoice": INVOICES,
    "invoices.file": INVOICES,
    "invoices.statement": INVOICES,
    "reports.statement_pdf": INVOICES,
    "invoices.deposit_files": ORDER,
    "invoices.typed": ORDER,
    "invoices.add": ORDER,
    "invoices.correct": ORDER,
    "invoices.change": ORDER,
    "invoices.validate": ORDER,
    "invoices.dispute": ORDER,
    "invoices.refuse": ORDER,
    "invoices.reopen": ORDER,
    "invoices.pay": ORDER,
    "invoices.unpay": ORDER,
    "invoices.tie": ORDER,
    "planning.need_save": BUY,
    "planning.need_find": BUY,
    "planning.need_add": BUY,
    "planning.need_staples": BUY,
    "planning.need_review": READ,
    "planning.need_approve": ORDER,
    "planning.order_amend": ORDER,
    "planning.order_cancel": ORDER,
    "planning.order_sent": ORDER,
    "planning.order_mend": BUY,
    "orders.follow": READ,
    "orders.answers": READ,
    "orders.answer_seen": BUY,
    "orders.announcement_take": TAKE_OVER,
    "orders.order": READ,
    "orders.groups": GROUP,
    "orders.group": GROUP,
    "orders.group_new": GROUP,
    "orders.group_undo": GROUP,
    "reports.pdf": READ,
    # the balance, the State's files
    "egalim.home": BALANCE,
    "egalim.summary": BALANCE,
    "egalim.summary_all": MANAGE,
    "egalim.purchases": BALANCE,
    "egalim.purchases_all": MANAGE,
    "egalim.purchase": BALANCE,
    "egalim.mend_purchase": COMPLETE,
    "egalim.ma_cantine": BALANCE,
    "egalim.ma_cantine_all": MANAGE,
    "egalim.ma_cantine_file": BALANCE,
    "egalim.ma_cantine_file_all": MANAGE,
    "egalim.declaration": BALANCE,
    "egalim.declaration_all": MANAGE,
    "egalim.declaration_file": BALANCE,
    "egalim.declaration_file_all": MANAGE,
    "egalim.siret": COLLEGE,
    "egalim.import_file": COLLEGE,
    "egalim.import_file_all": MANAGE,
    "egalim.undo_import": COLLEGE,
    "egalim.undo_import_all": MANAGE,
    "reports.order_pdf": READ,
    "reports.supplier_pdf": MANAGE,
    "sending.outbox": READ,
    "sending.send": ORDER,
    "sending.repeat": ORDER,
    "sending.arrived": ORDER,
    "sending.revoke": ORDER,
    # a producer without an account: the signed address is the right
    "producer.page": PUBLIC,
    "producer.reply": PUBLIC,
    "producer.paper": PUBLIC,
    "producer.announce": PUBLIC,
    "producer.keep_announcement": PUBLIC,
    # what leaves the house: validated menus and yearly shares, open to anybody
    "public.sites": PUBLIC,
    "public.menus": PUBLIC,
    "public.feed": PUBLIC,
    "public.week": PUBLIC,
    "public.poster": PUBLIC,
    "publishing.page": _roles((CHEF, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR)),
    "publishing.pronote": _roles((CHEF, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR)),
    "publishing.scdl": _roles((CHEF, GESTIONNAIRE), (DEPARTEMENT, ADMINISTRATEUR)),
    "publishing.reason": COOK,
}


def holds(rule: Access, grants: Grants, kitchen: str | None) -> bool:
    """Whether ``grants`` satisfy ``rule`` for ``kitchen``; without a kitchen, a role held anywhere does."""
    if rule.public or rule.signed_in:
        return True
    return any(
        role in rule.other or (role in rule.own and (kitchen is None or place in {kitchen, EVERYWHERE}))
        for role, place in grants
    )


def allowed(endpoint: str, grants: Grants, kitchen: str | None = None) -> bool:
    """Whether a person with ``grants`` may open ``endpoint`` for ``kitchen``."""
    rule = ACCESS.get(endpoint)
    return rule is not None and holds(rule, grants, kitchen)


def own_kitchens(grants: Grants) -> set[str]:
    """Kitchens a person works for; the whole département is none in particular."""
    return {kitchen for _, kitchen in grants if kitchen != EVERYWHERE}
