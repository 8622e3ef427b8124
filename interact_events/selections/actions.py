"""Proposing, choosing, deciding all at once, and taking that back while nobody knows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update

from interact_events.accounts.models import User
from interact_events.core import audit, outbox, words
from interact_events.core.clock import full_minute
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations.actions import (
    Move,
    lock_event,
    mail_key,
    open_book,
    plan_next,
    promote_waiting,
    transition_all,
    undo_untold,
)
from interact_events.registrations.models import State
from interact_events.registrations.queries import registrations_by_number, seat_rules_of
from interact_events.selections import policies, queries
from interact_events.selections.models import Selection, SelectionWish
from interact_events.selections.queries import Desk
from interact_events.selections.rules import (
    UNDO_WITHIN,
    Totals,
    fingerprint,
    outcome,
    propose_beside,
    totals,
)

# -- proposing -----------------------------------------------------------------------------------


def propose_selection(event: Event, *, keep_by_hand: bool, actor: User, now: datetime) -> Totals:
    """Choose for everybody who is pending by the written method, within the seats left."""
    desk = _open_desk(event, now)
    if not desk.applicants:
        raise DomainError("Nobody waits for a decision.")
    kept = desk.by_hand if keep_by_hand else {}
    found = propose_beside(desk.rules, desk.taken, desk.applicants, kept, now)
    proposed = {proposal.number: proposal.state for proposal in found}
    _write(proposed, is_by_hand=False)
    result = totals((each.number for each in desk.applicants), {**kept, **proposed})
    said = policies.totals_in_words(result)
    audit.record("selection proposed", event, actor=actor, now=now, reason=said)
    return result


def _open_desk(event: Event, now: datetime) -> Desk:
    settings = lock_event(event)
    over = policies.why_over(event, now)
    if over:
        raise DomainError(over)
    return queries.desk_of(event, settings)


def _write(choices: Mapping[int, State | None], *, is_by_hand: bool) -> None:
    """In the place of whatever was chosen for them; None is nothing."""
    db.session.execute(
        delete(SelectionWish)
        .where(SelectionWish.registration_id.in_(list(choices)))
        .execution_options(synchronize_session="fetch")
    )
    db.session.add_all(
        [
            SelectionWish(registration_id=number, state=state, is_by_hand=is_by_hand)
            for number, state in sorted(choices.items())
            if state
        ]
    )
    db.session.flush()


# -- choosing by hand ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """How many choices were saved, and who was left out: (name, where they stand now)."""

    number: int
    left_out: list[tuple[str, State]]


def save_choices(
    event: Event, changes: Mapping[int, State | None], *, actor: User, now: datetime
) -> Saved:
    """Keep what somebody chose by hand; None is undecided. The last one to save wins, for each
    person; who is no longer pending is left out."""
    _open_desk(event, now)
    found = queries.states_of(event, list(changes))
    pending = {n: changes[n] for n, (state, _) in found.items() if state is State.PENDING}
    _write(pending, is_by_hand=True)
    if pending:
        said = words.count(len(pending), "choice")
        audit.record("selection changed by hand", event, actor=actor, now=now, reason=said)
    left_out = [(name, state) for n, (state, name) in found.items() if n not in pending]
    return Saved(len(pending), left_out)


# -- deciding ------------------------------------------------------------------------------------


def decide_selection(
    event: Event, *, seen: str, actor: User, now: datetime, override: str = ""
) -> Selection | None:
    """Decide as chosen, all or none; nobody is told before UNDO_WITHIN is over.

    `seen` names the choices that were looked at. Pressed again it decides nothing: then None.
    `override` is the written reason for going beyond the rules.
    """
    desk = _open_desk(event, now)
    choices = desk.choices
    if not choices:
        return None
    if fingerprint(choices) != seen:
        raise DomainError(
            "Somebody has changed the choices since you opened this page. Look at them again."
        )
    _refuse_beyond(desk, override, now)
    selection = _new_selection(event, actor, now)
    _move(event, choices, selection, actor, now, override)
    _link(choices, selection)
    _set_selected(event, selection.tell_at, now)
    said = policies.totals_in_words(totals((each.number for each in desk.applicants), choices))
    beyond = f"{said}; beyond the rules: {override}" if override else said
    audit.record("selection decided", event, actor=actor, now=now, reason=beyond)
    return selection


def _refuse_beyond(desk: Desk, override: str, now: datetime) -> None:
    result = outcome(desk.rules, desk.taken, desk.applicants, desk.choices, now)
    if result.beyond and not override:
        number = words.count(len(result.beyond), "seat")
        raise DomainError(
            f"{number} would go beyond the rules. Change the choices, or say below why they may.",
            "beyond",
        )


def _new_selection(event: Event, actor: User, now: datetime) -> Selection:
    selection = Selection(
        event_id=event.id,
        decided_at=now,
        decided_by_id=actor.id,
        tell_at=full_minute(now + UNDO_WITHIN),
    )
    db.session.add(selection)
    db.session.flush()
    return selection


def _move(
    event: Event,
    choices: Mapping[int, State],
    selection: Selection,
    actor: User,
    now: datetime,
    override: str,
) -> None:
    moves = [
        Move(
            registration=row,
            to=choices[row.id],
            override=override if choices[row.id] is State.CONFIRMED else "",
        )
        for row in registrations_by_number(event, choices)
    ]
    transition_all(open_book(event), moves, actor=actor, now=now, tell_at=selection.tell_at)


def _link(numbers: Iterable[int], selection: Selection) -> None:
    db.session.execute(
        update(SelectionWish)
        .where(SelectionWish.registration_id.in_(list(numbers)))
        .values(selection_id=selection.id)
        .execution_options(synchronize_session=False)
    )


def _set_selected(event: Event, told_at: datetime | None, now: datetime) -> None:
    """Free seats go to those who wait only from the instant on when all know where they stand."""
    settings = seat_rules_of(event)
    if settings not in db.session:
        db.session.add(settings)
    settings.selected_at = told_at
    db.session.flush()
    plan_next(event, now=now)


# -- taking it back ------------------------------------------------------------------------------


def undo_selection(selection: Selection, *, actor: User, now: datetime) -> int:
    """Make everybody pending again whom this press decided on; says how many that were.

    Who has left meanwhile, or was moved by hand and told, stays as they are. What was chosen
    stays chosen. Pressed again it changes nothing.
    """
    event = db.session.get_one(Event, selection.event_id)
    lock_event(event)
    db.session.refresh(selection)
    if selection.undone_at:
        return 0
    _refuse_undo(event, selection, now)
    rows = registrations_by_number(event, queries.numbers_untold(selection, now))
    _take_mails_back([mail_key(row) for row in rows])
    undo_untold(event, rows, actor=actor, now=now)
    _unlink(selection)
    selection.undone_at = now
    db.session.flush()
    _set_selected(event, queries.last_told_at(event), now)
    said = words.count(len(rows), "person", "people")
    audit.record("selection undone", event, actor=actor, now=now, reason=said)
    promote_waiting(event, now=now)  # what was held up meanwhile, where an earlier one stands
    return len(rows)


def _refuse_undo(event: Event, selection: Selection, now: datetime) -> None:
    if event.is_cancelled:
        raise DomainError("The event is cancelled, so there is nothing left to undo.")
    if now >= selection.tell_at:
        at = words.moment(selection.tell_at, event.zone)
        raise DomainError(f"People were told at {at}, so this can’t be undone any more.")


def _take_mails_back(keys: Sequence[str]) -> None:
    if not outbox.take_back(keys):
        raise DomainError(
            "The first mails have left, so this can’t be undone any more. Nothing was changed."
        )


def _unlink(selection: Selection) -> None:
    db.session.execute(
        update(SelectionWish)
        .where(SelectionWish.selection_id == selection.id)
        .values(selection_id=None)
        .execution_options(synchronize_session=False)
    )
