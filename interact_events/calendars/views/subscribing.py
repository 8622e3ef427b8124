"""How people's own calendars show our events and keep up with them."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.calendars import actions, queries
from interact_events.calendars.models import CalendarAddress
from interact_events.calendars.rules.addresses import ways, webcal
from interact_events.core import clock, links
from interact_events.core.db import db
from interact_events.core.web.access import public
from interact_events.core.web.kept import kept
from interact_events.events.queries import Filters, on_offer
from interact_events.interreg.models import Office, StakeholderRole, Topic

blueprint = Blueprint("subscribing", __name__)
CHOSEN_HERE = ("office", "role", "topic")  # all other filters come along from the catalogue


@blueprint.get("/calendar/subscribe")
@public
@kept
def show() -> str:
    filters = Filters.from_args(request.args)
    chosen = filters.to_args
    by = {"by": "day"} if request.args.get("by") == "day" else {}
    own = queries.address_of(current_user) if current_user.is_authenticated else None
    return render_template(
        "calendars/subscribe.html",
        filters=filters,
        others={name: value for name, value in chosen.items() if name not in CHOSEN_HERE},
        is_by_day=bool(by),
        name=queries.feed_name(filters),
        address=links.url("calendars.catalogue", **chosen, **by),
        own=own,
        own_address=_own_address(own, by),
        offices=[(office.code, office.city) for office in on_offer(Office)],
        roles=[(role.code, role.plural_in()) for role in on_offer(StakeholderRole)],
        topics=[(topic.code, topic.name) for topic in on_offer(Topic)],
        ways=ways,
        webcal=webcal,
    )


def _key() -> str:
    return str(current_app.secret_key)


def _own_address(own: CalendarAddress | None, by: dict[str, str]) -> str:
    """Empty without one, or when the site's key has changed since: it works, but nobody can read
    it again."""
    token = queries.token_of_address(own, key=_key()) if own else ""
    return links.url("calendars.mine", token=token, **by) if token else ""


@blueprint.post("/calendar/subscribe/mine")
def make() -> Response:
    had_one = queries.address_of(current_user) is not None
    actions.make_address(current_user, key=_key(), now=clock.now())
    db.session.commit()
    if had_one:
        flash("You have a new address. The old one works no more: subscribe again.", "success")
    return redirect(url_for(".show", _anchor="mine"), code=303)


@blueprint.post("/calendar/subscribe/mine/stop")
def stop() -> Response:
    actions.stop_address(current_user, now=clock.now())
    db.session.commit()
    flash("Your calendar’s address works no more.", "success")
    return redirect(url_for(".show", _anchor="mine"), code=303)
