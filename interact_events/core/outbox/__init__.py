"""Mail as rows: written in the transaction of what caused it, sent by the worker afterwards."""

from interact_events.core.outbox.addresses import (
    BouncedAddress,
    bounced_among,
    forget_address,
    is_marked,
    mark_bounced,
    works_again,
)
from interact_events.core.outbox.mime import Attachment, as_email, attaches
from interact_events.core.outbox.posting import (
    Posting,
    Recipient,
    cancel,
    known_keys,
    post,
    post_all,
    send_again,
    take_back,
)
from interact_events.core.outbox.rows import MailState, OutboxMessage
from interact_events.core.outbox.sending import (
    MAX_ATTEMPTS,
    deliver_outbox,
    recover_outbox,
    sweep_outbox,
)

__all__ = [
    "MAX_ATTEMPTS",
    "Attachment",
    "BouncedAddress",
    "MailState",
    "OutboxMessage",
    "Posting",
    "Recipient",
    "as_email",
    "attaches",
    "bounced_among",
    "cancel",
    "deliver_outbox",
    "forget_address",
    "is_marked",
    "known_keys",
    "mark_bounced",
    "post",
    "post_all",
    "recover_outbox",
    "send_again",
    "sweep_outbox",
    "take_back",
    "works_again",
]
