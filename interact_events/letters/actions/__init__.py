"""Everything that happens to letters and reminders."""

from interact_events.letters.actions.posting import said_to_each
from interact_events.letters.actions.reminding import (
    new_key,
    remind,
    reset_reminder,
    save_reminder,
)
from interact_events.letters.actions.sending import (
    post_letter,
    press_letter,
    send_test,
    stop_letter,
    stop_what_waits,
)
from interact_events.letters.actions.writing import (
    FOLDER,
    LetterValues,
    NewFile,
    delete_letter,
    edit_letter,
    remove_file,
    write_letter,
)

__all__ = [
    "FOLDER",
    "LetterValues",
    "NewFile",
    "delete_letter",
    "edit_letter",
    "new_key",
    "post_letter",
    "press_letter",
    "remind",
    "remove_file",
    "reset_reminder",
    "said_to_each",
    "save_reminder",
    "send_test",
    "stop_letter",
    "stop_what_waits",
    "write_letter",
]
