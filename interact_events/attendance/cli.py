"""Commands about attendance."""

from flask import Flask
from flask.cli import AppGroup

from interact_events.attendance import checks
from interact_events.core import file_checks

commands = AppGroup("attendance", help="Look after evidence and reports.")


def init_app(app: Flask) -> None:
    app.cli.add_command(commands)


@commands.command("check")
def check() -> None:
    """Say which evidence and reports have lost their file. Only reads; ends with 1 if any has."""
    file_checks.say(checks.compare)
