"""Everything that happens to registrations; whoever acts, `moving` moves them."""

from interact_events.registrations.actions.after import put_after
from interact_events.registrations.actions.announcing import mail_key
from interact_events.registrations.actions.book import Book, Move, book_for, lock_event, open_book
from interact_events.registrations.actions.carrying import copy_seat_rules
from interact_events.registrations.actions.changing import (
    Changed,
    cancel_event,
    change_event,
    duplicate_event,
    on_cancellation,
    on_duplication,
)
from interact_events.registrations.actions.deciding import (
    DECISIONS,
    account_for,
    add_by_hand,
    add_person_by_hand,
    decide,
)
from interact_events.registrations.actions.handing import take_over
from interact_events.registrations.actions.invitations import (
    add_code,
    invite,
    send_invitation_again,
    withdraw_invitation,
)
from interact_events.registrations.actions.inviting import (
    QUIET_FOR,
    posting,
    tell_of_agenda,
)
from interact_events.registrations.actions.moving import (
    recount,
    recount_missing,
    transition,
    transition_all,
    undo_untold,
)
from interact_events.registrations.actions.newcomers import (
    confirm_newcomer,
    register_newcomer,
)
from interact_events.registrations.actions.own_place import (
    accept,
    cancel_registration,
    change_answers,
    change_mode,
    choose_sessions,
)
from interact_events.registrations.actions.promoting import promote_waiting
from interact_events.registrations.actions.registering import (
    Answers,
    Person,
    Terms,
    enter,
    freeze,
    profile_like,
    refuse_second,
    refuse_unless_open,
    register,
)
from interact_events.registrations.actions.ruling import (
    Effects,
    Over,
    preview_seat_rules,
    set_seat_rules,
)
from interact_events.registrations.actions.ruling_values import (
    CapValues,
    HoldValues,
    RulesRefused,
    SeatValues,
    StepValues,
)
from interact_events.registrations.actions.sessions import Seating, save_session
from interact_events.registrations.actions.settling import (
    Asked,
    delete_needs,
    forget_deleted_people,
    plan_next,
    settle,
    settle_if_due,
)
from interact_events.registrations.actions.starting import delete_head_starts, give_head_start

__all__ = [
    "DECISIONS",
    "QUIET_FOR",
    "Answers",
    "Asked",
    "Book",
    "CapValues",
    "Changed",
    "Effects",
    "HoldValues",
    "Move",
    "Over",
    "Person",
    "RulesRefused",
    "SeatValues",
    "Seating",
    "StepValues",
    "Terms",
    "accept",
    "account_for",
    "add_by_hand",
    "add_code",
    "add_person_by_hand",
    "book_for",
    "cancel_event",
    "cancel_registration",
    "change_answers",
    "change_event",
    "change_mode",
    "choose_sessions",
    "confirm_newcomer",
    "copy_seat_rules",
    "decide",
    "delete_head_starts",
    "delete_needs",
    "duplicate_event",
    "enter",
    "forget_deleted_people",
    "freeze",
    "give_head_start",
    "invite",
    "lock_event",
    "mail_key",
    "on_cancellation",
    "on_duplication",
    "open_book",
    "plan_next",
    "posting",
    "preview_seat_rules",
    "profile_like",
    "promote_waiting",
    "put_after",
    "recount",
    "recount_missing",
    "refuse_second",
    "refuse_unless_open",
    "register",
    "register_newcomer",
    "save_session",
    "send_invitation_again",
    "set_seat_rules",
    "settle",
    "settle_if_due",
    "take_over",
    "tell_of_agenda",
    "transition",
    "transition_all",
    "undo_untold",
    "withdraw_invitation",
]
