"""An office finds certificates among all its events."""

from flask import Blueprint, render_template, request

from interact_events.accounts.views.guard import staff_office
from interact_events.certificates import queries, rules
from interact_events.core.web.pages import page_of

blueprint = Blueprint("certificate_search", __name__)

LONGEST = 100  # characters of what is looked for


@blueprint.get("/offices/<code>/certificates")
def index(code: str) -> str:
    office = staff_office(code)
    q, event = (request.args.get(name, "").strip()[:LONGEST] for name in ("q", "event"))
    page = page_of(queries.certificates_sought(office, q, event))
    return render_template(
        "certificates/office/search.html",
        office=office,
        q=q,
        event_words=event,
        page=page,
        rows=[(row, rules.from_json(row.facts)) for row in page.rows],
        printed=rules.printed,
    )
