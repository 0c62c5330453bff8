"""What Asterisk was asked and has said. Values, pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.cti_adapters.asterisk.ami import Message

GREETING = "Asterisk Call Manager/"


class Reach(StrEnum):
    """How far a connection to the manager's port got."""

    OK = "ok"
    REFUSED = "refused"
    SILENT = "silent"
    """Nothing came back in time, from the network or from who listens there."""
    UNKNOWN_HOST = "unknown-host"
    FAILED = "failed"
    STRANGER = "stranger"
    """Something listens there that isn't the manager interface."""


@dataclass(frozen=True, slots=True)
class Reached:
    how: Reach
    text: str = ""
    """What the system said, or what the stranger says."""
    our_address: str = ""
    """From where we come, as Asterisk sees it."""
    is_here: bool = False
    """Whether Asterisk's address is one of this machine's."""


@dataclass(slots=True)
class Reply:
    """The answer to one action, with the list that follows it."""

    response: Message | None = None
    items: list[Message] = field(default_factory=list)
    is_over: bool = False

    @property
    def ok(self) -> bool:
        return self.response is not None and self.response.get("Response") == "Success"

    @property
    def text(self) -> str:
        return "" if self.response is None else self.response.get("Message", "")

    def header(self, name: str) -> str:
        return "" if self.response is None else self.response.get(name, "")


@dataclass(slots=True)
class Trial:
    """What came of the call that Asterisk made to itself (acd-doctor of our dialplan)."""

    steps: dict[str, Message] = field(default_factory=dict)
    """How far it got: each step's word."""
    at: dict[str, float] = field(default_factory=dict)
    """When, by our clock in seconds."""
    responded: bool = False
    """Whether OriginateResponse came."""
    events: Counter[str] = field(default_factory=Counter)
    """What came in that time, by name, list replies left out."""


@dataclass(slots=True)
class Heard:
    """All of it."""

    reached: Reached
    login: Reply = field(default_factory=Reply)
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """By the question's name."""
    trial: Trial = field(default_factory=Trial)
    clock_ahead_s: float | None = None
    """Asterisk's clock less ours."""

    def reply(self, question: str) -> Reply:
        return self.replies.get(question, Reply())

    def value(self, expression: str) -> str:
        """What Asterisk made of a dialplan expression; empty if it wasn't asked or may not be."""
        return self.reply(expression).header("Value")
