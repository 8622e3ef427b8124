"""What was sent about an event, and what staff do where it did not arrive."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.mail import titles
from interact_events.core.outbox import OutboxMessage
from interact_events.core.web.access import settings, visible
from interact_events.core.web.pages import page_of
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.messages import policies, queries
from interact_events.messages.actions import Remedy, remedy
from interact_events.messages.queries import Sought

blueprint = Blueprint(
    "event_messages", __name__, url_prefix="/offices/<code>/events/<slug>/messages"
)
REMEDY = '<any("send-again", "stop"):wish>'
DONE = {Remedy.AGAIN: "will be sent again.", Remedy.STOP: "will not be sent."}


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event, sought = staff_event(code, slug), sought_by_query()
    all_ = queries.of_event(event)
    return render_template(
        "messages/event_messages/index.html",
        event=event,
        page=page_of(queries.mails(all_ & sought.condition), 50),
        numbers=queries.numbers_by_state(all_),
        kinds=queries.kinds_among(all_),
        sought=sought,
        may_act=can_edit_event(current_user, event),
        **words_of_states(),
    )


@blueprint.get("/<int:number>")
def show(code: str, slug: str, number: int) -> str:
    event = staff_event(code, slug)
    mail = _mail(event, number)
    return render_template(
        "messages/event_messages/show.html",
        event=event,
        mail=mail,
        said=policies.said_to_staff(mail),
        may_act=can_edit_event(current_user, event),
        **words_of_states(),
    )


@blueprint.post(f"/<int:number>/{REMEDY}")
def act(code: str, slug: str, number: int, wish: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    mail = _mail(event, number)
    do(Remedy(wish), OutboxMessage.id == mail.id)
    return redirect(url_for(".show", code=code, slug=slug, number=number), code=303)


@blueprint.route(f"/all/{REMEDY}", methods=["GET", "POST"])
def act_on_all(code: str, slug: str, wish: str) -> str | Response:
    """All that the list shows, after a look at how many and whose they are."""
    event, sought = staff_event(code, slug, can_edit_event), sought_by_query()
    which = queries.of_event(event) & sought.condition
    if request.method == "POST":
        do(Remedy(wish), which)
        return redirect(sought.within(url_for(".index", code=code, slug=slug)), code=303)
    fitting = which & OutboxMessage.state.in_(Remedy(wish).states)
    return render_template(
        "messages/event_messages/act_on_all.html",
        event=event,
        wish=wish,
        page=page_of(queries.mails(fitting), 50),
        sought=sought,
        **words_of_states(),
    )


def _mail(event: Event, number: int) -> OutboxMessage:
    mail = queries.mail_of(event, number)
    visible(mail)
    assert mail  # visible() has answered 404 otherwise
    return mail


def sought_by_query() -> Sought:
    asked = (
        request.args.get(name, "")[:100].strip() for name in ("state", "kind", "person", "letter")
    )
    return Sought(*asked)


def do(wish: Remedy, which: ColumnElement[bool]) -> None:
    """Do it, save it and say of how many."""
    done = remedy(wish, which, actor=current_user, now=clock.now())
    db.session.commit()
    if done:
        flash(f"{words.count(done, 'mail')} {DONE[wish]}", "success")
    else:
        flash("Nothing was changed: meanwhile no mail is left that this is for.", "info")


def words_of_states() -> dict[str, object]:
    """What the pages say of a mail."""
    return {
        "now": clock.now(),
        "keeps_mails": settings().mail_url is None,
        "titles": titles(),
        "labels": policies.LABELS,
        "state_in_words": policies.state_in_words,
        "subject_for_staff": policies.subject_for_staff,
        "can_send_again": policies.can_send_again,
        "can_be_stopped": policies.can_be_stopped,
        "history_of": history_of,
    }


def history_of(mail: OutboxMessage) -> list[tuple[datetime, str]]:
    """When the mail server answered what."""
    return [(datetime.fromisoformat(at), answer) for at, answer in mail.history]
