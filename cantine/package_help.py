"""LISEZMOI.md of an empty data package: what each column expects, in French."""

from cantine.package_schema import Column, TableForm, forms
from cantine.package_terms import TITLES

_KINDS = {
    "text": "texte",
    "list": "liste",
    "whole": "nombre entier",
    "number": "nombre",
    "money": "montant en euros",
    "flag": "true ou false",
    "date": "date",
}
_INTRODUCTION = """\
# Paquet de données de cantine

Un fichier CSV par table, à remplir dans un tableur puis à enregistrer au format
« CSV UTF-8 (délimité par des virgules) ».

- La première ligne porte les titres des colonnes ; gardez-les tels quels.
- Décimales avec un point (12.5), dates année-mois-jour (2027-01-04), oui/non : true ou false.
- Plusieurs codes dans une case : séparés par « ; », sans espace.
- Une case vide veut dire inconnu, aucun, ou la valeur indiquée après « vide : ».
- Les codes sont courts, en minuscules sans accent de préférence, et ne changent plus ensuite.

Vérifier sans rien écrire : `cantine check DOSSIER`. Charger : `cantine import DOSSIER`.
Toutes les erreurs sont montrées ensemble, avec la table, la ligne, la colonne et la raison ;
s'il y en a une, rien n'est écrit. Une ligne déjà connue (même clé) est mise à jour ; une ligne
absente du paquet est conservée.
"""


def readme() -> str:
    """The whole help, one section per table, in the order of loading."""
    return "\n".join([_INTRODUCTION, *(_section(form) for form in forms().values())])


def _section(form: TableForm) -> str:
    lines = [f"## {form.name}.csv : {TITLES[form.name]}", "", f"Clé : {', '.join(form.key)}.", ""]
    lines += ["| colonne | contenu | obligatoire | explication |", "|---|---|---|---|"]
    lines += [_line(form, column) for column in form.columns]
    return "\n".join([*lines, ""])


def _line(form: TableForm, column: Column) -> str:
    notes = [column.description]
    notes += [f"voir {one.table}.csv" for one in form.references if one.columns[-1] == column.name]
    if column.words:
        notes.append(f"au choix : {', '.join(map(str, column.words))}")
    required = "oui" if column.required else ""
    return f"| {column.name} | {_KINDS[column.kind]} | {required} | {' ; '.join(notes)} |"
