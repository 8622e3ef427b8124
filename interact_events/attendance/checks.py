"""Whether evidence and attendance reports have their files, and which nobody names. Only reads."""

from interact_events.attendance import queries
from interact_events.attendance.actions import EVIDENCE, REPORTS
from interact_events.core import files


def compare() -> files.Compared:
    return files.compare([EVIDENCE, REPORTS], _named)


def _named() -> list[files.Named]:
    kinds = (
        ("evidence", queries.evidence_with_files()),
        ("attendance report", queries.reports_with_files()),
    )
    return [
        files.Named(
            row.stored_as or "",
            row.size,
            f"{row.event.slug}: “{row.file_name}” ({kind} {row.id})",
        )
        for kind, rows in kinds
        for row in rows
    ]
