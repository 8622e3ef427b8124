"""Events on their way from one office to another."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_view_office
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import permitted, visible
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.interreg.queries import office_by_code
from interact_events.interreg.queries import offices as all_offices
from interact_events.planning import actions, queries
from interact_events.planning.forms import AnswerForm, OfferForm
from interact_events.planning.models import EventHandOver
from interact_events.planning.policies import (
    can_answer,
    can_end_help,
    can_see_offer,
    can_withdraw,
    why_not_offer,
    why_over,
)
from interact_events.planning.views.guard import event_of_the_plan

blueprint = Blueprint("planning_offers", __name__, url_prefix="/planning")


@blueprint.route("/events/<slug>/offer", methods=["GET", "POST"])
def ask(slug: str) -> str | Response:
    event = event_of_the_plan(slug)
    permitted(can_lead_event(current_user, event))
    if why := why_not_offer(event, clock.now()):
        flash(why, "warning")
        return _to_event(event)
    form = OfferForm(office for office in all_offices() if office != event.office)
    if form.validate_on_submit():
        try:
            return _asked(event, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("planning/handing/ask.html", event=event, form=form)


def _asked(event: Event, form: OfferForm) -> Response:
    offer = actions.offer_event(
        event,
        form.chosen_office,
        form.chosen_kind,
        form.message.data or "",
        actor=current_user,
        now=clock.now(),
    )
    db.session.commit()
    flash(
        f"{offer.to_office.name} is asked. Its leads get a mail, and can accept or decline.",
        "success",
    )
    return _to_event(event)


def _to_event(event: Event) -> Response:
    return redirect(url_for("planning_event.show", slug=event.slug), 303)


def _offer(number: int) -> EventHandOver:
    offer = queries.offer_numbered(number)
    visible(offer and can_see_offer(current_user, offer))
    assert offer  # visible() has answered 404 otherwise
    return offer


@blueprint.route("/offers/<int:number>", methods=["GET", "POST"])
def show(number: int) -> str | Response:
    offer, form = _offer(number), AnswerForm()
    if request.method == "POST":
        permitted(can_answer(current_user, offer))
    if not offer.is_hand_over:
        form.without_contact()
    elif not form.is_submitted():
        form.contact_name.data = offer.to_office.name
        form.contact_email.data = offer.to_office.email
    if "decline" in request.form:
        form.decline()
    if form.validate_on_submit():
        return _answered(offer, form)
    return render_template(
        "planning/handing/offer.html",
        offer=offer,
        event=offer.event,
        form=form,
        over=why_over(offer) or why_not_offer(offer.event, clock.now()),
        may_answer=can_answer(current_user, offer),
        may_withdraw=can_withdraw(current_user, offer) and offer.is_open,
    )


def _answered(offer: EventHandOver, form: AnswerForm) -> Response:
    """A refusal says what the other one of two has done, on the page as it is then."""
    said, now = form.answer.data or "", clock.now()
    try:
        if "decline" in request.form:
            actions.decline_offer(offer, said, actor=current_user, now=now)
            sentence = "You have declined. Everything stays as it is."
        else:
            actions.accept_offer(offer, _contact(form), said, actor=current_user, now=now)
            sentence = _accepted(offer)
    except DomainError as refusal:
        db.session.rollback()
        flash(refusal.message, "danger")
        return redirect(url_for(".show", number=offer.id), 303)
    db.session.commit()
    flash(sentence, "success")
    return _to_event(offer.event)


def _contact(form: AnswerForm) -> actions.Contact | None:
    if "contact_email" not in form:
        return None
    return actions.Contact(form.contact_name.data or "", form.contact_email.data or "")


def _accepted(offer: EventHandOver) -> str:
    if offer.is_hand_over:
        return f"{offer.to_office.name} leads this event now. Its public page stays where it is."
    return f"{offer.to_office.name} helps to organise this event now."


@blueprint.post("/offers/<int:number>/withdraw")
def withdraw(number: int) -> Response:
    offer = _offer(number)
    permitted(can_withdraw(current_user, offer))
    actions.withdraw_offer(offer, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"The offer is withdrawn. The leads of {offer.to_office.name} get a mail.", "success")
    return _to_event(offer.event)


@blueprint.post("/events/<slug>/co-organisers/<code>/end")
def end_help(slug: str, code: str) -> Response:
    event, helper = event_of_the_plan(slug), office_by_code(code)
    visible(helper)
    assert helper  # visible() has answered 404 otherwise
    is_side = can_lead_event(current_user, event) or can_view_office(current_user, helper)
    if helper in event.co_organisers or not is_side:
        permitted(can_end_help(current_user, event, helper))
    actions.end_help(event, helper, actor=current_user, now=clock.now())
    db.session.commit()
    flash(
        f"{helper.name} no longer helps with this event. Both offices’ leads get a mail.", "success"
    )
    return _to_event(event)
