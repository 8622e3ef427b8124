"""`python -m tests.bench [PART]`: measure one part, or all of them."""

import sys

import click

from tests.bench import attendance, calendars, certificates, messages, pages, scheduling, seats
from tests.bench.frame import as_json, as_table
from tests.bench.load import AnswerError
from tests.bench.servers import StartError

PARTS = {
    "attendance": attendance.measured,
    "calendars": calendars.measured,
    "certificates": certificates.measured,
    "messages": messages.measured,
    "pages": pages.measured,
    "scheduling": scheduling.measured,
    "seats": seats.measured,
}


def main(part: str = "") -> int:
    if part and part not in PARTS:
        click.echo(f"There is no part {part!r}. The parts are: {', '.join(PARTS)}.", err=True)
        return 2
    chosen = [PARTS[part]] if part else list(PARTS.values())
    try:
        figures = [figure for measured in chosen for figure in measured()]
    except (AnswerError, StartError) as error:
        click.echo(f"Nothing to measure: {error}", err=True)
        return 1
    click.echo(as_table(figures))
    click.echo("A ratio of 1 is as good as the reference; higher is better.\n")
    click.echo(as_json(part or "all", figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
