"""Legs in a conversation: facts, commands and time in; what is told and asked, in short, out."""

from __future__ import annotations

from acd.commands import Command, OfferCall
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.ami import Action
from acd.cti_adapters.asterisk.census import Census
from acd.cti_adapters.asterisk.legs import Legs
from acd.events import CallArrived, PbxEvent
from acd.ids import AgentId, CallId, GroupId, Instant, OfferId

CALL, OTHER = CallId("1.1"), CallId("1.2")
OFFER = OfferId(CALL, 1)
LEG = "acd-run1-00000001"
ARRIVAL = CallArrived(CALL, "8001", waiting_since=Instant(5))


class Conversation:
    """One run's Legs at a clock of the test's own."""

    def __init__(self) -> None:
        self.write = Writer("run1")
        self.legs = Legs(self.write)
        self.legs.is_linked = True
        self.now = 100.0
        self.told: list[PbxEvent] = []

    def heard(self, *facts: words.Fact) -> list[PbxEvent | str]:
        """What comes of these facts: events, and actions in short."""
        for fact in facts:
            self.hear(fact)
        return self._taken()

    def hear(self, fact: words.Fact) -> None:
        """Let those who remember hear it."""
        self.legs.hear(fact, self.now)

    def obeyed(self, *commands: Command) -> list[PbxEvent | str]:
        """What comes of these commands."""
        for command in commands:
            self.legs.obey(command, self.now)
        return self._taken()

    def after(self, seconds: float) -> list[PbxEvent | str]:
        """What comes of time alone."""
        self.now += seconds
        self.legs.look_at_the_clock(self.now)
        return self._taken()

    def surveyed(self, *facts: words.Fact) -> list[PbxEvent | str]:
        """What comes of a survey with these facts in it."""
        census, self.legs.is_linked = Census(), False
        for fact in facts:
            census.note(fact)
            if not isinstance(fact, words.Surveyed):
                self.legs.hear(fact, self.now)
        census.settle(self.legs, self.write, self.now)
        self.legs.is_linked = True
        return self._taken()

    def _taken(self) -> list[PbxEvent | str]:
        taken = [*self.legs.told, *(short(action) for action in self.legs.asked)]
        self.told += self.legs.told
        self.legs.told, self.legs.asked = [], []
        return taken


def short(action: Action) -> str:
    """An action in a few words."""
    match action["Action"]:
        case "Originate":
            return _short_originate(action)
        case "Setvar":
            return f"set {action['Variable']} of {action['Channel']}"
        case "Redirect":
            place = "" if action["Exten"] in ("s", "held", "consulting") else f" {action['Exten']}"
            other = f" and {action['ExtraChannel']} to {action['ExtraContext']}" if "ExtraChannel" in action else ""
            return f"send {action['Channel']} to {action['Context']}{place}{other}"
        case "StopMixMonitor":
            return f"stop {action['MixMonitorID']} of {action['Channel']}"
        case _:
            return f"hang up {action['Channel']}"


def _short_originate(action: Action) -> str:
    """For whom is said where that isn't a call's own channel."""
    variables = dict(text.split("=", 1) for text in action["Variable"])
    if "ACD_DIGITS" in variables:
        return f"digits {variables['ACD_DIGITS']} to {variables['ACD_HEARER']}"
    caller = variables.get("ACD_CALLER", "")
    return f"dial {action['ChannelId']}" + (f" for {caller}" if caller.startswith("acd") else "")


def offer_call(offer: OfferId = OFFER, ring_ms: int = 20_000) -> OfferCall:
    """An OfferCall of which only the offer matters."""
    return OfferCall(offer, AgentId("a"), "PJSIP/1001", GroupId("g"), "8001", "138", "", 0, ring_ms)


def waiting() -> Conversation:
    """A caller waits."""
    talk = Conversation()
    talk.heard(words.Announced(ARRIVAL, again=False))
    return talk


def ringing() -> Conversation:
    """And a phone rings for it."""
    talk = waiting()
    assert talk.obeyed(offer_call()) == [f"dial {LEG}"]
    return talk


def talking() -> Conversation:
    """And has answered."""
    talk = ringing()
    talk.heard(words.Dialled(LEG, answered=True, timed_out=False), words.Talking(LEG, CALL))
    return talk


def row(
    channel: str, context: str = "acd-wait", *, bridged: bool = False, leg: str = "", offer: int = 0
) -> words.Surveyed:
    """A caller's line of a survey; the `leg` that has it was dialled for its `offer`."""
    call = CallId(channel)
    arrival = CallArrived(call, "8001", waiting_since=Instant(5))
    since = Instant(7) if leg else None
    return words.Surveyed(channel, context, call, bridged, leg, arrival, talk_offer=offer, talk_since=since)


def leg_row(leg: str, call: CallId = CALL, *, bridged: bool = False, offer: int = 0) -> words.Surveyed:
    """A leg's line of a survey."""
    return words.Surveyed(leg, "acd-fetch", call, bridged, "", None, offer=offer, agent="a")
