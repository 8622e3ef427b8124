"""The base of all forms, and fields that the whole site shares."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import (  # type: ignore[attr-defined]  # newer than its stubs
    SelectChoice as SelectChoice,
)
from wtforms.validators import Length, ValidationError

from interact_events.core.errors import DomainError


class Form(FlaskForm):
    """A form with CSRF protection that shows a refusal beside the field it is about."""

    def refuse(self, refusal: DomainError) -> None:
        """Put the refusal beside its field, or above the form when it names none here."""
        field = next((each for each in single_fields(self) if each.name == refusal.field), None)
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = (*field.errors, refusal.message)

    def all_errors(self) -> list[tuple[Field | None, str]]:
        """Every error for the summary on top: (field or None, sentence)."""
        general: list[tuple[Field | None, str]] = [(None, words) for words in self.form_errors]
        return general + [(f, str(words)) for f in single_fields(self) for words in f.errors]


def single_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields that a person fills in, those of rows and of parts of the form among them."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from single_fields(field)
        else:
            yield field


def strip(value: Any) -> Any:
    """Spaces around a text mean nothing, and a stray control character never does."""
    if not isinstance(value, str):
        return value
    return "".join(c for c in value if c >= " " or c in "\r\n\t").replace("\r\n", "\n").strip()


def one_line(value: Any) -> Any:
    """A browser sends no line break from a single-line field, but others may."""
    return " ".join(strip(value).split()) if isinstance(value, str) else value


class TextField(StringField):
    """One line of text, at most `most` characters."""

    def __init__(self, label: str, validators: Sequence[Any] = (), *, most: int = 200, **kw: Any):
        kw["filters"] = [one_line, *kw.get("filters", ())]
        super().__init__(label, [*validators, Length(max=most)], **kw)


def offers(pairs: Iterable[tuple[object, str]]) -> list[SelectChoice]:
    """What a select or a set of buttons offers: pairs of a value and its words."""
    return [SelectChoice(str(value), words) for value, words in pairs]


class CheckboxesField(SelectMultipleField):
    """Several of a few: a list of check boxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


def no_web_address(_form: FlaskForm, field: Field) -> None:
    """Names are printed in mails, where an address would become somebody's advertisement."""
    if "://" in (field.data or "") or "www." in (field.data or "").lower():
        raise ValidationError("Leave out web addresses here.")


def local_input(value: datetime | None) -> str:
    """A wall clock as an `<input type=datetime-local>` holds it."""
    return f"{value:%Y-%m-%dT%H:%M}" if value else ""
