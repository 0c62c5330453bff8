"""Our wishes as AMI's actions. Tables, pure."""

from urllib.parse import quote

from acd.commands import OfferCall, StartMonitor
from acd.cti_adapters.asterisk.ami import Action
from acd.cti_adapters.asterisk.words import LEG_PREFIX, SURVEY_VARIABLES
from acd.events import MonitorMode
from acd.ids import CallId
from acd.rules import Destination

DIALPLAN_CONTEXT, DIALPLAN_VERSION = "acd-wait", "version-3"
AGAIN, PLAY, SEND = "again", "play", "send"
"""The verbs in the answers to the actions that move a caller: back to the line, to a prompt, elsewhere."""
SPY, TAKE = "spy", "take"
"""Likewise: a supervisor's phone to another way of spying, a caller to a supervisor's phone."""
RECORD, STOP = "record", "stop-recorder"
"""Likewise: a caller to the recorder; the recorder's end."""
DIAL_RESERVE_MS = 5_000
"""How much later than the core's own limit Asterisk stops ringing by itself."""


class Writer:
    """Wishes to actions, for one run's name."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._legs = 0

    def next_leg(self) -> str:
        """A channel id for a leg that no other leg ever had or will have.

        Of a fixed length: Asterisk refuses an id with which that of another channel begins.
        """
        self._legs += 1
        return f"{LEG_PREFIX}{self._run}-{self._legs:08x}"

    def is_own(self, leg: str) -> bool:
        """Whether the leg is one of this run's."""
        return leg.startswith(f"{LEG_PREFIX}{self._run}-")

    def dial(self, leg: str, offer: OfferCall) -> Action:
        """Ring the device; when it answers the leg itself fetches the caller, even if we are away by then."""
        return {
            "Action": "Originate",
            "ActionID": leg,
            "ChannelId": leg,
            "Channel": offer.device,
            "Context": "acd-fetch",
            "Exten": "s",
            "Priority": "1",
            "Async": "true",
            "Timeout": str(offer.ring_ms + DIAL_RESERVE_MS),
            "CallerID": caller_id(offer.caller_name, offer.caller_number),
            "Variable": (
                f"ACD_CALLER={offer.call}",
                f"ACD_AGENT={quote(offer.agent)}",
                f"ACD_OFFER={offer.offer.number}",
                "CHANNEL(hangup_handler_push)=acd-phone-gone\\,s\\,1",
            ),
        }

    def hang_up(self, channel: str) -> Action:
        """End a channel, a caller's or a leg's."""
        return {"Action": "Hangup", "Channel": channel, "ActionID": f"{self._run}/hangup/{channel}"}

    def set_variable(self, channel: str, name: str, value: str) -> Action:
        """Set a variable of that channel; a global one if it is ''."""
        place = {"Channel": channel} if channel else {}
        return {"Action": "Setvar", **place, "Variable": name, "Value": value, "ActionID": f"{self._run}/setvar/{name}"}

    def mark_stale(self, call: CallId, leg: str) -> Action:
        """From now that leg can't connect with that caller."""
        return self.set_variable(call, f"ACD_STALE_{leg}", "1")

    def play(self, call: CallId, prompt: str, then_number: str = "") -> list[Action]:
        """Let the waiting caller hear a sound file, then a place in the line if there is one, then the music again."""
        return [
            self.set_variable(call, "ACD_PROMPT", prompt),
            self.set_variable(call, "ACD_POSITION", then_number),
            self._send_to(call, "acd-prompt", PLAY),
        ]

    def send_elsewhere(self, call: CallId, to: Destination) -> list[Action]:
        """Let the caller leave the line for `to`, if the dialplan has such a place."""
        return [
            self.set_variable(call, "ACD_TO", to.name),
            self.set_variable(call, "ACD_TO_KIND", to.kind),
            self._send_to(call, "acd-elsewhere", SEND),
        ]

    def send_nowhere(self, call: CallId) -> Action:
        """Take `send_elsewhere` back."""
        return self.set_variable(call, "ACD_TO_KIND", "")

    def send_back(self, call: CallId) -> Action:
        """Let the caller go on in the line."""
        return self._send_to(call, "acd-wait", AGAIN)

    def refuse(self, call: CallId, cause: str) -> list[Action]:
        """Let the call go on after us."""
        return [self.set_variable(call, "ACD_REFUSED", cause), self._send_to(call, "acd-refused", "refuse")]

    def _send_to(self, call: str, context: str, verb: str, extension: str = "s") -> Action:
        return {
            "Action": "Redirect",
            "Channel": call,
            "Context": context,
            "Exten": extension,
            "Priority": "1",
            "ActionID": f"{self._run}/{verb}/{call}",
        }

    def survey(self) -> Action:
        """Tell of every channel there is."""
        return {"Action": "Status", "Variables": ",".join(SURVEY_VARIABLES), "ActionID": f"{self._run}/status/"}

    def log_in(self, user: str, secret: str) -> Action:
        """Be let in."""
        action_id = f"{self._run}/login/"
        return {"Action": "Login", "Username": user, "Secret": secret, "Events": "on", "ActionID": action_id}

    def look_for_dialplan(self) -> Action:
        """Is our dialplan there, in the version that this code knows?"""
        return {
            "Action": "ShowDialPlan",
            "Context": DIALPLAN_CONTEXT,
            "Extension": DIALPLAN_VERSION,
            "ActionID": f"{self._run}/dialplan/",
        }

    def ping(self) -> Action:
        """Are you there?"""
        return {"Action": "Ping", "ActionID": f"{self._run}/ping/"}

    # --- supervision and recording ------------------------------------------------------------------------------------

    def dial_supervisor(self, leg: str, spied: str, order: StartMonitor) -> Action:
        """Ring the supervisor's device; when it answers it spies on the leg `spied` by itself."""
        return {
            "Action": "Originate",
            "ActionID": leg,
            "ChannelId": leg,
            "Channel": order.device,
            "Context": "acd-monitor",
            "Exten": order.mode,
            "Priority": "1",
            "Async": "true",
            "Timeout": str(order.ring_ms),
            "CallerID": caller_id(order.mode, ""),
            "Variable": (
                f"ACD_CALLER={order.offer.call}",
                f"ACD_SPIED={spied}",
                "CHANNEL(hangup_handler_push)=acd-phone-gone\\,s\\,1",
            ),
        }

    def spy(self, leg: str, mode: MonitorMode) -> Action:
        """From now the supervisor's phone takes part in this way."""
        return self._send_to(leg, "acd-monitor", SPY, mode)

    def take(self, call: CallId, leg: str) -> list[Action]:
        """Let the caller leave whom it talks with for the supervisor's phone, which waits."""
        return [
            self.set_variable(leg, "ACD_CALLER", call),
            self.set_variable(call, "ACD_TALK", leg),
            self._send_to(call, "acd-join", TAKE),
        ]

    def record(self, call: CallId, path: str) -> Action:
        """The caller is to be recorded from the next moment in which its channel joins a talk."""
        return self.set_variable(call, "ACD_RECORD", path)

    def join_anew(self, call: CallId) -> Action:
        """Let the caller leave the talk and join it again at once, for the recorder to begin."""
        return self._send_to(call, "acd-record", RECORD)

    def stop_recorder(self, call: CallId, recorder: str) -> list[Action]:
        """End the recorder, if there is one, and let none begin."""
        stop = {"Action": "StopMixMonitor", "Channel": call, "MixMonitorID": recorder}
        names = ("ACD_RECORD", "ACD_RECORDER")
        return [
            *(self.set_variable(call, name, "") for name in names),
            *([{**stop, "ActionID": f"{self._run}/{STOP}/{call}"}] if recorder else []),
        ]


def caller_id(name: str, caller_number: str) -> str:
    """`"name" <number>`; signs that would end the name or the number early are left out."""
    return f'"{_plain(name)}" <{_plain(caller_number)}>'


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign not in '"<>\\')
