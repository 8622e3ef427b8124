"""Commands for the network's data."""

from flask import Flask

from interact_events.core.db import db
from interact_events.interreg.actions import load_reference_data


def init_app(app: Flask) -> None:
    @app.cli.command("seed")
    def seed() -> None:
        """Add the reference data that is missing; edited rows stay as they are."""
        load_reference_data()
        db.session.commit()
