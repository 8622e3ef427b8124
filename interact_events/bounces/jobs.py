"""Reading the mailbox by the clock."""

from datetime import timedelta
from imaplib import IMAP4

import structlog

from interact_events.bounces import actions
from interact_events.bounces.rules import Finding, Incoming, read
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.core.mailbox import Mailbox, MailboxAwayError, open_mailbox
from interact_events.core.web.access import settings

log = structlog.get_logger()

MOST = 200  # mails at a time
KEPT_FOR = timedelta(days=90)


@every(minutes=5)
def read_bounces() -> None:
    """Read which mails have come back; what a person wrote is left to people."""
    address = settings().bounces_url
    if address is None:
        return
    try:
        with open_mailbox(address) as mailbox:
            for uid in mailbox.new(MOST):
                _deal_with(mailbox, uid)
    except MailboxAwayError as away:
        log.warning("mailbox_away", why=str(away))


def _deal_with(mailbox: Mailbox, uid: str) -> None:
    """Saved before it counts as read: a crash between the two only reads it once more."""
    incoming = _understood(mailbox, uid)
    finding = actions.take(incoming, now=clock.now()) if incoming else Finding.PERSONAL
    db.session.commit()
    log.info("bounce_read", finding=finding)
    if finding is Finding.PERSONAL:
        mailbox.leave(uid)
    else:
        mailbox.done(uid)


def _understood(mailbox: Mailbox, uid: str) -> Incoming | None:
    """One mail that can't be understood stops no other."""
    try:
        mail = mailbox.mail(uid)
        return read(mail) if mail else None
    except (OSError, IMAP4.abort):  # the conversation is over
        raise
    except Exception:
        log.exception("bounce_not_understood")
        return None


@every(minutes=60)
def forget_bounces() -> None:
    """Delete reports of mails that came back when they are no longer needed."""
    actions.forget_old(before=clock.now() - KEPT_FOR)
    db.session.commit()
