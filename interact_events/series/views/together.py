"""Moving and cancelling events of a series together: first shown, then done."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.series import actions, queries
from interact_events.series.actions.together import is_ahead
from interact_events.series.forms import CancelForm, ChosenForm, MoveForm
from interact_events.series.models import Series
from interact_events.series.views.guard import office_series

blueprint = Blueprint("series_together", __name__, url_prefix="/offices/<code>/series/<int:number>")


@blueprint.route("/move", methods=["GET", "POST"])
def move(code: str, number: int) -> str | Response:
    series = office_series(code, number, can_edit_in_office)
    form = MoveForm(_ahead(series))

    def act(numbers: list[int]) -> list[actions.Outcome]:
        return actions.move_events(
            series, numbers, form.days.data or 0, actor=current_user, now=clock.now()
        )

    return _shown_then_done(series, form, act, "series/together/move.html", "moved")


@blueprint.route("/cancel", methods=["GET", "POST"])
def cancel(code: str, number: int) -> str | Response:
    series = office_series(code, number, can_edit_in_office)
    form = CancelForm([event for event in _ahead(series) if event.is_published])

    def act(numbers: list[int]) -> list[actions.Outcome]:
        return actions.cancel_events(
            series, numbers, form.reason.data or "", actor=current_user, now=clock.now()
        )

    return _shown_then_done(series, form, act, "series/together/cancel.html", "cancelled")


def _ahead(series: Series) -> list[Event]:
    now = clock.now()
    return [m.event for m in queries.members_of(series) if is_ahead(m.event, now)]


def _shown_then_done(
    series: Series,
    form: ChosenForm,
    act: Callable[[list[int]], list[actions.Outcome]],
    page: str,
    done: str,
) -> str | Response:
    """The form, then what it would do to each event, then the deed: for all of them or for none."""
    about = {"series": series, "office": series.office, "form": form}
    if "back" in request.form or not form.validate_on_submit():
        return render_template(page, **about, outcomes=[], answers=[])
    try:
        outcomes = act(form.events.data or [])
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template(page, **about, outcomes=[], answers=[])
    if "save" in request.form and not any(each.refusal for each in outcomes):
        db.session.commit()
        flash(_said(outcomes, done), "success")
        address = url_for("series.show", code=series.office.code, number=series.id)
        return redirect(address, code=303)
    db.session.rollback()
    return render_template(page, **about, outcomes=outcomes, answers=_answers())


def _said(outcomes: list[actions.Outcome], done: str) -> str:
    told = sum(each.told for each in outcomes)
    are = "is" if len(outcomes) == 1 else "are"
    return (
        f"{words.count(len(outcomes), 'event')} {are} {done}. "
        f"{words.count(told, 'person', 'people')} will get a mail."
    )


def _answers() -> list[tuple[str, str]]:
    """What was sent, for the press that follows."""
    buttons = ("csrf_token", "save", "back")
    return [pair for pair in request.form.items(multi=True) if pair[0] not in buttons]
