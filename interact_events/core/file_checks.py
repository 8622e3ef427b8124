"""What commands say of files and the rows that name them."""

from collections.abc import Callable

import click

from interact_events.core.db import reading
from interact_events.core.files import Compared, FilesAway


def say(compare: Callable[[], Compared]) -> None:
    """Only reads; the command ends with 1 if anything is wrong."""
    try:
        with reading():
            found = compare()
    except FilesAway as error:
        raise click.ClickException("The storage does not answer.") from error
    for line in found.lines:
        click.echo(line)
    if found.wrong:
        raise click.exceptions.Exit(1)
