"""The names of things. All are opaque: nothing is ordered or decided by their spelling."""

from typing import NamedTuple, NewType

AgentId = NewType("AgentId", str)
CallId = NewType("CallId", str)
GroupId = NewType("GroupId", str)
SkillId = NewType("SkillId", str)
MonitorId = NewType("MonitorId", str)
"""One supervisor's phone in one agent's talk, in whatever modes."""

Instant = NewType("Instant", int)
"""Milliseconds UTC since 1970; never goes backwards within one router."""
NEVER = Instant(0)

new_tuple = tuple.__new__
"""What a NamedTuple's constructor calls in the end; calling it directly takes a third of the time."""


def named(thing: str, pbx: str) -> str:
    """How the core calls what is only known at one of several PBXs: a device, a call."""
    return f"{pbx}:{thing}" if thing and pbx else thing


class OfferId(NamedTuple):
    """The n-th ringing (from 1) of a call; unique within the life of the call."""

    call: CallId
    number: int
