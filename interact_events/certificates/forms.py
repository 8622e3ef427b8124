"""What somebody types from a certificate."""

from wtforms import Field
from wtforms.validators import InputRequired, ValidationError

from interact_events.certificates.rules import has_shape, is_well_typed, normalised
from interact_events.core.web.forms import Form, TextField

SHAPE = "A code has 20 letters and digits, like 7Q4K-92MX-HD3T-0A1B-C2D3."
MISTYPED = "This code can't be right: check for a typing error."


class VerifyForm(Form):
    """Sent by GET, as it changes nothing; therefore without a token."""

    class Meta:
        csrf = False

    code = TextField(
        "Code of the certificate",
        [InputRequired("Type the code that is printed beside the QR code.")],
        most=60,
        description="20 letters and digits, with or without dashes.",
    )

    def validate_code(self, field: Field) -> None:
        code = normalised(field.data)
        if not has_shape(code):
            raise ValidationError(SHAPE)
        if not is_well_typed(code):
            raise ValidationError(MISTYPED)
