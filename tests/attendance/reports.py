"""Reports as meetings export them, and the event that the stored ones are about."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interact_events.core import clock
from interact_events.events.models import Event, Mode
from tests import make

DATA = Path(__file__).parent.parent / "data" / "attendance"
ZONE = "Europe/Helsinki"


def stored(name: str) -> bytes:
    return (DATA / name).read_bytes()


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """That time in Helsinki on 12 May 2026, when clocks there are three hours ahead."""
    return datetime(2026, 5, 12, hour - 3, minute, second, tzinfo=UTC)


def online_event(**values: Any) -> Event:
    """12 May 2026 in Helsinki: costs from 9:00 to 10:30, coffee, cases from 11:00 to 12:00."""
    agenda = [("Costs", at(9), at(10, 30)), ("Cases", at(11), at(12))]
    usual: dict[str, Any] = {
        "starts_at": at(9),
        "ends_at": at(12),
        "mode": Mode.ONLINE,
        "zone": ZONE,
    }
    return make.event(**(usual | {"sessions": agenda} | values))


def zoom(rows: Iterable[tuple[str, str, datetime, datetime]], zone: str = ZONE) -> bytes:
    """A plain Zoom report: (name, address, joined, left), day first."""
    lines = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"]
    for name, email, joined, left in rows:
        came, went = (
            clock.to_local(each, zone).strftime("%d/%m/%Y %H:%M:%S") for each in (joined, left)
        )
        lines.append(f'"{name}",{email},{came},{went},1,Yes')
    return "\n".join(lines).encode() + b"\n"
