"""What was sent to the person who is signed in."""

from flask import Blueprint, render_template
from flask_login import current_user

from interact_events.core.mail import titles
from interact_events.core.web.access import settings, visible
from interact_events.core.web.pages import page_of
from interact_events.messages import queries
from interact_events.messages.policies import said_to_recipient

blueprint = Blueprint("my_messages", __name__, url_prefix="/my/messages")


@blueprint.get("")
def index() -> str:
    page = page_of(queries.mails(queries.sent_to(current_user)))
    return render_template(
        "messages/my_messages/index.html",
        page=page,
        titles=titles(),
        keeps_mails=settings().mail_url is None,
    )


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    mail = queries.mail_to(current_user, number)
    visible(mail)
    assert mail  # visible() has answered 404 otherwise
    return render_template(
        "messages/my_messages/show.html", mail=mail, said=said_to_recipient(mail)
    )
