"""The headers of a mail, as every server and reader takes them.

Written here, as Python's own way loses spaces where it parts a long text, takes a typed "=?" for an
encoding, and encodes long links and ids, which readers must find as they are.
"""

import re
from base64 import b64encode
from email.headerregistry import Address
from email.utils import quote
from textwrap import wrap

from interact_events.core import words as writing

EOL = "\r\n"
LINE = 66  # characters, beside a header's name
WORD = 39  # bytes; encoded with their frame they fit into that


def one_line(text: str) -> str:
    """Headers end at a line break, so none may come from a name or a title."""
    return " ".join(text.split())


def mailbox(name: str, address: str) -> str:
    """Whose address it is, and the address, as they stand in From and To."""
    return f"{_named(name)} <{address}>" if name else address


def address(written: str) -> str:
    """The domain as every server understands it, also where it is not written in ASCII; a local
    part may be quoted. Raises ValueError where it cannot be written."""
    local, _, domain = written.rpartition("@")
    if local.startswith('"') and local.endswith('"') and len(local) > 1:
        local = local[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return Address("", local, writing.ascii_domain(domain)).addr_spec


def written(text: str) -> str:
    """A text as it stands in a header: parted at spaces where it is plain, else by RFC 2047."""
    lines = wrap(text, LINE, break_long_words=False, break_on_hyphens=False)
    is_plain = _is_plain(text) and all(len(line) <= LINE for line in lines)
    return f"{EOL} ".join(lines) if is_plain else _encoded(text)


def _named(name: str) -> str:
    return f'"{quote(name)}"' if _is_plain(name) and len(name) < LINE else _encoded(name)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "=?" not in text


def _encoded(text: str) -> str:
    """In pieces of whole words, or of whole characters where a word is too long.

    RFC 2047 says that readers drop the space between two pieces; some don't, as Python 3.11.
    """
    pieces = [b""]
    for word in re.split(r"(?<= )", text):
        for bit in [word] if len(word.encode()) <= WORD else word:
            if len(pieces[-1] + bit.encode()) > WORD:
                pieces.append(b"")
            pieces[-1] += bit.encode()
    return f"{EOL} ".join(f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in pieces)
