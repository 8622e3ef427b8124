"""What is written to people about their certificates."""

from interact_events.certificates.models import Certificate
from interact_events.certificates.rules import Facts, printed
from interact_events.core.mail import Mail, compose


def certificate_ready(certificate: Certificate, facts: Facts) -> Mail:
    """The link to fetch it, and the one by which others check it."""
    return compose(
        "certificates/email/certificate_ready.txt",
        facts=facts,
        code=certificate.code,
        printed_code=printed(certificate.code),
    )
