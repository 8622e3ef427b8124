"""The check-in desk: the list from which staff tick who is there, also without a connection."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from interact_events.attendance import actions, queries, rules
from interact_events.attendance.actions import Pressed
from interact_events.attendance.queries import Person
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.web.access import visible
from interact_events.core.words import folded
from interact_events.events.models import Event, Session
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event, staff_session

blueprint = Blueprint("check_in", __name__, url_prefix="/offices/<code>/events/<slug>/check-in")


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event, now = staff_event(code, slug), clock.now()
    session = chosen_session(event)
    sought = request.args.get("q", "")
    people = queries.people(event)
    refusal = actions.not_now(event, session, now) if session else ""
    return render_template(
        "attendance/check_in.html",
        event=event,
        session=session,
        sought=sought,
        refusal=refusal,
        may_add=may_add(event, now) and not refusal,
        people=people,
        listed=_listed(people, sought),
        present=queries.present_in(session) if session else set(),
        version=rules.version_of([people, refusal]),
        last=next((r for r in people if r.id == request.args.get("last", type=int)), None),
    )


def chosen_session(event: Event) -> Session | None:
    """The one asked for, else the one that staff most likely check in for."""
    asked = request.args.get("session", type=int)
    chosen = queries.session_of(event, asked) if asked else None
    return chosen or rules.session_at(event.agenda, clock.now())


def may_add(event: Event, now: datetime) -> bool:
    """Whether the viewer can add somebody who is not on the list."""
    return can_edit_event(current_user, event) and event.is_published and now < event.ends_at


def _listed(people: list[Person], sought: str) -> list[tuple[Person, bool]]:
    """(row, is it found): who fits best first, by name. The others stay in the page, hidden:
    a script searches among them."""
    words = rules.sought_in(sought)

    def rank(person: Person) -> tuple[int, str]:
        name, rest = rules.words_of(person.name), rules.words_of(person.institution)
        found = rules.fit(words, name, rest)
        return (rules.NOT_FOUND if found is None else found, folded(person.name))

    ranks = {person.id: rank(person) for person in people}
    ordered = sorted(people, key=lambda person: ranks[person.id])
    return [(person, ranks[person.id][0] != rules.NOT_FOUND) for person in ordered]


@blueprint.get("/<int:session_id>/present")
def present(code: str, slug: str, session_id: int) -> Response:
    """What desks ask every few seconds: who is there, and whether the list is another one."""
    event = staff_event(code, slug)
    session = staff_session(event, session_id)
    ids = sorted(queries.present_in(session))
    version = rules.version_of(
        [queries.people(event), actions.not_now(event, session, clock.now())]
    )
    response = jsonify(version=version, present=ids)
    response.set_etag(rules.version_of([version, ids]))
    return response.make_conditional(request)  # type: ignore[return-value]  # it is the same one


@blueprint.post("/<int:session_id>")
def tick(code: str, slug: str, session_id: int) -> Response:
    """One tick without script, "12:1" or "12:0": what shall be, never "the other one"."""
    event = staff_event(code, slug)
    session = staff_session(event, session_id)
    number, _, wanted = request.form.get("tick", "").partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    row = queries.registration_of(event, int(number)) if is_number else None
    visible(row and wanted in ("0", "1"))
    assert row
    actions.press(row, session, present=wanted == "1", actor=current_user, now=clock.now())
    db.session.commit()
    return redirect(address_of(event, session, row.id, request.form.get("q")), code=303)  # type: ignore[return-value]  # werkzeug's


def address_of(event: Event, session: Session, last: int, sought: str | None = None) -> str:
    """The list, with what was just done and its undo on top."""
    return url_for(
        "check_in.index",
        code=event.office.code,
        slug=event.slug,
        session=session.id,
        q=sought or None,
        last=last,
        _anchor="ticks",
    )


# -- what a script has kept until there was a connection -----------------------------------------


@blueprint.post("/ticks")
def take(code: str, slug: str) -> Response:
    """A queue of ticks in the order of the presses, and for each of them what became of it."""
    event, now = staff_event(code, slug), clock.now()
    desk, presses = _sent(now)
    answers = actions.take(event, presses, desk=desk, actor=current_user, now=now)
    db.session.commit()
    return jsonify(
        answers=[{"key": a.key, "outcome": a.outcome, "message": a.message} for a in answers]
    )


def _sent(now: datetime) -> tuple[str, list[Pressed]]:
    """(desk, presses); anything else than what our own script sends is no request of ours."""
    try:
        sent: Mapping[str, Any] = request.get_json()
        desk, sent_at = str(UUID(sent["desk"])), _instant(sent["sent_at"])
        presses = [_pressed(each) for each in sent["ticks"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        abort(400)
    if len(presses) > actions.MOST:
        abort(400)
    return desk, [
        replace(p, pressed_at=rules.on_our_clock(p.pressed_at, sent_at, now)) for p in presses
    ]


def _pressed(values: Mapping[str, Any]) -> Pressed:
    return Pressed(
        key=str(UUID(values["key"])),
        registration_id=_number(values["registration"]),
        session_id=_number(values["session"]),
        present=_yes_or_no(values["present"]),
        pressed_at=_instant(values["pressed_at"]),
    )


def _number(value: object) -> int:
    if type(value) is not int or not 0 < value < 2**31:
        raise ValueError(value)
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant
