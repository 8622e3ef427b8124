"""The page before the press that decides on everybody, and the press."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, jobs, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations.models import Promotion, State
from interact_events.registrations.queries import queue_of
from interact_events.registrations.rules import Waiting
from interact_events.selections import queries
from interact_events.selections.actions import decide_selection
from interact_events.selections.forms import DecideForm
from interact_events.selections.jobs import decide_in_background
from interact_events.selections.models import Selection
from interact_events.selections.policies import (
    LABELS,
    decided_in_words,
    limits_in_words,
    why_over,
)
from interact_events.selections.queries import Desk
from interact_events.selections.rules import (
    UNDO_WITHIN,
    Outcome,
    chosen_for,
    fingerprint,
    moving_up,
    outcome,
    totals,
)
from interact_events.selections.views.board import back, selection_event

blueprint = Blueprint("deciding", __name__, url_prefix="/offices/<code>/events/<slug>/selection")

MOST_AT_ONCE = 200  # people within the request; more are decided in the background


@blueprint.route("/decide", methods=["GET", "POST"])
def decide(code: str, slug: str) -> str | Response:
    event, form = selection_event(code, slug), DecideForm()
    if form.validate_on_submit():
        try:
            return _decide(event, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _page(event, form)


def _decide(event: Event, form: DecideForm) -> Response:
    now, seen, override = clock.now(), form.seen.data or "", form.reason_beyond
    people = len(queries.desk_of(event).choices)
    if people > MOST_AT_ONCE:
        return _start(event, people, seen, override)
    selection = decide_selection(event, seen=seen, actor=current_user, now=now, override=override)
    db.session.commit()
    if selection:
        flash(_decided(event, selection, people), "success")
    else:
        flash("This was decided already; there is nothing left to decide.", "info")
    return back(event)


def _decided(event: Event, selection: Selection, people: int) -> str:
    at = words.moment(selection.tell_at, event.zone)
    are = words.count(people, "person is", "people are")
    return f"{are} decided, and told by mail at {at}. Until then you can undo it here."


def _start(event: Event, people: int, seen: str, override: str) -> Response:
    job = jobs.start(
        decide_in_background,
        f"Selection for {event.title}",
        actor=current_user,
        now=clock.now(),
        back_url=url_for("selections.board", code=event.office.code, slug=event.slug),
        event_id=event.id,
        people=people,
        seen=seen,
        override=override,
    )
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id), code=303)


def _page(event: Event, form: DecideForm) -> str:
    now, desk = clock.now(), queries.desk_of(event)
    candidates = queries.candidates_at(event)
    names = {each.number: each.name for each in candidates}
    choices = desk.choices
    result = outcome(desk.rules, desk.taken, desk.applicants, choices, now)
    found = totals((each.number for each in desk.applicants), choices)
    form.seen.data = fingerprint(choices)  # of what this page shows
    return render_template(
        "selections/decide.html",
        event=event,
        form=form,
        totals=found,
        summary=decided_in_words(found),
        limits=limits_in_words(event, result, names, queries.names_at(event, candidates)),
        people=_people(desk, names),
        up=_moving_up(desk, result),
        tell_at=clock.full_minute(now + UNDO_WITHIN),
        is_open=now < event.closes_at,
        over=why_over(event, now),
        seats_after=event.seats_taken + found.seats,
    )


def _people(desk: Desk, names: dict[int, str]) -> list[tuple[str, list[str]]]:
    """For each decision, who gets it, in order of arrival."""
    choices = desk.choices
    return [
        (
            label,
            [names.get(each.number, "") for each in chosen_for(state, desk.applicants, choices)],
        )
        for state, label in LABELS.items()
    ]


def _moving_up(desk: Desk, result: Outcome) -> int:
    """How many of those on the waiting list would get a seat as soon as all are told."""
    if desk.settings.promotion is Promotion.OFFICE:
        return 0
    line: list[Waiting] = [
        *queue_of(desk.event),
        *chosen_for(State.WAITLISTED, desk.applicants, desk.choices),
    ]
    return len(moving_up(desk.rules, result.taken, line, clock.now()))
