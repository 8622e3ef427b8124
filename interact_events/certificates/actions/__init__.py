"""Issuing certificates, putting wrong ones right, exceptions, and records of learning."""

from interact_events.certificates.actions.anew import draft_anew, facts_anew, issue_anew
from interact_events.certificates.actions.automatic import (
    begin_again,
    begin_automatic,
    choose_automatic,
    stop_automatic,
)
from interact_events.certificates.actions.badges import publish_key
from interact_events.certificates.actions.designs import (
    DesignValues,
    change_design,
    drop_design,
    preview_design,
    usual_text,
)
from interact_events.certificates.actions.ending import (
    Corrected,
    draft_replacement,
    replace_certificate,
    revoke_certificate,
)
from interact_events.certificates.actions.exceptions import except_person, take_exception_back
from interact_events.certificates.actions.issuing import (
    Draft,
    check_closed,
    check_issuable,
    draft_certificate,
    facts_of,
    issue_certificate,
    issue_certificates,
    new_code,
    plan_certificate,
    plan_certificates,
    preview_certificate,
)
from interact_events.certificates.actions.languages import set_languages, wish_language
from interact_events.certificates.actions.record import (
    RecordDraft,
    draft_record,
    issue_record,
    revoke_record,
    share_record,
    stop_sharing,
)
from interact_events.certificates.actions.sending_again import send_again

__all__ = [
    "Corrected",
    "DesignValues",
    "Draft",
    "RecordDraft",
    "begin_again",
    "begin_automatic",
    "change_design",
    "check_closed",
    "check_issuable",
    "choose_automatic",
    "draft_anew",
    "draft_certificate",
    "draft_record",
    "draft_replacement",
    "drop_design",
    "except_person",
    "facts_anew",
    "facts_of",
    "issue_anew",
    "issue_certificate",
    "issue_certificates",
    "issue_record",
    "new_code",
    "plan_certificate",
    "plan_certificates",
    "preview_certificate",
    "preview_design",
    "publish_key",
    "replace_certificate",
    "revoke_certificate",
    "revoke_record",
    "send_again",
    "set_languages",
    "share_record",
    "stop_automatic",
    "stop_sharing",
    "take_exception_back",
    "usual_text",
    "wish_language",
]
