"""Our wishes as AMI's actions. Tables, pure."""

from collections.abc import Mapping
from urllib.parse import quote

from acd.commands import OfferCall, StartMonitor
from acd.cti_adapters.asterisk.ami import Action
from acd.cti_adapters.asterisk.words import DEVICE, DEVICES, LEG_PREFIX, NUMBER_PREFIX, SURVEY_VARIABLES
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
HOLD, CONSULT, CONFER, JOIN = "hold", "consult", "confer", "join"
"""The verbs in the answers to the actions that arrange a talk."""
ANSWER_BY_ITSELF = (
    "PJSIP_HEADER(add\\,Call-Info)=<sip:switchyard>\\;answer-after=0",
    "PJSIP_HEADER(add\\,Alert-Info)=info=alert-autoanswer",
)
"""The headers that ask a SIP phone to answer; each maker understands one of them."""
PATIENCE_S = 5
"""How long a phone or number that was in a consult waits for a word of ours when the consult has come apart."""
DIAL_RESERVE_MS = 5_000
"""How much later than the core's own limit Asterisk stops ringing by itself."""


class Writer:
    """Wishes to actions, for one run's name; numbers outside are dialled in `codec`."""

    def __init__(self, run: str, codec: str = "ulaw") -> None:
        self._run = run
        self._codec = codec
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

    def is_own_number(self, channel: str) -> bool:
        """Whether the channel is one of this run's numbers."""
        return channel.startswith(f"{NUMBER_PREFIX}{self._run}-")

    def next_number(self) -> str:
        """A channel id for a number to be dialled, as `next_leg`."""
        self._legs += 1
        return f"{NUMBER_PREFIX}{self._run}-{self._legs:08x}"

    def dial(
        self, leg: str, offer: OfferCall, caller: str, *, is_consult: bool = False, answers: bool = False
    ) -> Action:
        """Ring the device; when it answers the leg itself fetches the channel `caller`, even if we are away by then.

        For a caller who is to be called only then it waits for that. With `answers` the phone shall answer by itself.
        """
        variables = [
            f"ACD_CALLER={caller}",
            f"ACD_AGENT={quote(offer.agent)}",
            f"ACD_OFFER={offer.offer.number}",
            "CHANNEL(hangup_handler_push)=acd-phone-gone\\,s\\,1",
        ]
        if is_consult:
            variables.append(f"ACD_PATIENCE={PATIENCE_S}")
        if answers:
            variables += ANSWER_BY_ITSELF
        if offer.confirm and not offer.callback:
            variables.append(f"ACD_CONFIRM={offer.ring_ms // 1000 + 1}")
        return {
            "Action": "Originate",
            "ActionID": leg,
            "ChannelId": leg,
            **self._channel_of(offer.device, leg),
            "Context": _context_of(offer),
            "Exten": "s",
            "Priority": "1",
            "Async": "true",
            "Timeout": str(offer.ring_ms + DIAL_RESERVE_MS),
            "CallerID": caller_id(offer.caller_name, offer.caller_number),
            "Variable": tuple(variables),
        }

    def _channel_of(self, device: str, leg: str) -> dict[str, str]:
        """With another codec than the line outside one Local channel of 15 loses a phone's sound, too."""
        channel = channel_of(device, leg)
        return {**channel, "Codecs": self._codec} if "OtherChannelId" in channel else channel

    def dial_number(self, leg: str, shown: str, ring_ms: int, facts: Mapping[str, str]) -> Action:
        """Dial a number outside; when it answers it plays the caller to whom `facts` belong.

        With another codec than the line outside Asterisk 22 loses what isn't a phone's sound: music, conferences.
        """
        return {
            "Action": "Originate",
            "ActionID": leg,
            "ChannelId": leg,
            "Channel": "Local/s@acd-dial/n",
            "OtherChannelId": f"far-{leg}",  # see `channel_of`
            "Codecs": self._codec,
            "Context": "acd-reached",
            "Exten": "s",
            "Priority": "1",
            "Async": "true",
            "Timeout": str(ring_ms),
            **({"CallerID": caller_id("", shown)} if shown else {}),
            "Variable": tuple(f"ACD_FOR_{name}={quote(value)}" for name, value in facts.items()),
        }

    def send_digits(self, channel: str, digits: str) -> Action:
        """Let the channel hear touch tones. From a channel of their own: AMI's own action would hold up all others."""
        self._legs += 1
        return {
            "Action": "Originate",
            "ChannelId": f"acdt-{self._run}-{self._legs:08x}",
            "Channel": "Local/s@acd-digits/n",
            "Application": "Wait",
            "Data": "60",
            "Async": "true",
            "Variable": (f"ACD_HEARER={channel}", f"ACD_DIGITS={digits}"),
            "ActionID": f"{self._run}/digits/{channel}",
        }

    def move(self, verb: str, call: CallId, *places: tuple[str, str, str]) -> Action:
        """Move one channel, or two at once: channel, context, extension."""
        action = {"Action": "Redirect", "ActionID": f"{self._run}/{verb}/{call}"}
        for extra, (channel, context, extension) in zip(("", "Extra"), places, strict=False):
            at = {"Channel": channel, "Context": context, "Exten": extension, "Priority": "1"}
            action |= {f"{extra}{key}": value for key, value in at.items()}
        return action

    def hang_up(self, channel: str) -> Action:
        """End a channel, a caller's or a leg's."""
        return {"Action": "Hangup", "Channel": channel, "ActionID": f"{self._run}/hangup/{channel}"}

    def set_variable(self, channel: str, name: str, value: str) -> Action:
        """Set a variable of that channel; a global one if it is ''."""
        place = {"Channel": channel} if channel else {}
        return {"Action": "Setvar", **place, "Variable": name, "Value": value, "ActionID": f"{self._run}/setvar/{name}"}

    def mark_stale(self, caller: str, leg: str) -> Action:
        """From now that leg can't connect with that caller."""
        return self.set_variable(caller, f"ACD_STALE_{leg}", "1")

    def play(self, channel: str, prompt: str, then_number: str = "") -> list[Action]:
        """Let the waiting caller hear a sound file, then a place in the line if there is one, then the music again."""
        return [
            self.set_variable(channel, "ACD_PROMPT", prompt),
            self.set_variable(channel, "ACD_POSITION", then_number),
            self._send_to(channel, "acd-prompt", PLAY),
        ]

    def send_elsewhere(self, channel: str, to: Destination) -> list[Action]:
        """Let the caller leave the line for `to`, if the dialplan has such a place."""
        return [
            self.set_variable(channel, "ACD_TO", to.name),
            self.set_variable(channel, "ACD_TO_KIND", to.kind),
            self._send_to(channel, "acd-elsewhere", SEND),
        ]

    def send_nowhere(self, channel: str) -> Action:
        """Take `send_elsewhere` back."""
        return self.set_variable(channel, "ACD_TO_KIND", "")

    def send_back(self, channel: str, home: str = DIALPLAN_CONTEXT) -> Action:
        """Let the caller go on in the line."""
        return self._send_to(channel, home, AGAIN)

    def refuse(self, channel: str, cause: str) -> list[Action]:
        """Let the call go on after us."""
        return [self.set_variable(channel, "ACD_REFUSED", cause), self._send_to(channel, "acd-refused", "refuse")]

    def _send_to(self, channel: str, context: str, verb: str, extension: str = "s") -> Action:
        return {
            "Action": "Redirect",
            "Channel": channel,
            "Context": context,
            "Exten": extension,
            "Priority": "1",
            "ActionID": f"{self._run}/{verb}/{channel}",
        }

    def survey(self) -> Action:
        """Tell of every channel there is."""
        return {"Action": "Status", "Variables": ",".join(SURVEY_VARIABLES), "ActionID": f"{self._run}/status/"}

    def list_devices(self) -> Action:
        """Tell of every device whose state is known."""
        return {"Action": "DeviceStateList", "ActionID": f"{self._run}/{DEVICES}/"}

    def ask_device(self, device: str) -> Action:
        """How is this one now?"""
        variable = f"DEVICE_STATE({device})"
        return {"Action": "Getvar", "Variable": variable, "ActionID": f"{self._run}/{DEVICE}/{device}"}

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

    def dial_supervisor(self, leg: str, spied: str, caller: str, order: StartMonitor) -> Action:
        """Ring the supervisor's device; when it answers it spies on the leg `spied` by itself."""
        return {
            "Action": "Originate",
            "ActionID": leg,
            "ChannelId": leg,
            **self._channel_of(order.device, leg),
            "Context": "acd-monitor",
            "Exten": order.mode,
            "Priority": "1",
            "Async": "true",
            "Timeout": str(order.ring_ms),
            "CallerID": caller_id(order.mode, ""),
            "Variable": (
                f"ACD_CALLER={caller}",
                f"ACD_SPIED={spied}",
                "CHANNEL(hangup_handler_push)=acd-phone-gone\\,s\\,1",
            ),
        }

    def spy(self, leg: str, mode: MonitorMode) -> Action:
        """From now the supervisor's phone takes part in this way."""
        return self._send_to(leg, "acd-monitor", SPY, mode)

    def take(self, channel: str, leg: str) -> list[Action]:
        """Let the caller leave whom it talks with for the supervisor's phone, which waits."""
        return [
            self.set_variable(leg, "ACD_CALLER", channel),
            self.set_variable(channel, "ACD_TALK", leg),
            self._send_to(channel, "acd-join", TAKE),
        ]

    def record(self, channel: str, path: str) -> Action:
        """The caller is to be recorded from the next moment in which its channel joins a talk."""
        return self.set_variable(channel, "ACD_RECORD", path)

    def join_anew(self, channel: str) -> Action:
        """Let the caller leave the talk and join it again at once, for the recorder to begin."""
        return self._send_to(channel, "acd-record", RECORD)

    def stop_recorder(self, channel: str, recorder: str) -> list[Action]:
        """End the recorder, if there is one, and let none begin."""
        stop = {"Action": "StopMixMonitor", "Channel": channel, "MixMonitorID": recorder}
        names = ("ACD_RECORD", "ACD_RECORDER")
        return [
            *(self.set_variable(channel, name, "") for name in names),
            *([{**stop, "ActionID": f"{self._run}/{STOP}/{channel}"}] if recorder else []),
        ]


def _context_of(offer: OfferCall) -> str:
    """What the phone does when it answers; who dials needn't press a key for it."""
    if offer.callback:
        return "acd-consult"
    return "acd-confirm" if offer.confirm else "acd-fetch"


def channel_of(device: str, leg: str) -> dict[str, str]:
    """What to dial for a device of the settings.

    A number goes through the dialplan, by a Local channel that isn't optimized away. The id of its far half must not
    begin with the leg's: `Bridge` could take the one for the other, and the survey would count both.
    """
    kind, _, number = device.partition(":")
    channel = f"Local/{number}@acd-outside-own/n" if kind == "number" else device
    far = {"OtherChannelId": f"far-{leg}"} if channel.upper().startswith("LOCAL/") else {}
    return {"Channel": channel, **far}


def caller_id(name: str, caller_number: str) -> str:
    """`"name" <number>`; signs that would end the name or the number early are left out."""
    return f'"{_plain(name)}" <{_plain(caller_number)}>'


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign not in '"<>\\')
