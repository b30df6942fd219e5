"""What a person behind a supplier may ask for: everything held, or to be forgotten everywhere."""

import json

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.accounts import guard
from cantine.orders import contacts
from cantine.suppliers.views import blueprint

__all__ = ["blueprint"]


@blueprint.get("/donnees/fournisseurs/<code>/coordonnees.json")
def contact_data(code: str) -> Response:
    """Everything held about the contact, to hand over."""
    content = json.dumps(contacts.export(web.db(), code), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": "attachment; filename=coordonnees.json"}
    return Response(content, mimetype="application/json", headers=headers)


@blueprint.post("/donnees/fournisseurs/<code>/coordonnees/effacer")
def forget_contact(code: str) -> BaseResponse:
    """Forget the contact; the supplier and what was bought stay."""
    person = request.form.get("personne") == "1"
    contacts.anonymise(web.db(), code, by=guard.person().id, now=web.now(), person=person)
    web.db().commit()
    return web.see_other(
        url_for("suppliers.suppliers_edit", key=code),
        "Coordonnées effacées, ici et dans le journal. Le fournisseur et ses offres restent.",
    )
