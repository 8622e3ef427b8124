"""Whether each material has its file, and which files nobody names. Only reads."""

from interact_events.core import files
from interact_events.materials.actions import FOLDER
from interact_events.materials.queries import materials_with_files


def compare() -> files.Compared:
    return files.compare([FOLDER], _named)


def _named() -> list[files.Named]:
    return [
        files.Named(
            row.stored_as or "", row.size, f"{row.event.slug}: “{row.title}” (material {row.id})"
        )
        for row in materials_with_files()
    ]
