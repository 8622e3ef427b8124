"""The base of all forms, and fields that the whole site shares."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import Field, FieldList, FormField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import (  # type: ignore[attr-defined]  # newer than its stubs
    SelectChoice as SelectChoice,
)
from wtforms.meta import DefaultMeta
from wtforms.validators import Length, ValidationError
from wtforms.widgets import core as library
from wtforms.widgets.core import clean_key  # type: ignore[attr-defined]  # newer than its stubs

from interact_events.core.errors import DomainError

SENTENCES = {
    "Not a valid datetime value.": "Give a day and a time, like 2027-05-12 and 09:00.",
    "Not a valid date value.": "Give a day, like 2027-05-12.",
    "Not a valid time value.": "Give a time, like 09:00.",
    "Not a valid integer value.": "Give a whole number.",
    "Not a valid decimal value.": "Give a number, like 1250.50.",
    "Not a valid choice.": "Choose one of those on offer.",
    "Invalid Choice: could not coerce.": "Choose one of those on offer.",
    "Invalid choice(s): one or more data inputs could not be coerced.": (
        "Choose among those on offer."
    ),
    "This field is required.": "Please fill this in.",
}


class Sentences:
    """What the library says of a value that makes no sense, as a person says it."""

    def gettext(self, text: str) -> str:
        return SENTENCES.get(text, text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return one if number == 1 else many


class InSentences(DefaultMeta):
    """For parts of a form, which are forms too."""

    def get_translations(self, form: Any) -> Any:
        return Sentences()


class Form(FlaskForm):
    """A form with CSRF protection that shows a refusal beside the field it is about."""

    class Meta(FlaskForm.Meta):
        """What the library says is said in sentences."""

        def get_translations(self, form: Any) -> Any:
            return Sentences()

    def validate(self, *args: Any, **kw: Any) -> bool:
        """What can't be read at all is one fault, whatever else is asked of the field."""
        is_valid: bool = super().validate(*args, **kw)
        for field in single_fields(self):
            if field.process_errors and set(field.process_errors) <= set(field.errors):
                field.errors = tuple(field.process_errors)
        return is_valid

    def name_of(self, field: Field) -> str:
        """What the summary of errors calls a field."""
        return str(field.label.text)

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


def attributes(**values: object) -> Markup:
    """The attributes of an element as the library writes them, in an eighth of its time: a form
    with lists of programmes and countries writes a hundred."""
    written = [
        clean_key(name) if value is True else _attribute(name, value)
        for name, value in sorted(values.items())
        if value is not False
    ]
    return Markup(" ".join(written))  # noqa: S704  # each value is escaped


def _attribute(name: str, value: object) -> str:
    text = str(escape(value)).replace('"', "&quot;")  # what is marked as safe may hold one
    return f'{clean_key(name)}="{text}"'


library.html_params = widgets.html_params = attributes
library.Input.html_params = staticmethod(attributes)  # type: ignore[method-assign]


def no_web_address(_form: FlaskForm, field: Field) -> None:
    """Names are printed in mails, where an address would become somebody's advertisement."""
    if "://" in (field.data or "") or "www." in (field.data or "").lower():
        raise ValidationError("Leave out web addresses here.")
