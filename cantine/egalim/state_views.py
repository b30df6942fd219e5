"""The State's files: purchases, yearly declaration, SIRET to confirm, past purchases read back."""

import base64
import io
import zipfile
from binascii import Error as Base64Error
from datetime import date

from flask import Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.accounts import guard
from cantine.asked import day_in, this_day
from cantine.egalim import balance
from cantine.egalim.declaration import csv_of, load_declaration
from cantine.egalim.export import Export, by_reason, export
from cantine.egalim.export import Request as Asked
from cantine.egalim.importing import imports, read_purchases, undo_import, write_import
from cantine.egalim.ma_cantine import COLUMNS
from cantine.egalim.places import confirm_siret, load_places
from cantine.egalim.scope import Scope, scope_of
from cantine.egalim.views import asked_year, blueprint
from cantine.egalim.words import FAMILIES, RUBRICS
from cantine.errors import CantineError
from cantine.french import plural
from cantine.kitchens.settings import load_settings

SHOWN = 100
CSV = "text/csv; charset=utf-8"


@blueprint.get("/cuisines/<kitchen>/bilan/ma-cantine", endpoint="ma_cantine")
@blueprint.get("/departement/bilan/ma-cantine", endpoint="ma_cantine_all")
def ma_cantine(kitchen: str = "") -> str:
    """What is to be mended before the file; for the whole département, only once it is asked."""
    scope, year = scope_of(kitchen), asked_year(kitchen)
    checked = bool(kitchen or request.args.get("verifier"))
    asked = _asked(scope, year)
    made = export(web.db(), asked) if checked else Export()
    return _export_page(scope, year, asked, made, checked=checked)


@blueprint.get("/cuisines/<kitchen>/bilan/ma-cantine/fichier", endpoint="ma_cantine_file")
@blueprint.get("/departement/bilan/ma-cantine/fichier", endpoint="ma_cantine_file_all")
def ma_cantine_file(kitchen: str = "") -> Response | tuple[str, int]:
    """The file, or several in a folder; the page with what is to be mended where there is something."""
    scope, year = scope_of(kitchen), asked_year(kitchen)
    asked = _asked(scope, year)
    made = export(web.db(), asked)
    if not made.files:
        return _export_page(scope, year, asked, made, checked=True), 422
    stem = f"ma-cantine-{kitchen or 'tous'}-{asked.first.isoformat()}-{asked.last.isoformat()}"
    if len(made.files) == 1:
        return _download(made.files[0], f"{stem}.csv", CSV)
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(made.files, 1):
            archive.writestr(f"{stem}-{number}.csv", data)
    return _download(folder.getvalue(), f"{stem}.zip", "application/zip")


@blueprint.get("/cuisines/<kitchen>/bilan/declaration", endpoint="declaration")
@blueprint.get("/departement/bilan/declaration", endpoint="declaration_all")
def declaration(kitchen: str = "") -> str:
    """The yearly declaration, filled from the purchases, with what the platform would say."""
    return _declaration_page(scope_of(kitchen), asked_year(kitchen))


@blueprint.get("/cuisines/<kitchen>/bilan/declaration/fichier", endpoint="declaration_file")
@blueprint.get("/departement/bilan/declaration/fichier", endpoint="declaration_file_all")
def declaration_file(kitchen: str = "") -> Response | tuple[str, int]:
    """The file of the declaration; the page where something is to be mended."""
    scope, year = scope_of(kitchen), asked_year(kitchen)
    found = load_declaration(web.db(), year, this_day(), scope.kitchens, demo=_demo())
    if found.faults or not found.lines:
        return _declaration_page(scope, year), 422
    return _download(csv_of(found), f"bilan-ma-cantine-{kitchen or 'tous'}-{year}.csv", CSV)


@blueprint.route("/cuisines/<kitchen>/bilan/siret", methods=["GET", "POST"])
def siret(kitchen: str) -> str | BaseResponse | tuple[str, int]:
    """The number of the establishment, to confirm or to put right."""
    fault, status = "", 200
    if request.method == "POST":
        try:
            given = request.form.get("siret", ""), request.form.get("vu", "")
            confirm_siret(web.db(), kitchen, *given, guard.person().id, web.now())
            web.db().commit()
            target = web.safe_next(request.form.get("retour")) or scope_of(kitchen).url("ma_cantine")
            return web.see_other(target, "SIRET confirmé.")
        except CantineError as error:
            web.db().rollback()
            fault, status = error.message, error.status
    page = render_template(
        "egalim/siret.html",
        scope=scope_of(kitchen),
        place=load_places(web.db(), [kitchen])[kitchen],
        typed=request.form.get("siret"),
        fault=fault,
        back=web.safe_next(request.values.get("retour")) or "",
    )
    return page, status


@blueprint.route("/cuisines/<kitchen>/bilan/importer", methods=["GET", "POST"], endpoint="import_file")
@blueprint.route("/departement/bilan/importer", methods=["GET", "POST"], endpoint="import_file_all")
def import_file(kitchen: str = "") -> str | BaseResponse | tuple[str, int]:
    """Send a file, look at what it holds, then confirm."""
    scope = scope_of(kitchen)
    if request.method == "GET":
        return _import_page(scope)
    name, data = _sent()
    preview = read_purchases(web.db(), name, data, this_day(), kitchen or None)
    if preview.faults:
        return _import_page(scope, preview=preview), 422
    if request.form.get("sha256") != preview.sha256:
        return _import_page(scope, preview=preview, content=base64.b64encode(data).decode())
    made = write_import(web.db(), preview, guard.person().id, web.now())
    web.db().commit()
    return web.see_other(
        scope.url("import_file"), f"{plural(made.lines, 'achat importé', 'achats importés')}."
    )


@blueprint.post("/cuisines/<kitchen>/bilan/importer/<int:import_id>/annuler", endpoint="undo_import")
@blueprint.post("/departement/bilan/importer/<int:import_id>/annuler", endpoint="undo_import_all")
def undo(import_id: int, kitchen: str = "") -> BaseResponse:
    """Take every line of a file back."""
    count = undo_import(web.db(), import_id, kitchen or None, guard.person().id, web.now())
    web.db().commit()
    told = plural(count, "achat enlevé", "achats enlevés")
    return web.see_other(scope_of(kitchen).url("import_file"), f"Import annulé\u00a0: {told}.")


def _asked(scope: Scope, year: int) -> Asked:
    first = day_in(request.args, "du", date(year, 1, 1))
    last = day_in(request.args, "au", date(year, 12, 31))
    if last < first:
        raise CantineError("Le dernier jour est avant le premier.")
    return Asked(first, last, scope.kitchens, this_day(), _demo())


def _demo() -> bool:
    """Whether a demonstration's file is asked for: refused on real data."""
    wanted = bool(request.args.get("essai"))
    return wanted and load_settings(web.db()).demonstration


def _export_page(scope: Scope, year: int, asked: Asked, made: Export, *, checked: bool) -> str:
    return render_template(
        "egalim/ma_cantine.html",
        scope=scope,
        year=year,
        years=balance.years_known(web.db(), scope.kitchen, this_day()),
        asked=asked,
        made=made,
        checked=checked,
        faults=list(by_reason(made.faults).items()),
        warnings=list(by_reason(made.warnings).items()),
        shown=SHOWN,
        places=load_places(web.db(), scope.kitchens),
        names=web.kitchen_names(),
        settings=load_settings(web.db()),
    )


def _declaration_page(scope: Scope, year: int) -> str:
    return render_template(
        "egalim/declaration.html",
        scope=scope,
        year=year,
        years=balance.years_known(web.db(), scope.kitchen, this_day()),
        read=load_declaration(web.db(), year, this_day(), scope.kitchens, demo=_demo()),
        demo=_demo(),
        settings=load_settings(web.db()),
        rubrics=RUBRICS,
    )


def _import_page(scope: Scope, **shown: object) -> str:
    return render_template(
        "egalim/import.html",
        scope=scope,
        columns=COLUMNS,
        families=FAMILIES,
        names=web.kitchen_names(),
        before=imports(web.db(), scope.kitchen or None),
        shown=SHOWN,
        **shown,
    )


def _sent() -> tuple[str, bytes]:
    """Name and bytes of the file, sent now or carried from the preview."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return upload.filename, upload.read()
    try:
        return request.form.get("name", ""), base64.b64decode(request.form["content"], validate=True)
    except (KeyError, Base64Error) as error:
        raise CantineError("Choisissez d'abord un fichier .csv ou .xlsx.") from error


def _download(data: bytes, name: str, mimetype: str) -> Response:
    answer = Response(data, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
