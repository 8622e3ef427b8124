"""The register of an event's certificates, and their codes, for spreadsheets and programs."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response

from interact_events.certificates import queries, rules
from interact_events.certificates.models import Certificate
from interact_events.core import words
from interact_events.core.web.downloads import attachment
from interact_events.events.models import Event
from interact_events.events.views.guard import staff_event
from interact_events.registrations.views.export import as_csv, as_xlsx, harmless

blueprint = Blueprint(
    "certificate_register", __name__, url_prefix="/offices/<code>/events/<slug>/certificates"
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    *("Number", "Code", "Name", "Role", "Programme", "Institution", "Hours", "Of hours"),
    *("Issued", "Issued by", "State", "Ended", "Ended by", "Reason", "Replaced by"),
)


@blueprint.get("/register.xlsx")
def register(code: str, slug: str) -> Response:
    """All that were ever issued."""
    event = staff_event(code, slug)
    body = as_xlsx(_table(event, queries.register_of(event)), "Certificates")
    return _file(body, XLSX, f"{event.slug}-certificates.xlsx")


@blueprint.get("/codes.csv")
def codes(code: str, slug: str) -> Response:
    """The same in short: what can be looked up."""
    event = staff_event(code, slug)
    lines = ([row[at] for at in (1, 2, 10)] for row in _table(event, queries.register_of(event)))
    return _file(as_csv(lines), "text/csv; charset=utf-8", f"{event.slug}-codes.csv")


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(body, content_type=kind, headers={"Content-Disposition": attachment(name)})


def _table(event: Event, rows: Sequence[Certificate]) -> Iterator[list[str]]:
    """The head and a line for each certificate, all of it safe text."""
    yield list(COLUMNS)
    replacing = {row.replaces_id: row for row in rows if row.replaces_id}
    for number, row in enumerate(rows, start=1):
        other = replacing.get(row.id)
        cells = [str(number), *_cells(event, row), rules.printed(other.code) if other else ""]
        yield [harmless(cell) for cell in cells]


def _cells(event: Event, row: Certificate) -> list[str]:
    facts = rules.from_json(row.facts)
    return [
        rules.printed(row.code),
        facts.name,
        facts.role,
        facts.programme,
        facts.institution,
        f"{facts.attended_minutes / 60:.2f}",
        f"{facts.learning_minutes / 60:.2f}",
        words.moment(row.issued_at, event.zone),
        row.issued_by.name,
        row.ending.value if row.ending else "valid",
        words.moment(row.ended_at, event.zone) if row.ended_at else "",
        row.ended_by.name if row.ended_by else "",
        row.reason,
    ]
