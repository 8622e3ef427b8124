"""Commands about registrations."""

import click
from flask import Flask
from flask.cli import AppGroup

from interact_events.core import clock, words
from interact_events.core.db import one_moment
from interact_events.registrations import checks

commands = AppGroup("registrations", help="Look after seats and queues.")


def init_app(app: Flask) -> None:
    app.cli.add_command(commands)


@commands.command("audit")
def audit() -> None:
    """Recompute every count and limit from the rows, and say what does not add up.

    Only reads. Ends with 1 if anything is wrong; what is only a note is not.
    """
    wrong = 0
    with one_moment():
        for finding in checks.findings(clock.now()):
            click.echo(finding.line)
            wrong += not finding.is_note
        events, registrations = checks.totals()
    seen = f"{words.count(events, 'event')}, {words.count(registrations, 'registration')}"
    if wrong:
        does = "thing does" if wrong == 1 else "things do"
        click.echo(f"{seen}: {wrong:,} {does} not add up.")
        raise click.exceptions.Exit(1)
    click.echo(f"{seen}: everything adds up.")
