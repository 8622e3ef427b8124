"""Sending the mail with a certificate's link once more."""

from collections.abc import Collection
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.certificates import queries, rules
from interact_events.certificates.actions.issuing import write_to
from interact_events.certificates.emails import certificate_ready
from interact_events.certificates.queries import Mailed
from interact_events.core import audit
from interact_events.core.db import lock
from interact_events.events.models import Event


def send_again(event: Event, tokens: Collection[str], *, actor: User, now: datetime) -> int:
    """To those of `tokens` about whom nothing newer was written since; says how many that are."""
    lock(event)  # the second of two presses reads what the first has written
    chosen = [each for each in queries.mailed(event) if each.token in tokens]
    for each in chosen:
        _send(each, actor, now)
    return len(chosen)


def _send(each: Mailed, actor: User, now: datetime) -> None:
    certificate = each.certificate
    mail = certificate_ready(certificate, rules.from_json(certificate.facts))
    key = f"certificate-again:{certificate.id}:{each.mail_id}"
    write_to(certificate.registration, mail, key=key, now=now)
    audit.record("mail sent again", certificate, actor=actor, now=now, after=each.mail_id)
