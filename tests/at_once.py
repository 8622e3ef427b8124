"""Two who act at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from flask import Flask

from interact_events.core.db import db

LONG_ENOUGH = 1.0  # seconds in which whoever need not wait is done
PATIENCE = 30  # seconds after which somebody waits for ever


def at_once(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """What the two say; the second begins when the first has done all but commit."""

    def run() -> Any:
        with app.app_context():
            said = second()
            db.session.commit()
            return said

    with ThreadPoolExecutor(1) as pool, app.app_context():
        said = first()
        later = pool.submit(run)
        wait([later], LONG_ENOUGH)
        db.session.commit()
        return said, later.result(PATIENCE)
