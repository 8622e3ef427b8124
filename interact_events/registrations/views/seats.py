"""The rules of an event's seats, and whom it invites."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.links import url
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_of
from interact_events.events.actions import refuse_cancelled
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations import actions, policies, queries
from interact_events.registrations.forms import CodeForm, SeatInvitationsForm, SeatsForm
from interact_events.registrations.models import Promotion, SeatInvitation
from interact_events.registrations.queries import Names
from interact_events.registrations.views.place import asked_in_words

blueprint = Blueprint("seats", __name__, url_prefix="/offices/<code>/events/<slug>/seats")

NAMED = 50  # people whom the preview names
ROWS = 25
BUTTONS = ("csrf_token", "save", "back", "more")


# -- the rules -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What rules would do that nobody has saved yet, in words."""

    rules: list[str]
    up: list[str]
    over: list[str]
    asked: list[str]
    others: list[str]
    is_offer: bool

    @property
    def named(self) -> list[str]:
        return self.up[:NAMED]

    @property
    def unnamed(self) -> int:
        return len(self.up) - len(self.named)


@blueprint.route("", methods=["GET", "POST"])
def edit(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if why := policies.why_rules_stay(event, clock.now()):
        return _as_they_were(event, why)
    form = _form(event)
    if _asks_for_the_form() or not form.validate_on_submit():
        return _form_page(event, form)
    is_final = event.is_draft or "save" in request.form
    is_old = form.version.data not in (None, event.version)
    try:
        effects = _apply(event, form, is_final=is_final)
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        if is_old:  # they have read that something else was changed
            form.go_on_from(event.version)
        return _form_page(event, form)
    if is_final:
        db.session.commit()
        flash(_saved(event, effects), "success")
        return redirect(url_for(".edit", code=code, slug=slug), code=303)
    return _preview_page(event, _rolled_back(event, effects))


def _as_they_were(event: Event, why: str) -> str:
    """The rules of an event that is cancelled or over, to be read."""
    if request.method == "POST":
        refuse_cancelled(event)
        raise DomainError(why)
    return render_template(
        "registrations/seats/kept.html", event=event, why=why, sentences=_rules(event)
    )


def _form(event: Event) -> SeatsForm:
    form = SeatsForm(event, queries.seat_rules_of(event))
    form.grow(request.form.get("more", ""))
    return form


def _asks_for_the_form() -> bool:
    """One more row, or back from the preview: nothing is checked yet."""
    return "more" in request.form or "back" in request.form


def _apply(event: Event, form: SeatsForm, *, is_final: bool) -> actions.Effects:
    give = actions.set_seat_rules if is_final else actions.preview_seat_rules
    return give(event, form.values(), actor=current_user, now=clock.now())


def _rules(event: Event) -> list[str]:
    settings = queries.seat_rules_of(event)
    return policies.rules_for_staff(event, settings, queries.rules_of(event, settings))


def _rolled_back(event: Event, effects: actions.Effects) -> Preview:
    """What was done, in words, and undone."""
    preview = Preview(
        rules=_rules(event),
        up=effects.up,
        over=_all_over(event, effects),
        asked=[asked_in_words(event, each) for each in effects.asked],
        others=_others(effects),
        is_offer=queries.seat_rules_of(event).promotion is Promotion.OFFER,
    )
    db.session.rollback()
    return preview


def _all_over(event: Event, effects: actions.Effects) -> list[str]:
    names = queries.names_for(event) if effects.over else None
    limits = [_over_in_words(event, each, names) for each in effects.over] if names else []
    return [*limits, *_unheld(effects)]


def _unheld(effects: actions.Effects) -> list[str]:
    if not effects.unheld:
        return []
    seats, are = ("1 seat", "is") if effects.unheld == 1 else (f"{effects.unheld:,} seats", "are")
    return [f"{seats} that you hold {are} given to others, and held once they give them back."]


def _over_in_words(event: Event, over: actions.Over, names: Names) -> str:
    limit = policies.excess_in_words(event, over.excess, names)
    return f"{limit.removesuffix('.')}: {words.listed_in_short(over.names, NAMED)}."


def _others(effects: actions.Effects) -> list[str]:
    """What new rules do to those who get no seat by them."""
    sentences = []
    if effects.lined:
        people = words.count(effects.lined, "applicant")
        go = "goes" if effects.lined == 1 else "go"
        sentences.append(f"{people} {go} to the waiting list, in order of arrival, with a mail.")
    if effects.applying:
        people = words.count(effects.applying, "person", "people")
        sentences.append(
            f"{people} on the waiting list will be among those of whom you choose, and "
            f"{'gets' if effects.applying == 1 else 'get'} a mail."
        )
    if effects.barred:
        sentences.append(
            "The event would not be for everybody who waits or has applied: no seat comes to "
            f"{words.listed_in_short(effects.barred, NAMED)}, unless you give one with a reason."
        )
    return sentences


def _form_page(event: Event, form: SeatsForm) -> str:
    return render_template(
        "registrations/seats/edit.html", event=event, form=form, sentences=_rules(event)
    )


def _preview_page(event: Event, preview: Preview) -> str:
    before = _rules(event)
    return render_template(
        "registrations/seats/preview.html",
        event=event,
        preview=preview,
        added=[sentence for sentence in preview.rules if sentence not in before],
        dropped=[sentence for sentence in before if sentence not in preview.rules],
        answers=[pair for pair in request.form.items(multi=True) if pair[0] not in BUTTONS],
    )


def _saved(event: Event, effects: actions.Effects) -> str:
    sentences = ["The rules are saved."]
    if effects.up:
        people = words.count(len(effects.up), "person", "people")
        is_offer = queries.seat_rules_of(event).promotion is Promotion.OFFER
        get = "the offer of a seat" if is_offer else "a seat"
        sentences.append(f"{people} {'gets' if len(effects.up) == 1 else 'get'} {get}.")
    if effects.over:
        limits = words.count(len(effects.over), "limit")
        are = "is" if len(effects.over) == 1 else "are"
        sentences.append(f"{limits} {are} exceeded by seats given before; nobody loses one.")
    sentences += [*_unheld(effects), *_others(effects)]
    sentences += [asked_in_words(event, each) for each in effects.asked]
    return " ".join(sentences)


@blueprint.post("/summary")
def summary(code: str, slug: str) -> str:
    """The rules as the form says them now, in words; nothing is saved."""
    event = staff_event(code, slug, can_edit_event)
    form = _form(event)
    try:
        is_whole = form.validate()
        preview = _rolled_back(event, _apply(event, form, is_final=False)) if is_whole else None
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        preview = None
    return render_template(
        "registrations/seats/_summary.html",
        sentences=preview.rules if preview else [],
        preview=preview,
        form=form,
        problems=form.all_errors(),
    )


# -- invitations ---------------------------------------------------------------------------------


@blueprint.route("/invitations", methods=["GET", "POST"])
def invitations(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    form = SeatInvitationsForm()
    if form.validate_on_submit():
        try:
            new, known = actions.invite(
                event, form.addresses.found, actor=current_user, now=clock.now()
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(_invited(new, known), "success" if new else "info")
            return _to_invitations(event)
    return _invitations_page(event, form=form)


def _invited(new: int, known: int) -> str:
    sentences = []
    if new:
        people = words.count(new, "person", "people")
        sentences.append(f"{people} {'is' if new == 1 else 'are'} invited and will get a mail.")
    if known:
        people = words.count(known, "person", "people")
        were, get = ("was", "gets") if known == 1 else ("were", "get")
        sentences.append(
            f"{people} {were} invited before and {get} no new mail: press “Send again” beside "
            "the address in the list below to send one."
        )
    return " ".join(sentences)


def _to_invitations(event: Event) -> Response:
    code = event.office.code
    return redirect(url_for(".invitations", code=code, slug=event.slug), code=303)


def _invitations_page(event: Event, **forms: Any) -> str:
    page = page_of(queries.personal_invitations(event), ROWS)
    codes, now = queries.codes_of(event), clock.now()
    return render_template(
        "registrations/seats/invitations.html",
        event=event,
        page=page,
        registered=queries.registered_among(event, page.rows) if page.rows else {},
        mails=queries.latest_invitation_mails(event, page.rows) if page.rows else {},
        why_not=policies.why_nobody_is_invited(event, now),
        codes=[
            (each, url("registrations.register", slug=event.slug, invitation=each.code))
            for each in codes
        ],
        uses=queries.uses_of([each.id for each in codes]) if codes else {},
        is_only_invited=queries.seat_rules_of(event).by_invitation,
        **(
            {"form": SeatInvitationsForm(formdata=None), "code_form": CodeForm(formdata=None)}
            | forms
        ),
    )


@blueprint.post("/codes")
def add_code(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    form = CodeForm()
    if not form.validate():
        return _invitations_page(event, code_form=form)
    actions.add_code(
        event, form.label.data or "", form.most_uses.data or 0, actor=current_user, now=clock.now()
    )
    db.session.commit()
    flash("The code is made. Pass it on, or the link with it.", "success")
    return _to_invitations(event)


@blueprint.post("/invitations/<int:invitation_id>/send-again")
def send_again(code: str, slug: str, invitation_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    invitation = _invitation(event, invitation_id)
    seen = request.form.get("mail", 0, type=int)
    if actions.send_invitation_again(invitation, seen=seen, actor=current_user, now=clock.now()):
        db.session.commit()
        flash("The invitation is sent again, with the same link.", "success")
    else:
        flash("Nothing was sent: it has been sent again already.", "info")
    return _to_invitations(event)


def _invitation(event: Event, number: int) -> SeatInvitation:
    invitation = queries.seat_invitation(event, number)
    visible(invitation)
    assert invitation  # visible() has answered 404 otherwise
    return invitation


@blueprint.post("/invitations/<int:invitation_id>/withdraw")
def withdraw(code: str, slug: str, invitation_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    invitation = _invitation(event, invitation_id)
    actions.withdraw_invitation(invitation, actor=current_user, now=clock.now())
    db.session.commit()
    flash("It is withdrawn. Who has registered with it stays registered.", "success")
    return _to_invitations(event)
