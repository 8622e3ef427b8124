"""Moving an event to another day: what it would do, and the press."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.calendars.rules.days import days_of
from interact_events.core import clock, words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import EventValues
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.planning import actions, queries
from interact_events.planning.forms import MoveForm, day_from, number_of
from interact_events.planning.policies import why_not_move
from interact_events.planning.rules import Collision, Registration, collisions
from interact_events.planning.views.guard import event_of_the_plan
from interact_events.registrations.models import Registration as Registrant
from interact_events.registrations.queries import registrants_to_tell
from interact_events.registrations.views.changes import NAMED, saved_in_words
from interact_events.scheduling.queries import warnings_once_moved
from interact_events.scheduling.rules import DateWarning

blueprint = Blueprint("planning_move", __name__, url_prefix="/planning/move")


@blueprint.route("/<slug>", methods=["GET", "POST"])
def move(slug: str) -> str | Response | tuple[str, int]:
    event, now = event_of_the_plan(slug), clock.now()
    if not can_edit_event(current_user, event):
        return _refused(event, _not_theirs(event), 403)
    if why := why_not_move(event, now):
        return _refused(event, why, 200)
    form = _form(event)
    form.offer_times(_times(event, form.day, now))
    if form.validate_on_submit():
        try:
            return _moved(event, form, now)
        except DomainError as refusal:
            db.session.rollback()
            return _page(event, form, now, refusal)
    return _page(event, form, now)


def _not_theirs(event: Event) -> str:
    offices = [event.office.name, *(office.name for office in event.co_organisers)]
    return f"Only editors of {words.listed(offices, 'or')} move this event. Ask them."


def _refused(event: Event, why: str, status: int) -> tuple[str, int]:
    return render_template("planning/moving/refused.html", event=event, why=why), status


def _form(event: Event) -> MoveForm:
    """As it was sent, else for the day that the address names."""
    form = MoveForm()
    if not form.is_submitted():
        asked = request.args.get("to")
        form.to.data = day_from(asked)
        if asked is not None and form.to.data is None:
            form.refuse(DomainError("Choose a day from 2000 to 2100.", "to"))
        form.version.data, form.seen.data = str(event.version), str(queries.latest_entry(event))
    return form


def _times(event: Event, to: date | None, now: datetime) -> list[tuple[Registration, str]]:
    """What each choice would make of the times of registration."""
    if to is None or not (event.registration_opens_at or event.registration_closes_at):
        return []
    said = []
    for choice, label in (
        (Registration.MOVES, "They move along"),
        (Registration.STAYS, "They stay"),
    ):
        values = actions.moved_values(event, to, choice, now=now)
        said.append((choice, f"{label}: {_registration(values)}"))
    return said


def _registration(values: EventValues) -> str:
    pairs = (("opens", values.registration_opens), ("closes", values.registration_closes))
    return words.listed([f"{verb} {_moment(at, values.zone)}" for verb, at in pairs if at])


def _moment(local: datetime, zone: str) -> str:
    try:
        return words.moment(to_utc(local, zone), zone)
    except DomainError:  # an hour that the clocks skip; the press says so
        return f"{words.written(local.date())}, {local:%H:%M}"


def _moved(event: Event, form: MoveForm, now: datetime) -> Response:
    assert form.day
    asked = actions.Move(form.day, form.chosen, number_of(form.version.data))
    changed = actions.move_event(event, asked, actor=current_user, now=now)
    db.session.commit()
    flash(
        f"“{event.title}” is moved to {_days(event)}. {saved_in_words(event, changed)}", "success"
    )
    at: dict[str, Any] = {"from": to_local(event.starts_at, event.zone).date()}
    return redirect(url_for("planning.board", zoom="quarter", **at), 303)


def _days(event: Event) -> str:
    return words.day_span(event.starts_at, event.ends_at, event.zone)


@dataclass(frozen=True)
class Preview:
    """What the move would do: `told` are those who get a mail, `standing` says how many of them
    stand where."""

    days: str
    collisions: list[Collision[Event]]
    warnings: list[DateWarning]
    told: Sequence[Registrant]

    @property
    def standing(self) -> list[str]:
        counts = Counter(row.state.label for row in self.told)
        return [f"{number:,} {words.within_sentence(label)}" for label, number in counts.items()]


def _page(
    event: Event, form: MoveForm, now: datetime, refusal: DomainError | None = None
) -> str | tuple[str, int]:
    """After a refusal the event is read anew; who decides again has seen what it is now."""
    meanwhile = []
    if isinstance(refusal, actions.ChangedMeanwhile):
        meanwhile = queries.changed_after(event, number_of(form.seen.data) or 0)
        form.version.data, form.seen.data = str(event.version), str(queries.latest_entry(event))
    values = _values(event, form, now)
    refusal = refusal or _why_not(event, form, values, now)
    if refusal:
        form.refuse(refusal)
    is_day_refused = refusal is not None and refusal.field == "to"
    page = render_template(
        "planning/moving/move.html",
        event=event,
        form=form,
        preview=_preview(event, values, now) if values and not is_day_refused else None,
        meanwhile=meanwhile,
        most=NAMED,
    )
    return page, 409 if meanwhile else 200


def _values(event: Event, form: MoveForm, now: datetime) -> EventValues | None:
    """The event as it would be; nothing without a day, or on the day where it is."""
    to = form.day
    if to is None or to == to_local(event.starts_at, event.zone).date():
        return None
    return actions.moved_values(event, to, form.chosen, now=now)


def _why_not(
    event: Event, form: MoveForm, values: EventValues | None, now: datetime
) -> DomainError | None:
    """What is wrong with it before anybody presses."""
    if values is None:
        return DomainError(actions.THERE_ALREADY, "to") if form.day else None
    try:
        to_utc(values.ends, values.zone, field="to")
        actions.check_move(event, values, now=now)
    except DomainError as refusal:
        return refusal
    return None


def _preview(event: Event, values: EventValues, now: datetime) -> Preview:
    zone = values.zone
    starts, ends = to_utc(values.starts, zone), to_utc(values.ends, zone)
    first, last = days_of(starts, ends, zone)
    topics = {topic.id for topic in event.topics}
    return Preview(
        days=words.day_span(starts, ends, zone),
        collisions=collisions(first, last, topics, queries.events_around(event, first, last)),
        warnings=warnings_once_moved(event, starts, ends, now=now),
        told=registrants_to_tell(event) if event.is_published else (),
    )
