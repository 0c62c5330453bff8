"""How places are written, in the configuration and by clients: group:ID, entry:NUMBER, number:DIGITS, voicemail:BOX."""

import re
from collections.abc import Collection

from acd.rules import Destination, DestinationKind

ID = r"[A-Za-z0-9_.@-]+"
NUMBER = r"[0-9+*#]+"
SOUND = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*"
"""A sound's or mailbox's name; none can lead out of its folder."""
NAME_MAX = 64

_NAMES: dict[str, str] = {
    DestinationKind.GROUP: ID,
    DestinationKind.ENTRY: NUMBER,
    DestinationKind.NUMBER: NUMBER,
    DestinationKind.VOICEMAIL: SOUND,
    DestinationKind.AGENT: ID,
}
_SHOWN: dict[DestinationKind, str] = {
    DestinationKind.GROUP: '"group:ID"',
    DestinationKind.ENTRY: '"entry:NUMBER"',
    DestinationKind.NUMBER: '"number:DIGITS"',
    DestinationKind.VOICEMAIL: '"voicemail:BOX"',
    DestinationKind.HANG_UP: '"hang-up"',
    DestinationKind.AGENT: '"agent:ID"',
}


def destination(text: object, kinds: Collection[DestinationKind]) -> Destination:
    """The place of one of `kinds` that `text` names. Raises ValueError that says which there are."""
    kind, colon, name = text.partition(":") if isinstance(text, str) else ("", "", "")
    if kind in kinds and (kind, colon) == (DestinationKind.HANG_UP, ""):
        return Destination(DestinationKind.HANG_UP)
    if kind in kinds and len(name) <= NAME_MAX and re.fullmatch(_NAMES.get(kind, "(?!)"), name):
        return Destination(DestinationKind(kind), name)
    *others, last = (_SHOWN[each] for each in kinds)
    raise ValueError(f"Input should be {', '.join(others)} or {last}")
