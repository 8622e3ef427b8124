"""Commands about materials."""

from flask import Flask
from flask.cli import AppGroup

from interact_events.core import file_checks
from interact_events.materials import checks

commands = AppGroup("materials", help="Look after shared files.")


def init_app(app: Flask) -> None:
    app.cli.add_command(commands)


@commands.command("check")
def check() -> None:
    """Say which materials have lost their file. Only reads; ends with 1 if any has."""
    file_checks.say(checks.compare)
