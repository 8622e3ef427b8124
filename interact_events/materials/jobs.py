"""Work by the clock."""

from interact_events.core import clock, files
from interact_events.core.jobs import every
from interact_events.materials.actions import FOLDER
from interact_events.materials.queries import stored_names


@every(minutes=60)
def sweep_files() -> None:
    """Remove uploaded files that belong to nothing any more, a day after they came."""
    files.sweep(FOLDER, stored_names, clock.now())
