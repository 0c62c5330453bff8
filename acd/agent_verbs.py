"""What an agent types at the terminal, as requests of the protocol."""

from typing import Any, NamedTuple

HELP = "r ready · n REASON not ready · h release or reject · q log out and quit · ? help"
HELP_OF_TALKS = """\
answer · hold · retrieve · digits 12#
consult TO · conference · reconnect · transfer [TO] · dial NUMBER [GROUP]
record start|pause|resume|stop · who [NAME] finds agents and groups
TO is agent:ID, group:ID or number:DIGITS; of a transfer entry:NUMBER or voicemail:BOX, too"""

_PLAIN = ("answer", "hold", "retrieve", "reconnect", "conference")
_ONE_FIELD = {"consult": "to", "digits": "digits", "record": "word"}


class Asked(NamedTuple):
    """A request's type and its fields."""

    kind: str
    fields: dict[str, Any]


def request(word: str, rest: str) -> Asked | None:
    """The request that a line asks for; None: it is none of call control."""
    if word in _PLAIN:
        return Asked(word, {})
    if word in _ONE_FIELD:
        return Asked(word, {_ONE_FIELD[word]: rest})
    match word:
        case "transfer":
            return Asked(word, {"to": rest or None})
        case "dial":
            number, _, group = rest.partition(" ")
            return Asked(word, {"number": number, "group": group.strip() or None})
        case "who":
            return Asked("directory", {"search": rest})
    return None
