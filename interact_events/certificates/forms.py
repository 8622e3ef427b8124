"""What somebody types from a certificate, and what they ask of their learning record."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO, cast

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    NumberRange,
    Optional,
    ValidationError,
)

from interact_events.certificates.actions import Corrected, DesignValues, usual_text
from interact_events.certificates.queries.designs import Choice, Standing
from interact_events.certificates.rules import Days, has_shape, is_well_typed, normalised, printed
from interact_events.certificates.rules.designs import FREE_TEXTS, Picture
from interact_events.certificates.rules.languages import USUAL, names
from interact_events.core.errors import DomainError
from interact_events.core.file_kinds import cleaned_name, problem_with
from interact_events.core.pictures import TAKEN as PICTURES_TAKEN
from interact_events.core.pictures import drawn_anew
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers

MOST_MB = 5  # a certificate has some tens of kB

SHAPE = "A code has 20 letters and digits, like 7Q4K-92MX-HD3T-0A1B-C2D3."
MISTYPED = "This code can't be right: check for a typing error."


class VerifyForm(Form):
    """Sent by GET, as it changes nothing; therefore without a token."""

    class Meta:
        csrf = False

    code = TextField(
        "Code of the certificate",
        [InputRequired("Type the code that is printed beside the QR code.")],
        most=200,
        description="20 letters and digits, with or without dashes.",
    )

    def validate_code(self, field: Field) -> None:
        code = normalised(field.data)
        if not has_shape(code):
            raise ValidationError(SHAPE)
        if not is_well_typed(code):
            raise ValidationError(MISTYPED)


class FileForm(Form):
    """A certificate as a file; it is compared with what was issued and not kept."""

    pdf = FileField(
        "Certificate as a PDF file",
        [FileRequired("Choose the PDF file of the certificate.")],
        description=f"At most {MOST_MB} MB. It is compared with what was issued and not kept.",
        render_kw={"accept": ".pdf,application/pdf"},
    )

    def validate_pdf(self, field: Field) -> None:
        head = field.data.stream.read(1024)
        field.data.stream.seek(0)
        if b"%PDF-" not in head:
            raise ValidationError("That is no PDF file. Choose the certificate as you got it.")


def _reason(advice: str) -> TextAreaField:
    return TextAreaField(
        "Reason",
        validators=[DataRequired("Say why: the reason stays with the certificate.")],
        description=advice,
        render_kw={"rows": 2},
    )


class ExceptionForm(Form):
    """What the office decides on one person beyond the share of learning time."""

    gives = RadioField(
        "Decide",
        choices=offers(
            (("give", "Issue one, although the share is too small"), ("none", "Issue none"))
        ),
    )
    reason = _reason("Colleagues read it; it is kept for audits.")


class EndingForm(Form):
    """What ends the certificate that the page showed, and no other one that took its place."""

    certificate = HiddenField()

    def check_shows(self, code: str) -> None:
        """Refuses a page that is older than the certificate; the next press is about this one."""
        shown, self.certificate.data = self.certificate.data, code
        if shown != code:
            raise DomainError(
                f"Another certificate, {printed(code)}, has been issued since you opened this "
                "page. Press again if you mean that one."
            )


class ReplaceForm(EndingForm):
    """What the new certificate says instead."""

    name = TextField("Name", [DataRequired("Give the name to print.")], most=120)
    role = TextField("Role", [DataRequired("Give the role to print.")], most=120)
    institution = TextField("Institution", [DataRequired("Give the institution to print.")])
    is_attendance_anew = BooleanField(
        "Take sessions and hours as attendance says now",
        description=(
            "Otherwise they stay as they are on this certificate. This closes attendance."
        ),
    )
    reason = _reason("The person reads it in a mail.")

    @property
    def corrected(self) -> Corrected:
        return Corrected(
            self.name.data or "",
            self.role.data or "",
            self.institution.data or "",
            self.is_attendance_anew.data,
        )


class RevokeForm(EndingForm):
    reason = _reason("The person reads it in a mail.")


# -- learning records ----------------------------------------------------------------------------


class DaysForm(Form):
    """The days of a record. Sent by GET, as it changes nothing; therefore without a token."""

    class Meta:
        csrf = False

    since = DateField("From", [Optional()])
    until = DateField("Until", [Optional()])

    def validate_until(self, field: Field) -> None:
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError("This day is before the first one.")

    @property
    def days(self) -> Days:
        """Those of a valid form; of any other, all."""
        return Days() if self.errors else Days(self.since.data, self.until.data)


class ShareForm(Form):
    """For how long a link is to work."""

    lasts = SelectField(
        "The link works for",
        [InputRequired("Choose for how long.")],
        choices=offers(
            ((7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "one year"))
        ),
        default="90",
    )

    @property
    def duration(self) -> timedelta:
        return timedelta(days=int(self.lasts.data))


class AutomaticForm(Form):
    """Whether certificates are issued without a press."""

    days = IntegerField(
        "Days after the end",
        [Optional(), NumberRange(1, 60, "Give a number of days from 1 to 60.")],
        description=(
            "From 1 to 60: certificates are issued that many days after the end. "
            "Empty: only when a lead presses."
        ),
        render_kw={"inputmode": "numeric"},
    )


# -- how certificates look, and their languages --------------------------------------------------

MOST_PICTURE_MB = 5
LOGO_PIXELS = (900, 360)  # drawn at most 62 by 20 mm
SIGNATURE_PIXELS = (800, 240)
LENGTHS = {"heading": 60, "introduction": 200, "closing": 300}  # of templates
PICTURES = "PNG or JPEG, at most 5 MB."


class DesignForm(Form):
    """The look at one place. A picture that was sent with something wrong is kept until it is
    right, as a text in the page: a browser can't fill in a file."""

    accent = TextField(
        "Accent colour",
        [InputRequired("Give a colour, like #003399.")],
        most=7,
        description="As # and six digits or letters. It has to be dark enough to be read on white.",
    )
    logo = FileField("Logo", description=f"{PICTURES} It stands at the top on the right.")
    logo_sent = HiddenField()
    without_logo = BooleanField("Remove the logo")
    signature = FileField(
        "Image of the signature", description=f"{PICTURES} It stands above the signatory’s name."
    )
    signature_sent = HiddenField()
    without_signature = BooleanField("Remove the signature")
    signature_of = TextField(
        "Whose signature it is",
        description="Exactly as the name is printed. Above any other name it is left out.",
    )
    language = SelectField("Preview in", [InputRequired()], choices=offers(names().items()))

    def __init__(self, known: Standing, texts: Mapping[str, str]) -> None:
        own = known.own
        signatory = known.office.signatory_name if known.office else ""
        super().__init__(
            data={
                "accent": own.accent or known.inherited.accent,
                "language": next(iter(own.texts), USUAL),
                "signature_of": own.signature_of or signatory,
                **texts,
            }
        )
        self.new: dict[str, Picture] = {}
        for name, picture in (("logo", own.logo), ("signature", own.signature)):
            if picture is None:
                del self[f"without_{name}"]

    def validate_logo(self, field: Field) -> None:
        self._take("logo", field, LOGO_PIXELS)

    def validate_signature(self, field: Field) -> None:
        self._take("signature", field, SIGNATURE_PIXELS)

    def _take(self, name: str, field: Field, most: tuple[int, int]) -> None:
        """The file, or the one that came with the last try."""
        kept = self[f"{name}_sent"]
        try:
            if field.data:
                drawn = drawn_anew(_picture_in(field.data), most)
            elif kept.data:
                drawn = drawn_anew(BytesIO(b64decode(kept.data)), most)
            else:
                return
        except (DomainError, ValueError) as refusal:
            kept.data = ""
            raise ValidationError(str(refusal)) from None
        self.new[name] = Picture(drawn.content, drawn.kind)
        kept.data = b64encode(drawn.content).decode()

    def section(self, code: str) -> list[Field]:
        """The free texts in one language."""
        return [self[f"{name}_{code}"] for name in FREE_TEXTS]

    def is_touched(self, code: str) -> bool:
        """Whether somebody wrote in this language, or has to look at it again."""
        fields = self.section(code)
        return any(each.errors or each.data not in ("", each.object_data) for each in fields)

    def name_of(self, field: Field) -> str:
        code = field.name.rpartition("_")[2]
        is_text = field.name.partition("_")[0] in FREE_TEXTS
        return f"{field.label.text} ({names()[code]})" if is_text else super().name_of(field)

    @property
    def values(self) -> DesignValues:
        return DesignValues(
            accent=self.accent.data or "",
            signature_of=self.signature_of.data or "",
            texts={code: {n: self[f"{n}_{code}"].data for n in FREE_TEXTS} for code in names()},
            logo=self.new.get("logo"),
            signature=self.new.get("signature"),
            without_logo="without_logo" in self and self["without_logo"].data,
            without_signature="without_signature" in self and self["without_signature"].data,
        )


def _picture_in(upload: Any) -> BinaryIO:
    """Refuses what is no picture by its name or its content."""
    name = cleaned_name(upload.filename or "")
    problem = problem_with(
        name, upload.stream, most_mb=MOST_PICTURE_MB, done="used", taken=PICTURES_TAKEN
    )
    if problem:
        raise DomainError(problem)
    stream: BinaryIO = upload.stream
    return stream


def design_form(known: Standing) -> DesignForm:
    """With three texts in each language, filled in with what holds."""
    labels = {"heading": "Heading", "introduction": "Introduction", "closing": "Closing line"}
    fields: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for code in names():
        for name in FREE_TEXTS:
            fields[f"{name}_{code}"] = TextField(labels[name], most=LENGTHS[name])
            texts[f"{name}_{code}"] = known.own.text(code, name) or usual_text(
                code, name, known.default
            )
    with_texts = cast("type[DesignForm]", type("DesignForm", (DesignForm,), fields))
    return with_texts(known, texts)


class LanguagesForm(Form):
    """What an event's certificates are written in."""

    usual = SelectField(
        "Usual language",
        [InputRequired()],
        choices=offers(names().items()),
        description="For everybody who chooses nothing.",
    )
    others = CheckboxesField(
        "People may also choose",
        choices=offers(names().items()),
        description="On the page of their registration, until their certificate is issued.",
    )

    @property
    def codes(self) -> list[str]:
        others = self.others.data or []
        return [self.usual.data, *(code for code in others if code != self.usual.data)]


class WishForm(Form):
    """The language of one's own certificate."""

    language = RadioField("Language", choices=[])

    def __init__(self, choice: Choice) -> None:
        super().__init__(data={"language": choice.language})
        self.language.choices = offers((code, names()[code]) for code in choice.on_offer)
