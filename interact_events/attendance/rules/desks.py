"""What several desks, some without a connection, have to agree on."""

import json
from datetime import datetime, timedelta
from hashlib import blake2b

LONGEST_WAIT = timedelta(days=30)  # of a tick for its connection; so long presses are remembered


def on_our_clock(pressed_at: datetime, sent_at: datetime, now: datetime) -> datetime:
    """When it was pressed, however wrong the clock is that said so: it was wrong when it sent it
    as well. What has waited far too long is only known to have."""
    waited = sent_at - pressed_at
    return now - min(max(waited, timedelta()), 2 * LONGEST_WAIT)


def has_waited_too_long(pressed_at: datetime, now: datetime) -> bool:
    """Nobody remembers any more what was pressed before and after it, or whether it was taken."""
    return now - pressed_at > LONGEST_WAIT


def version_of(what: object) -> str:
    """A short name for what a page shows, another one once it shows something else."""
    text = json.dumps(what, default=vars)
    return blake2b(text.encode(), digest_size=9).hexdigest()
