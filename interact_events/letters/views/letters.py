"""Letters: listed, written, and looked at as each person reads them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, files
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_of
from interact_events.core.web.uploads import receive, takes_files
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.letters import actions, emails, policies, queries
from interact_events.letters.actions import FOLDER, NewFile
from interact_events.letters.forms import LetterForm, SendForm, Upload, group_fields
from interact_events.letters.models import Letter
from interact_events.letters.rules import CONFIRMED, MOST_SENT_MB, Group
from interact_events.registrations.models import Registration
from interact_events.registrations.queries import names_for, tallies

blueprint = Blueprint("letters", __name__, url_prefix="/offices/<code>/events/<slug>/letters")

ROWS = 50  # a page


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event = staff_event(code, slug, can_edit_event)
    page, names = page_of(queries.letters_of(event), ROWS), names_for(event)
    return render_template(
        "letters/index.html",
        event=event,
        page=page,
        subjects={each.id: emails.heading(event, each.subject) for each in page.rows},
        groups={e.id: policies.group_in_words(event, e.meant, names) for e in page.rows},
        standings={e.id: policies.standing_of_letter(e, clock.now()) for e in page.rows},
        tones=policies.TONES,
    )


@blueprint.get("/<int:letter_id>")
def show(code: str, slug: str, letter_id: int) -> str:
    event = staff_event(code, slug, can_edit_event)
    return letter_page(event, letter_in(event, letter_id), SendForm(formdata=None))


@blueprint.route("/new", methods=["GET", "POST"])
@takes_files
def new(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if request.method == "POST":
        receive(MOST_SENT_MB)
    form = _form(event, CONFIRMED)
    if form.validate_on_submit() and (letter := _saved(form, lambda now: _write(event, form, now))):
        return to_letter(event, letter.id)
    return _editor(event, form)


@blueprint.route("/<int:letter_id>/edit", methods=["GET", "POST"])
@takes_files
def edit(code: str, slug: str, letter_id: int) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    letter = letter_in(event, letter_id)
    if request.method == "POST":
        receive(MOST_SENT_MB)
        letter = letter_in(event, letter_id)  # a colleague may have deleted it meanwhile
    if not letter.is_draft:
        return _too_late(event, letter)
    form = _form(
        event, letter.meant, subject=letter.subject, text=letter.text, version=letter.version
    )
    if form.validate_on_submit() and _saved(form, lambda now: _edit(letter, form, now)):
        return to_letter(event, letter.id)
    return _editor(event, form, letter)


def _too_late(event: Event, letter: Letter) -> Response:
    if request.method == "POST":
        flash("This letter is on its way already: what you have typed is not saved.", "danger")
    return to_letter(event, letter.id)


@blueprint.post("/<int:letter_id>/files/<int:file_id>/remove")
def remove_file(code: str, slug: str, letter_id: int, file_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    letter = letter_in(event, letter_id)
    file = next((each for each in queries.files_of(letter.id) if each.id == file_id), None)
    visible(file)
    assert file  # visible() has answered 404 otherwise
    actions.remove_file(file, letter, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"“{file.name}” is no longer attached.", "success")
    return redirect(url_for(".edit", code=code, slug=slug, letter_id=letter.id), code=303)


@blueprint.post("/<int:letter_id>/delete")
def delete(code: str, slug: str, letter_id: int) -> Response:
    letter = letter_in(staff_event(code, slug, can_edit_event), letter_id)
    actions.delete_letter(letter, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The draft is deleted.", "success")
    return redirect(url_for(".index", code=code, slug=slug), code=303)


# -- pieces, some of them for sending as well ----------------------------------------------------


def letter_in(event: Event, letter_id: int) -> Letter:
    letter = queries.letter_of(event, letter_id)
    visible(letter)
    assert letter  # visible() has answered 404 otherwise
    return letter


def to_letter(event: Event, letter_id: int, **query: Any) -> Response:
    at = {"code": event.office.code, "slug": event.slug, "letter_id": letter_id}
    return redirect(url_for("letters.show", **(query | at)), code=303)


def letter_page(event: Event, letter: Letter, form: SendForm) -> str:
    """The letter as one person reads it, and whom it goes to, a page at a time."""
    now, q = clock.now(), request.args.get("q", "").strip()[:100]
    page = page_of(queries.recipients(event, letter.meant, now, q=q), ROWS)
    reader = reader_of(event, letter, now)
    return render_template(
        "letters/show.html",
        event=event,
        letter=letter,
        form=form,
        q=q,
        page=page,
        number=queries.number_of_recipients(event, letter.meant, now),
        heading=emails.heading(event, letter.subject),
        reader=reader,
        said=said_to(event, letter, reader, now),
        files=queries.files_of(letter.id),
        mails=queries.mails_by_state(letter),
        group=policies.group_in_words(event, letter.meant, names_for(event)),
        standing=policies.standing_of_letter(letter, now),
        tones=policies.TONES,
    )


def reader_of(event: Event, letter: Letter, now: datetime) -> Registration | None:
    """Whose letter `?to=` asks to see, else the first one's."""
    wanted = request.args.get("to", 0, type=int)
    return queries.one_of(queries.recipients(event, letter.meant, now), wanted)


def said_to(
    event: Event, letter: Letter, reader: Registration | None, now: datetime
) -> emails.Said:
    """As that person reads it, but for their own way to join; as somebody who does not exist where
    there is nobody."""
    if reader is None:
        return emails.sample(letter.subject, letter.text, event)
    (said,) = actions.said_to_each(
        event, [reader], letter.subject, letter.text, now=now, is_for_others=True
    )
    return said


def _form(event: Event, group: Group, **words: object) -> LetterForm:
    form = LetterForm(data=words | group_fields(group))
    form.offer(event, tallies(event), names_for(event), group)
    return form


def _saved(form: LetterForm, act: Callable[[datetime], Letter]) -> Letter | None:
    """What `act`, which commits, has saved; else its refusal is beside its field."""
    try:
        return act(clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return None


def _write(event: Event, form: LetterForm, now: datetime) -> Letter:
    with _keeping(form.uploads) as stored:
        new = _new_files(stored, form.uploads)
        letter = actions.write_letter(event, form.values, new, actor=current_user, now=now)
        db.session.commit()
    return letter


def _edit(letter: Letter, form: LetterForm, now: datetime) -> Letter:
    with _keeping(form.uploads) as stored:
        new = _new_files(stored, form.uploads)
        actions.edit_letter(
            letter, form.values, new, version=form.seen, actor=current_user, now=now
        )
        db.session.commit()
    return letter


def _keeping(uploads: Sequence[Upload]) -> AbstractContextManager[list[files.Stored]]:
    """Nobody waits for a transaction of ours while the storage takes its time."""
    db.session.rollback()
    return files.keeping(FOLDER, [each.content for each in uploads])


def _new_files(stored: Sequence[files.Stored], uploads: Sequence[Upload]) -> list[NewFile]:
    return [NewFile(each, upload.name) for each, upload in zip(stored, uploads, strict=True)]


def _editor(event: Event, form: LetterForm, letter: Letter | None = None) -> str:
    if letter and form.form_errors:
        form.version.data = str(letter.version)  # who saves once more has read of the change
    return render_template(
        "letters/edit.html",
        event=event,
        form=form,
        letter=letter,
        files=queries.files_of(letter.id) if letter else (),
        variables=emails.VARIABLES,
    )
