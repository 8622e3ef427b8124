"""Noting who was there, which `presence` alone writes, and keeping what was signed."""

from interact_events.attendance.actions.check_ins import (
    arrive,
    check_arrival,
    join,
    next_to_join,
    start_room_code,
    stop_room_code,
    to_join,
)
from interact_events.attendance.actions.closing import close_attendance, reopen_attendance
from interact_events.attendance.actions.desk import (
    MOST,
    Answer,
    Outcome,
    Pressed,
    forget_ticks,
    let_in,
    not_now,
    press,
    take,
)
from interact_events.attendance.actions.evidence import (
    EVIDENCE,
    Scan,
    keep_evidence,
    remove_evidence,
)
from interact_events.attendance.actions.imports import (
    REPORTS,
    add_import,
    apply_import,
    check_report,
    choose,
    discard_import,
    forget_reports,
    undo_import,
)
from interact_events.attendance.actions.no_shows import note_no_shows, take_back_no_shows
from interact_events.attendance.actions.presence import (
    Noted,
    check_open,
    correct,
    note,
    note_all,
    reason_in,
)

__all__ = [
    "EVIDENCE",
    "MOST",
    "REPORTS",
    "Answer",
    "Noted",
    "Outcome",
    "Pressed",
    "Scan",
    "add_import",
    "apply_import",
    "arrive",
    "check_arrival",
    "check_open",
    "check_report",
    "choose",
    "close_attendance",
    "correct",
    "discard_import",
    "forget_reports",
    "forget_ticks",
    "join",
    "keep_evidence",
    "let_in",
    "next_to_join",
    "not_now",
    "note",
    "note_all",
    "note_no_shows",
    "press",
    "reason_in",
    "remove_evidence",
    "reopen_attendance",
    "start_room_code",
    "stop_room_code",
    "take",
    "take_back_no_shows",
    "to_join",
    "undo_import",
]
