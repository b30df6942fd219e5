"""The command line: the same verbs as the pages.

This file only knows the verbs and their arguments; what a verb does is named by its address and
imported when it runs, so that ``--help`` answers at once. Exit codes: 0 done, 1 faults found,
2 usage, 3 no valid plan.
"""

import argparse
import importlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cantine.config import Config, from_environment
from cantine.errors import CantineError, ConfigError, FaultsError, NotFoundError
from cantine.terminal import FrenchParser, complain, day, whole

DONE, FAULTS, USAGE = 0, 1, 2
ON_CONFIG, ON_ENGINE = "config", "engine"
"""What a verb is given: the settings, or the database made ready."""

LARGEST_PORT = 65_535
LARGEST_SEED = 2**31 - 1
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Returns:
        The exit code.
    """
    args = build_parser().parse_args(argv)
    try:
        config = _config(args)
        return _run(config, args)
    except FaultsError as error:
        for fault in error.faults:
            complain(str(fault))
        complain(error.message)
        return FAULTS
    except CantineError as error:
        complain(error.message)
        return USAGE if isinstance(error, (ConfigError, NotFoundError)) else FAULTS
    except KeyboardInterrupt:
        return INTERRUPTED


def _config(args: argparse.Namespace) -> Config:
    chosen = {name: value for name in ("host", "port") if (value := getattr(args, name, None)) is not None}
    return replace(from_environment(), **chosen)


def _run(config: Config, args: argparse.Namespace) -> int:
    given: Any = config
    if args.given == ON_ENGINE:
        given = importlib.import_module("cantine.upgrade").prepare(config)
    module, function = args.verb_address.split(":")
    code = getattr(importlib.import_module(module), function)(given, args)
    return int(code)


def build_parser() -> FrenchParser:
    """Every verb with its arguments and its French help."""
    parser = FrenchParser(
        prog="cantine",
        description="Menus et achats de la restauration scolaire. Les données sont dans « var », "
        "ou dans le dossier nommé par CANTINE_HOME.",
        epilog="Codes de sortie : 0 fait, 1 fautes trouvées, 2 commande mal écrite, 3 aucun plan valable.",
    )
    verbs = parser.add_subparsers(title="verbes", metavar="VERBE", required=True, parser_class=FrenchParser)
    _data_verbs(verbs)
    _plan_verbs(verbs)
    _report_verb(verbs)
    _publishing_verbs(verbs)
    _site_verbs(verbs)
    _state_verbs(verbs)
    _user_verbs(verbs)
    _contact_verbs(verbs)
    return parser


Verbs = Any
"""argparse's group of subparsers, whose class is private."""


def _verb(verbs: Verbs, name: str, text: str, given: str, address: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=f"{text}.")
    parser.set_defaults(given=given, verb_address=address)
    return parser


def _data_verbs(verbs: Verbs) -> None:
    do = "cantine.commands_data:{}".format
    verb = _verb(verbs, "import", "charge un paquet de données, tout ou rien", ON_ENGINE, do("load"))
    _folder(verb, "dossier des fichiers CSV")
    verb = _verb(verbs, "export", "écrit toutes les données en un paquet", ON_ENGINE, do("export"))
    _folder(verb, "dossier à remplir")
    verb = _verb(verbs, "template", "écrit un paquet vide, avec son mode d'emploi", ON_CONFIG, do("template"))
    _folder(verb, "dossier à remplir")
    verb = _verb(verbs, "check", "vérifie un paquet, ou le dossier d'un plan", ON_CONFIG, do("check"))
    _folder(verb, "dossier à lire ; rien n'est écrit")
    verb = _verb(verbs, "backup", "sauvegarde la base et les fichiers", ON_CONFIG, do("save"))
    verb.add_argument("file", type=Path, metavar="FICHIER", help="archive à écrire (.tar.gz)")
    verb = _verb(verbs, "restore", "remet une sauvegarde en place, site arrêté", ON_CONFIG, do("put_back"))
    verb.add_argument("file", type=Path, metavar="FICHIER", help="archive à lire")
    verb.add_argument(
        "--force", action="store_true", help="remplace des données présentes, après les avoir sauvegardées"
    )
    _prices_verb(verbs)


def _prices_verb(verbs: Verbs) -> None:
    address = "cantine.suppliers.price_command:run"
    verb = _verb(verbs, "import-prices", "charge le tarif d'un fournisseur, tout ou rien", ON_ENGINE, address)
    verb.add_argument("file", type=Path, metavar="FICHIER", help="tarif à lire (.csv ou .xlsx)")
    verb.add_argument("--supplier", required=True, metavar="CODE", help="code du fournisseur")
    text = "{} jour de validité ; sinon ce que dit le fichier, ou la suite du tarif d'avant"
    verb.add_argument("--from", dest="start", type=day, metavar="DATE", help=text.format("premier"))
    verb.add_argument("--to", dest="end", type=day, metavar="DATE", help=text.format("dernier"))
    verb.add_argument("--dry-run", action="store_true", help="dit ce qui changerait ; rien n'est écrit")


def _folder(verb: argparse.ArgumentParser, text: str) -> None:
    verb.add_argument("folder", type=Path, metavar="DOSSIER", help=text)


def _plan_verbs(verbs: Verbs) -> None:
    verb = _verb(
        verbs, "plan", "propose des menus et leurs achats", ON_ENGINE, "cantine.planning.command:run"
    )
    verb.add_argument("--kitchen", required=True, metavar="CODE", help="code de la cuisine")
    verb.add_argument("--from", dest="start", required=True, type=day, metavar="DATE", help="premier service")
    verb.add_argument(
        "--services", type=whole(1, 60), default=20, metavar="N", help="nombre de services (20)"
    )
    verb.add_argument("--profile", default="equilibre", metavar="NOM", help="profil de prix (equilibre)")
    _search_arguments(verb)
    verb.add_argument("--out", required=True, type=Path, metavar="DOSSIER", help="dossier à remplir")
    _bench_verb(verbs)


def _bench_verb(verbs: Verbs) -> None:
    verb = _verb(verbs, "bench", "mesure le calcul, un tableau", ON_CONFIG, "cantine.bench.command:run")
    verb.add_argument(
        "name",
        metavar="NOM",
        help="b1 : une cuisine face aux solveurs ; b2 : ensemble ou menus d'abord ; b3, b4 : menus scolaires "
        "publiés ; kitchens : chaque cuisine de la base",
    )
    verb.add_argument(
        "--data", type=Path, metavar="DOSSIER", help="dossier des données de tiers (b2, b3, b4)"
    )
    verb.add_argument(
        "--seeds", type=whole(1, 100), metavar="N", help="nombre de graines (b1 8, b2 3, b4 10)"
    )
    how_long = verb.add_mutually_exclusive_group()
    text = "secondes par calcul (b1 et b2 30, b3 10, b4 600, kitchens 60)"
    how_long.add_argument("--seconds", type=whole(1, 86_400), metavar="S", help=text)
    how_long.add_argument("--minutes", type=whole(1, 1440), metavar="N", help="la même chose en minutes")
    verb.add_argument(
        "--kitchen",
        action="append",
        metavar="CODE",
        help="seulement cette cuisine (b2, kitchens ; répétable)",
    )
    _seed_argument(verb)


def _search_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--time-limit", type=whole(1, 86_400), default=60, metavar="S", help="secondes de calcul (60)"
    )
    _seed_argument(verb)


def _seed_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--seed", type=whole(0, LARGEST_SEED), default=0, metavar="N", help="graine du hasard (0)"
    )


def _report_verb(verbs: Verbs) -> None:
    verb = _verb(verbs, "report", "écrit un document PDF", ON_ENGINE, "cantine.reports.command:run")
    verb.add_argument("name", metavar="NOM", help="nom du document")
    whose = verb.add_mutually_exclusive_group(required=True)
    whose.add_argument("--kitchen", metavar="CODE", help="code de la cuisine")
    whose.add_argument("--all", action="store_true", help="toutes les cuisines")
    verb.add_argument("--from", dest="start", type=day, metavar="DATE", help="premier jour")
    verb.add_argument("--to", dest="end", type=day, metavar="DATE", help="dernier jour")
    verb.add_argument("--date", type=day, metavar="DATE", help="jour du document")
    verb.add_argument("--recipe", metavar="CODE", help="code de la recette")
    verb.add_argument("--supplier", metavar="CODE", help="commandes : code du fournisseur, sinon tous")
    verb.add_argument("--number", metavar="N", help="commandes : un seul bon, par son numéro")
    verb.add_argument("--out", required=True, type=Path, metavar="CHEMIN", help="fichier ou dossier à écrire")


def _publishing_verbs(verbs: Verbs) -> None:
    do = "cantine.publishing.command:run"
    verb = _verb(verbs, "export-scdl", "écrit les menus validés en données ouvertes (SCDL)", ON_ENGINE, do)
    verb.add_argument("--from", dest="start", required=True, type=day, metavar="DATE", help="premier jour")
    verb.add_argument("--to", dest="end", required=True, type=day, metavar="DATE", help="dernier jour")
    verb.add_argument(
        "--kitchen", action="append", metavar="CODE", help="seulement cette cuisine (répétable)"
    )
    verb.add_argument("--demo", action="store_true", help="accepte les SIRET estimés de la démonstration")
    verb.add_argument("--out", required=True, type=Path, metavar="DOSSIER", help="dossier à remplir")


def _site_verbs(verbs: Verbs) -> None:
    do = "cantine.commands_site:{}".format
    verb = _verb(verbs, "start", "prépare la démonstration, puis sert le site", ON_CONFIG, do("start"))
    verb.add_argument("--once", action="store_true", help="s'arrête après le premier plan")
    _address_arguments(verb)
    _address_arguments(_verb(verbs, "serve", "sert le site", ON_CONFIG, do("serve")))


def _address_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--host", metavar="ADRESSE", help="adresse d'écoute (CANTINE_HOST)")
    verb.add_argument("--port", type=whole(1, LARGEST_PORT), metavar="N", help="port d'écoute (CANTINE_PORT)")


def _state_verbs(verbs: Verbs) -> None:
    do = "cantine.egalim.command:{}".format
    verb = _verb(
        verbs, "export-ma-cantine", "écrit le fichier des achats pour ma cantine", ON_ENGINE, do("purchases")
    )
    verb.add_argument("--from", dest="start", required=True, type=day, metavar="DATE", help="premier jour")
    verb.add_argument("--to", dest="end", required=True, type=day, metavar="DATE", help="dernier jour")
    _state_arguments(verb)
    text = "écrit la déclaration annuelle simple pour ma cantine"
    verb = _verb(verbs, "declare-ma-cantine", text, ON_ENGINE, do("declaration"))
    verb.add_argument("--year", required=True, type=whole(2000, 2100), metavar="AAAA", help="année civile")
    _state_arguments(verb)
    verb = _verb(
        verbs,
        "demo-year",
        "invente une année d'achats de démonstration",
        ON_ENGINE,
        "cantine.demo.command:run",
    )
    verb.add_argument("--year", required=True, type=whole(2000, 2100), metavar="AAAA", help="année civile")
    _seed_argument(verb)
    text = "seulement cette cuisine (répétable)"
    verb.add_argument("--kitchen", action="append", default=[], metavar="CODE", help=text)


def _state_arguments(verb: argparse.ArgumentParser) -> None:
    text = "seulement cette cuisine (répétable)"
    verb.add_argument("--kitchen", action="append", default=[], metavar="CODE", help=text)
    verb.add_argument("--out", required=True, type=Path, metavar="FICHIER", help="fichier CSV à écrire")
    text = "accepte SIRET estimés et achats inventés d'une démonstration : un fichier à ne pas envoyer"
    verb.add_argument("--demo", action="store_true", help=text)


def _user_verbs(verbs: Verbs) -> None:
    do = "cantine.commands_people:{}".format
    users = verbs.add_parser("user", help="gère les comptes", description="Gère les comptes.")
    acts = users.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=FrenchParser)
    verb = _verb(acts, "add", "ouvre un compte et donne son premier mot de passe", ON_ENGINE, do("add"))
    verb.add_argument("login", metavar="IDENTIFIANT", help="courriel ou nom court")
    verb.add_argument("--name", required=True, metavar="NOM", help="prénom et nom")
    verb.add_argument(
        "--role",
        required=True,
        action="append",
        metavar="RÔLE",
        help="chef, acheteur, gestionnaire, departement ou administrateur (répétable)",
    )
    verb.add_argument(
        "--kitchen", action="append", default=[], metavar="CODE", help="cuisine du rôle (répétable)"
    )
    _verb(acts, "list", "montre les comptes et leurs rôles", ON_ENGINE, do("show"))
    text = "oublie comptes d'un an sans connexion, journal et coordonnées de plus de trois ans"
    _verb(acts, "purge", text, ON_ENGINE, do("purge"))
    for name, text in (("reset", "donne un nouveau mot de passe provisoire"), ("disable", "ferme un compte")):
        verb = _verb(acts, name, text, ON_ENGINE, do(name))
        verb.add_argument("login", metavar="IDENTIFIANT", help="identifiant du compte")


def _contact_verbs(verbs: Verbs) -> None:
    do = "cantine.commands_people:{}".format
    text = "montre ou efface les coordonnées d'un fournisseur"
    group = verbs.add_parser("supplier-contact", help=text, description=f"{text.capitalize()}.")
    acts = group.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=FrenchParser)
    verb = _verb(acts, "export", "montre ce qui est gardé d'un fournisseur", ON_ENGINE, do("contact_export"))
    verb.add_argument("code", metavar="CODE", help="code du fournisseur")
    text = "efface courriel et téléphone d'un fournisseur"
    verb = _verb(acts, "anonymise", text, ON_ENGINE, do("contact_anonymise"))
    verb.add_argument("code", metavar="CODE", help="code du fournisseur")
    verb.add_argument(
        "--person",
        action="store_true",
        help="le nom est celui d'une personne : l'efface aussi, avec SIRET et adresse exacte",
    )
