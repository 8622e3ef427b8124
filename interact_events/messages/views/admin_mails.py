"""Where the secretariat looks after mails that did not arrive, and those about accounts."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core.outbox import OutboxMessage
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_of
from interact_events.interreg.policies import can_administer
from interact_events.messages import policies, queries
from interact_events.messages.actions import Remedy
from interact_events.messages.views.event_messages import (
    REMEDY,
    do,
    sought_by_query,
    words_of_states,
)

blueprint = Blueprint("admin_mails", __name__, url_prefix="/admin/mails")
ZONE = "Europe/Bratislava"


@blueprint.before_request
def secretariat_only() -> None:
    visible(can_administer(current_user))


@blueprint.get("")
def index() -> str:
    of_accounts = request.args.get("show") == "accounts"
    which = queries.OF_ACCOUNTS if of_accounts else queries.IN_TROUBLE
    sought = sought_by_query()
    page = page_of(queries.mails(which & sought.condition), 50)
    return render_template(
        "messages/admin_mails/index.html",
        page=page,
        events=queries.events_of(page.rows),
        numbers=queries.numbers_by_state(which),
        of_accounts=of_accounts,
        sought=sought,
        zone=ZONE,
        **words_of_states(),
    )


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    mail = _mail(number)
    return render_template(
        "messages/admin_mails/show.html",
        mail=mail,
        event=queries.events_of([mail]).get(mail.event_id or 0),
        said=policies.said_to_staff(mail),
        may_act=True,
        zone=ZONE,
        **words_of_states(),
    )


@blueprint.post(f"/<int:number>/{REMEDY}")
def act(number: int, wish: str) -> Response:
    mail = _mail(number)
    do(Remedy(wish), OutboxMessage.id == mail.id)
    return redirect(url_for(".index"), code=303)


def _mail(number: int) -> OutboxMessage:
    mail = queries.any_mail(number)
    visible(mail)
    assert mail  # visible() has answered 404 otherwise
    return mail
