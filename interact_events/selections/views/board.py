"""The board: who has applied, what is chosen for them, and how it balances."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.pages import Page, page_within
from interact_events.events.models import Admission, Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations.models import State
from interact_events.registrations.policies import in_mode, modes_of
from interact_events.registrations.queries import Names
from interact_events.registrations.rules import Proposal
from interact_events.selections import actions, queries
from interact_events.selections.forms import ChoicesForm, ProposeForm, shown_as_text
from interact_events.selections.models import Selection
from interact_events.selections.policies import (
    LABELS,
    limits_in_words,
    method_in_words,
    past_in_words,
    reached_in_words,
    totals_in_words,
    why_over,
)
from interact_events.selections.queries import By, Candidate, Desk, Wish
from interact_events.selections.rules import (
    Places,
    Share,
    Totals,
    balance,
    explained,
    outcome,
    overall,
    places,
    totals,
)

blueprint = Blueprint("selections", __name__, url_prefix="/offices/<code>/events/<slug>/selection")

ROWS = 200  # people on one page


def selection_event(code: str, slug: str) -> Event:
    """The event, for those who decide who comes; nothing where the office does not select."""
    event = staff_event(code, slug, can_edit_event)
    visible(event.admission is Admission.SELECTION)
    return event


@dataclass(frozen=True)
class Row:
    """One applicant as the board prints them."""

    person: Candidate
    choice: State | None
    is_by_hand: bool
    method: str
    past: str


@dataclass(frozen=True)
class Pressed:
    """A press that can be undone, and on whom it decided."""

    selection: Selection
    people: list[Candidate]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What choices come to: the parts of the board that follow each of them. Plain data."""

    totals: Totals
    seats: list[tuple[Places, str]]  # of each mode, and how it is called
    limits: list[str]
    reached: list[str]
    balances: list[tuple[By, list[Share]]]
    overall: Share


@blueprint.get("")
def board(code: str, slug: str) -> str:
    event, now = selection_event(code, slug), clock.now()
    desk, people = queries.desk_of(event), queries.candidates_at(event)
    by, names = By.from_text(request.args.get("by")), queries.names_at(event, people)
    pending = [each for each in people if each.state is State.PENDING]
    page = _page(pending, by)
    shown = {each.number: desk.choices.get(each.number) for each in page.rows}
    return render_template(
        "selections/board.html",
        event=event,
        by=by,
        groupings=list(By),
        page=page,
        groups=_groups(_rows(desk, page.rows, names, now), pending, by),
        summary=_summary(desk, people, names, now),
        pressed=_pressed(desk, people, now),
        over=why_over(event, now),
        labels=LABELS,
        propose_form=ProposeForm(),
        form=ChoicesForm(formdata=None, shown=shown_as_text(shown)),
    )


def _page(pending: Sequence[Candidate], by: By) -> Page[Candidate]:
    """Group by group; those of one group in order of arrival, those without any at the end."""
    rows = sorted(pending, key=lambda each: (each.label(by) == by.nothing, each.label(by)))
    return page_within(rows, ROWS)


def _rows(desk: Desk, shown: Sequence[Candidate], names: Names, now: datetime) -> list[Row]:
    past = queries.past_of_applicants(desk.event, now)
    found = _proposals(desk, now)
    return [
        _row(desk, each, found.get(each.number), names, past_in_words(past.get(each.user_id)))
        for each in shown
    ]


def _proposals(desk: Desk, now: datetime) -> dict[int, Proposal]:
    """What the method says, once somebody has asked it or chosen anything."""
    if not desk.choices:
        return {}
    return explained(desk.rules, desk.taken, desk.applicants, desk.by_hand, now)


def _row(desk: Desk, person: Candidate, proposal: Proposal | None, names: Names, past: str) -> Row:
    wish: Wish | None = desk.wishes.get(person.number)
    method = method_in_words(desk.event, proposal, wish, names) if proposal else ""
    is_by_hand = wish is not None and wish.is_by_hand
    return Row(person, wish.state if wish else None, is_by_hand, method, past)


def _groups(
    rows: Iterable[Row], pending: Iterable[Candidate], by: By
) -> list[tuple[str, int, list[Row]]]:
    """The groups of this page: heading, how many it has on all pages, and its rows here."""
    sizes = Counter(each.label(by) for each in pending)
    groups = groupby(rows, key=lambda row: row.person.label(by))
    return [(label, sizes[label], list(own)) for label, own in groups]


def _summary(desk: Desk, people: Sequence[Candidate], names: Names, now: datetime) -> Summary:
    event, before = desk.event, desk.taken
    result = outcome(desk.rules, before, desk.applicants, desk.choices, now)
    balances = [(each, _balance(desk, people, each)) for each in By]
    modes = [
        (places(desk.rules, before, result.taken, m), in_mode(event, m)) for m in modes_of(event)
    ]
    return Summary(
        totals=totals((each.number for each in desk.applicants), desk.choices),
        seats=modes,
        limits=limits_in_words(event, result, {each.number: each.name for each in people}, names),
        reached=reached_in_words(event, result, names),
        balances=balances,
        overall=overall(balances[0][1]),
    )


def _balance(desk: Desk, people: Iterable[Candidate], by: By) -> list[Share]:
    return balance(
        (
            each.label(by),
            each.has_seat,
            desk.choices.get(each.number) is State.CONFIRMED,
        )
        for each in people
    )


def _pressed(desk: Desk, people: Sequence[Candidate], now: datetime) -> list[Pressed]:
    """What can be undone; those who have left since, or were told by hand, are not part of it."""
    untold = [each for each in people if each.told_at and each.told_at > now]
    by_press: defaultdict[int | None, list[Candidate]] = defaultdict(list)
    for each in untold:
        wish = desk.wishes.get(each.number)
        by_press[wish.selection_id if wish else None].append(each)
    found = queries.undoable(desk.event, now)
    return [Pressed(each, by_press[each.id]) for each in found if each.id in by_press]


@blueprint.post("/summary")
def summary(code: str, slug: str) -> str:
    """What the choices on the page come to beside those saved; nothing is saved."""
    event, form, now = selection_event(code, slug), ChoicesForm(), clock.now()
    if not form.validate():
        abort(400)
    people = queries.candidates_at(event)
    desk = queries.desk_of(event).with_choices(form.changes(request.form))
    found = _summary(desk, people, queries.names_at(event, people), now)
    db.session.rollback()
    return render_template("selections/summary.html", summary=found)


@blueprint.post("/propose")
def propose(code: str, slug: str) -> Response:
    """Keeps what was chosen on the page, then chooses for the others."""
    event, form = selection_event(code, slug), ProposeForm()
    _save(event)
    found = actions.propose_selection(
        event, keep_by_hand=bool(form.keep.data), actor=current_user, now=clock.now()
    )
    db.session.commit()
    flash(f"Proposed: {totals_in_words(found)}. Correct it below as you like.", "success")
    return back(event)


@blueprint.post("/save")
def save(code: str, slug: str) -> Response:
    """Keeps the choices, whichever button is pressed; one goes on to the page that decides."""
    event = selection_event(code, slug)
    saved = _save(event)
    db.session.commit()
    goes_on = request.form.get("then") == "decide"
    moves = goes_on or "regroup" in request.form or "to_page" in request.form
    if saved.number or not (saved.left_out or moves):
        flash(f"{words.count(saved.number, 'choice')} saved.", "success")
    if goes_on:
        return redirect(url_for("deciding.decide", code=code, slug=slug), code=303)
    return back(event)


def _save(event: Event) -> actions.Saved:
    """What was chosen on the page that was sent."""
    form = ChoicesForm()
    if not form.validate():
        raise DomainError("Reload the board and choose again.")
    changes = form.changes(request.form)
    saved = actions.save_choices(event, changes, actor=current_user, now=clock.now())
    if saved.left_out:
        flash(_left_out(saved.left_out), "warning")
    return saved


def _left_out(people: Sequence[tuple[str, State]]) -> str:
    """ "Left out, because no longer pending: Anna (cancelled) and Bo (declined)." """
    named = words.listed([f"{name} ({state.label.lower()})" for name, state in people])
    return f"Left out, because no longer pending: {named}."


@blueprint.post("/<int:selection_id>/undo")
def undo(code: str, slug: str, selection_id: int) -> Response:
    event = selection_event(code, slug)
    selection = queries.selection_of(event, selection_id)
    visible(selection)
    assert selection  # visible() has answered 404 otherwise
    number = actions.undo_selection(selection, actor=current_user, now=clock.now())
    db.session.commit()
    if number:
        people = words.count(number, "person is", "people are")
        flash(f"Undone: {people} pending again, and no mail leaves.", "success")
    else:
        flash("This was undone already.", "info")
    return back(event)


def back(event: Event) -> Response:
    """The board, grouped and on the page as it was or as was asked for."""
    sent = request.form
    by = sent.get("regroup") or sent.get("by")
    page = None if "regroup" in sent else sent.get("to_page") or sent.get("page")
    here: dict[str, Any] = {"code": event.office.code, "slug": event.slug}
    here |= {"by": by or None, "page": page if page != "1" else None}
    return redirect(url_for("selections.board", **here), code=303)
