"""One person at one event: when they were where, how that is known, and putting it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.attendance import actions, queries, rules
from interact_events.attendance.forms import CorrectionForm, Extent
from interact_events.attendance.models import Correction, Presence
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.events.models import Event, Session
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event, staff_session
from interact_events.registrations.models import Registration

blueprint = Blueprint(
    "attendance_people", __name__, url_prefix="/offices/<code>/events/<slug>/attendance/people"
)


@blueprint.get("/<int:registration_id>")
def show(code: str, slug: str, registration_id: int) -> str:
    event = staff_event(code, slug)
    person = _person(event, registration_id)
    noted = queries.presences_at(person)
    spans = {number: row.spans for number, row in noted.items()}
    return render_template(
        "attendance/person.html",
        event=event,
        person=person,
        noted=noted,
        seen={s.id: rules.seen(s, spans[s.id]) for s in event.sessions if s.id in spans},
        spans_in_words=spans_in_words,
        standing=rules.standing(event.agenda, spans),
        corrections=[_told(row, event.zone) for row in queries.corrections_of(person)],
        is_no_show=person.id in queries.no_show_ids(event),
        closing=queries.closing_of(event),
        now=clock.now(),
        may_edit=can_edit_event(current_user, event),
    )


@dataclass(frozen=True)
class _Told:
    """A correction as the page tells it."""

    row: Correction
    before: str
    after: str


def _told(row: Correction, zone: str) -> _Told:
    return _Told(row, _in_words(row.before, zone), _in_words(row.after, zone))


def _in_words(noted: dict[str, Any] | None, zone: str) -> str:
    """ "not there", "all of it", "09:00–09:45 EEST and 10:00–11:00 EEST"."""
    if noted is None:
        return "not there"
    spans = rules.from_json(noted["parts"])
    return "all of it" if spans is None else spans_in_words(spans, zone)


def spans_in_words(spans: Iterable[rules.Span], zone: str) -> str:
    return words.listed([words.time_span(start, end, zone) for start, end in spans])


def _person(event: Event, registration_id: int) -> Registration:
    person = queries.registration_of(event, registration_id)
    visible(person)
    assert person  # visible() has answered 404 otherwise
    return person


@blueprint.route("/<int:registration_id>/<int:session_id>", methods=["GET", "POST"])
def correct(code: str, slug: str, registration_id: int, session_id: int) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    person, session = _person(event, registration_id), staff_session(event, session_id)
    noted = queries.presence(person, session)
    form = CorrectionForm(data=_as_noted(session, noted))
    if form.validate_on_submit():
        try:
            is_news = _correct(form, person, session)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
            noted = queries.presence(person, session)
            form.shown.data = noted.version if noted else ""
        else:
            db.session.commit()
            flash("Corrected." if is_news else "That is what was noted already.", "success")
            address = url_for(".show", code=code, slug=slug, registration_id=registration_id)
            return redirect(address, code=303)
    return render_template(
        "attendance/correct.html",
        event=event,
        person=person,
        session=session,
        form=form,
        noted=_said(noted, event.zone),
    )


def _said(noted: Presence | None, zone: str) -> str:
    return _in_words({"parts": noted.parts} if noted else None, zone)


def _as_noted(session: Session, noted: Presence | None) -> dict[str, object]:
    if noted is None:
        return {"extent": Extent.NOT.value}
    if noted.spans is None:
        return {"extent": Extent.ALL.value, "shown": noted.version}
    zone = session.event.zone
    first, last = noted.spans[0][0], noted.spans[-1][1]
    return {
        "shown": noted.version,
        "extent": Extent.PART.value,
        "arrived": clock.to_local(first, zone).time(),
        "left": clock.to_local(last, zone).time(),
    }


def _correct(form: CorrectionForm, person: Registration, session: Session) -> bool:
    extent = Extent(form.extent.data)
    return actions.correct(
        person,
        session,
        present=extent is not Extent.NOT,
        spans=_spans(form, session) if extent is Extent.PART else None,
        reason=form.reason.data or "",
        shown=form.shown.data or "",
        actor=current_user,
        now=clock.now(),
    )


def _spans(form: CorrectionForm, session: Session) -> rules.Spans:
    arrived = _instant(form.arrived.data, session, "arrived") or session.starts_at
    left = _instant(form.left.data, session, "left") or session.ends_at
    if left <= arrived:
        raise DomainError("They have to leave after they arrive.", "left")
    return ((arrived, left),)


def _instant(at: time | None, session: Session, field: str) -> datetime | None:
    """That time of the day on which the session runs; past midnight, of the day after."""
    if at is None:
        return None
    zone = session.event.zone
    starts = clock.to_local(session.starts_at, zone).replace(tzinfo=None)
    local = datetime.combine(starts.date(), at)
    runs_overnight = clock.to_local(session.ends_at, zone).date() > starts.date()
    if runs_overnight and local < starts - timedelta(hours=1):
        local += timedelta(days=1)
    return clock.to_utc(local, zone, field=field)
