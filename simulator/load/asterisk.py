"""A simulated Asterisk with config/asterisk's dialplan: actions in, words and answers out. Pure.

It speaks to the production adapter as a real one does, header by header: callers wait, phones are rung by `Originate`,
the answered phone fetches its caller, talks end from either side, what is hung up is gone, and a survey lists it all.
Arranged talks (hold, consult, conference), supervisors' phones, recordings and numbers outside aren't simulated:
such an action is answered with an error, and counted in `not_simulated`.

Whoever plays callers and phones is told of what happens by `People`, and acts by the methods below `the world's side`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from acd.cti_adapters.asterisk.actions import DIALPLAN_CONTEXT, DIALPLAN_VERSION
from simulator.load import ami_words as ami
from simulator.load.ami_words import NO_SUCH_CHANNEL, first
from simulator.load.channels import TRUNK, Caller, Leg, Place, state_of
from simulator.load.timers import Timers

AFTER_S, ROUND_S, JOIN_S, PROMPT_S, REFUSED_S = 5.0, 30.0, 0.1, 2.0, 5.0
"""How long a caller stays after a talk, between two words of waiting, before it joins again, at a prompt, with the
congestion tone."""
ANSWERED, UNANSWERED, FAILED = 4, 3, 0
"""OriginateResponse's reasons."""
NORMAL, BUSY, NO_ANSWER, CANCELLED = 16, 17, 19, 0
"""Hangup causes, as our dialplan tells them of a phone."""
Say = Callable[[bytes], None]
Action = dict[str, list[str]]


class People(Protocol):
    """Callers and agents' phones."""

    def rings(self, leg: Leg) -> None:
        """That phone has just been asked to ring."""

    def talks(self, leg: Leg, caller: Caller) -> None:
        """That phone has its caller."""

    def waits_again(self, caller: Caller) -> None:
        """The caller is back in the line."""

    def caller_gone(self, caller: Caller) -> None:
        """The call is over."""

    def phone_gone(self, leg: Leg) -> None:
        """The phone is on its hook again."""

    def surveyed(self) -> None:
        """Somebody has logged in, given us the token and asked for all channels: what is said from now is heard."""


class Asterisk:
    """All channels and devices. `now` is a clock in seconds, the same as that of `timers`."""

    def __init__(
        self,
        people: People,
        timers: Timers,
        now: Callable[[], float],
        epoch_s: float,
        devices: Iterable[str],
        secret: str,
    ) -> None:
        self._people, self._timers, self._now = people, timers, now
        self._epoch_s, self._began = epoch_s, now()
        self._secret = secret
        self._listeners: dict[Say, None] = {}
        """Who has logged in."""
        self._token = ""
        self._channels = 0
        self.callers: dict[str, Caller] = {}
        self.legs: dict[str, Leg] = {}
        self._on: dict[str, set[Leg]] = {device: set() for device in devices}
        self._told: dict[str, str] = dict.fromkeys(self._on, "NOT_INUSE")
        self._trunk = "NOT_INUSE"
        self.not_simulated: dict[str, int] = {}
        """What was asked for and isn't simulated, how often."""
        self.refused = 0
        """Log-ins with another secret."""
        self._obeys: dict[str, Callable[[Action, Say, str], None]] = {
            "Login": self._log_in,
            "Setvar": self._set_variable,
            "Getvar": self._get_variable,
            "ShowDialPlan": self._show_dialplan,
            "DeviceStateList": self._list_devices,
            "Status": self._survey,
            "Ping": self._ping,
            "Originate": self._originate,
            "Hangup": self._hang_up,
            "Redirect": self._redirect,
        }

    # --- the manager interface ----------------------------------------------------------------------------------------

    def obey(self, action: Action, say: Say) -> None:
        """Do as an action asks; what there is to answer is given to `say`, what happens to all who have logged in."""
        name, action_id = first(action, "Action"), first(action, "ActionID")
        if name != "Login" and say not in self._listeners:
            say(ami.answer(action_id, "Permission denied", ok=False))
            return
        obey = self._obeys.get(name)
        if obey is None:
            self._cannot(name, action_id, say)
        else:
            obey(action, say, action_id)

    def forget(self, say: Say) -> None:
        """That connection is gone."""
        self._listeners.pop(say, None)

    def _cannot(self, what: str, action_id: str, say: Say) -> None:
        self.not_simulated[what] = self.not_simulated.get(what, 0) + 1
        say(ami.answer(action_id, f"{what} isn't simulated", ok=False))

    def _log_in(self, action: Action, say: Say, action_id: str) -> None:
        is_right = first(action, "Secret") == self._secret
        say(ami.answer(action_id, "Authentication accepted" if is_right else "Authentication failed", ok=is_right))
        if is_right:
            self._listeners[say] = None
        else:
            self.refused += 1

    def _set_variable(self, action: Action, say: Say, action_id: str) -> None:
        name, value, channel = (first(action, key) for key in ("Variable", "Value", "Channel"))
        at = self.callers.get(channel) or self.legs.get(channel)
        if channel and at is None:
            say(ami.answer(action_id, NO_SUCH_CHANNEL, ok=False))
            return
        if at is not None:
            at.variables[name] = value
        elif name == "ACD_TOKEN":
            self._token = value
        say(ami.answer(action_id, "Variable Set"))

    def _get_variable(self, action: Action, say: Say, action_id: str) -> None:
        name = first(action, "Variable")
        device = name.removeprefix("DEVICE_STATE(").removesuffix(")")
        value = self._told.get(device, "INVALID") if device != name else ""
        say(ami.message([("Response", "Success"), ("ActionID", action_id), ("Variable", name), ("Value", value)]))

    def _show_dialplan(self, action: Action, say: Say, action_id: str) -> None:
        if (first(action, "Context"), first(action, "Extension")) != (DIALPLAN_CONTEXT, DIALPLAN_VERSION):
            say(ami.answer(action_id, "Did not find extension", ok=False))
            return
        say(ami.list_begins(action_id, "DialPlan list will follow"))
        place = {"Context": DIALPLAN_CONTEXT, "Extension": DIALPLAN_VERSION, "Priority": "1", "Application": "Return"}
        row = {"Event": "ListDialplan", "ActionID": action_id, **place, "AppData": "", "Registrar": "pbx_config"}
        say(ami.message(row.items()))
        counts = [("ListExtensions", 1), ("ListPriorities", 1), ("ListContexts", 1)]
        say(ami.list_ends("ShowDialPlanComplete", action_id, 1, counts))

    def _list_devices(self, _action: Action, say: Say, action_id: str) -> None:
        say(ami.list_begins(action_id, "Device State Changes will follow"))
        for device, state in ((TRUNK, self._trunk), *self._told.items()):
            say(ami.device_state(device, state, action_id))
        say(ami.list_ends("DeviceStateListComplete", action_id, len(self._told) + 1))

    def _survey(self, action: Action, say: Say, action_id: str) -> None:
        say(ami.list_begins(action_id, "Channel status will follow"))
        asked = [name for name in first(action, "Variables").split(",") if name]
        for caller in self.callers.values():
            bridge = f"of-{caller.id}" if caller.talk else ""
            say(ami.status(action_id, caller.headers(), bridge, caller.surveyed(), asked))
        for leg in self.legs.values():
            bridge = f"of-{leg.talks_with.id}" if leg.talks_with else ""
            say(ami.status(action_id, leg.headers(leg.place), bridge, leg.variables, asked))
        items = len(self.callers) + len(self.legs)
        say(ami.list_ends("StatusComplete", action_id, items, [("Items", items)]))
        self._people.surveyed()

    def _ping(self, _action: Action, say: Say, action_id: str) -> None:
        more = [("Ping", "Pong"), ("Timestamp", f"{self._wall_s():.6f}")]
        say(ami.message([("Response", "Success"), ("ActionID", action_id), *more]))

    def _originate(self, action: Action, say: Say, action_id: str) -> None:
        device, context = first(action, "Channel"), first(action, "Context")
        if device not in self._on or context != "acd-fetch":
            self._cannot(f"Originate of {device} in {context}", action_id, say)
            return
        values = ami.variables(action)
        number = first(action, "CallerID").rpartition("<")[2].removesuffix(">")
        name = self._new_channel(device)
        leg = Leg(first(action, "ChannelId"), device, name, values.get("ACD_CALLER", ""), number, values, context)
        self.legs[leg.id] = leg
        self._on[device].add(leg)
        say(ami.answer(action_id, "Originate successfully queued"))
        self._tell_device(device)
        rings_until = self._now() + int(first(action, "Timeout", "30000")) / 1000
        self._timers.at(rings_until, lambda: self._rang_in_vain(leg))
        self._people.rings(leg)

    def _hang_up(self, action: Action, say: Say, action_id: str) -> None:
        channel = first(action, "Channel")
        caller, leg = self.callers.get(channel), self.legs.get(channel)
        found = caller is not None or leg is not None
        say(ami.answer(action_id, "Channel Hungup" if found else NO_SUCH_CHANNEL, ok=found))
        if caller is not None:
            self.hang_up_caller(caller)
        elif leg is not None and leg.is_up:
            self._phone_leaves(leg)
        elif leg is not None:
            self._not_connected(leg, CANCELLED, FAILED)

    def _redirect(self, action: Action, say: Say, action_id: str) -> None:
        caller = self.callers.get(first(action, "Channel"))
        if caller is None:
            say(ami.answer(action_id, "Channel does not exist", ok=False))
            return
        context = first(action, "Context")
        move = {
            "acd-wait": self._goes_back,
            "acd-join": self._joins_again,
            "acd-prompt": self._hears_prompt,
            "acd-refused": self._is_refused,
        }
        if context not in move or "ExtraChannel" in action:
            self._cannot(f"Redirect to {context}", action_id, say)
            return
        say(ami.answer(action_id, "Redirect successful"))
        self._leave_talk(caller)
        move[context](caller)

    # --- the dialplan -------------------------------------------------------------------------------------------------

    def _waits(self, caller: Caller) -> None:
        """The caller says so, now and every 30 s."""
        self._word("ACDWait", caller.headers(), {
            "Call": caller.id, "Entry": caller.entry, "Number": caller.number, "Group": "", "Tier": "", "Credit": "",
            "Needs": "", "Agent": "", "AgentWait": "", "Since": caller.since_ms, "Round": caller.round or "",
        }, last=[("Name", "")])  # fmt: skip
        caller.round += 1
        self._while_there(caller, ROUND_S, self._waits)

    def _goes_back(self, caller: Caller) -> None:
        self._moved(caller, Place.WAITING)
        self._people.waits_again(caller)
        self._waits(caller)

    def _joins_again(self, caller: Caller) -> None:
        """The caller looks for the phone of its last talk, which is gone: so it goes back to the line."""
        self._moved(caller, Place.TALKING)
        self._while_there(caller, JOIN_S, self._finds_nobody)

    def _finds_nobody(self, caller: Caller) -> None:
        self._word("ACDTalk", caller.headers(), {"Leg": caller.last_leg, "Call": caller.id})
        self._goes_back(caller)

    def _hears_prompt(self, caller: Caller) -> None:
        self._moved(caller, Place.WAITING)
        self._while_there(caller, PROMPT_S, self._waits)

    def _is_refused(self, caller: Caller) -> None:
        self._moved(caller, Place.LEAVING)
        self._while_there(caller, REFUSED_S, self.hang_up_caller)

    def _moved(self, caller: Caller, place: Place) -> None:
        caller.place = place
        caller.stays += 1

    def _while_there(self, caller: Caller, after_s: float, do: Callable[[Caller], None]) -> None:
        """Do that after a time, if the caller is where it is now all the while."""
        stay = caller.stays

        def look() -> None:
            if caller.stays == stay and caller.id in self.callers:
                do(caller)

        self._timers.at(self._now() + after_s, look)

    def _fetches(self, leg: Leg) -> None:
        """The answered phone claims its caller, if it may."""
        caller = self.callers.get(leg.caller)
        if caller is None or caller.talk is not None or f"ACD_STALE_{leg.id}" in caller.variables:
            self._phone_ends(leg, NORMAL)
            return
        self._moved(caller, Place.TALKING)
        caller.talk, leg.talks_with, caller.last_leg = leg, caller, leg.id
        caller.variables["ACD_TALK_SINCE"] = str(self._wall_ms())
        self._word("ACDTalk", caller.headers(), {"Leg": leg.id, "Call": caller.id})
        caller.has_talked = True
        self._people.talks(leg, caller)

    def _leave_talk(self, caller: Caller) -> None:
        """The caller is moved out of its talk: the phone has nobody any more, and ends."""
        if caller.talk is not None:
            leg, caller.talk = caller.talk, None
            leg.talks_with = None
            self._phone_ends(leg, NORMAL)

    def _phone_ends(self, leg: Leg, cause: int) -> None:
        del self.legs[leg.id]
        self._on[leg.device].discard(leg)
        facts = {"Leg": leg.id, "Cause": cause, "Unconfirmed": ""}
        self._word("ACDPhone", leg.headers(), facts)
        self._people.phone_gone(leg)

    def _not_connected(self, leg: Leg, cause: int, reason: int) -> None:
        self._phone_ends(leg, cause)
        response = ami.originate_response(leg.id, leg.device, leg.context, leg.number, ok=False, reason=reason)
        self._tell_all(response)
        self._tell_device(leg.device)

    def _rang_in_vain(self, leg: Leg) -> None:
        if leg.id in self.legs and not leg.is_up:
            self._not_connected(leg, NO_ANSWER, UNANSWERED)

    # --- the world's side ---------------------------------------------------------------------------------------------

    def arrive(self, entry: str, number: str) -> Caller:
        """Somebody has dialled `entry`, and waits from now."""
        name = self._new_channel(TRUNK)
        unique_id = f"{int(self._epoch_s)}.{self._channels}"
        caller = self.callers[unique_id] = Caller(unique_id, name, number, entry, self._wall_ms())
        self._waits(caller)
        self._tell_trunk()
        return caller

    def answer(self, leg: Leg) -> None:
        """Somebody takes the phone off its hook; nothing happens if it rings no more."""
        if leg.id not in self.legs or leg.is_up:
            return
        leg.is_up = True
        self._tell_device(leg.device)
        response = ami.originate_response(leg.id, leg.name, leg.context, leg.number, ok=True, reason=ANSWERED)
        self._tell_all(response)
        self._fetches(leg)
        if leg.id not in self.legs:
            self._tell_device(leg.device)

    def reject(self, leg: Leg) -> None:
        """The phone says that it is busy."""
        if leg.id in self.legs and not leg.is_up:
            self._tell_all(ami.hangup_request(leg.headers(leg.place), BUSY))
            self._not_connected(leg, BUSY, FAILED)

    def hang_up_phone(self, leg: Leg) -> None:
        """The phone of a talk is put down; its caller stays, for Switchyard to decide."""
        self._tell_all(ami.hangup_request(leg.headers(leg.place), NORMAL))
        self._phone_leaves(leg)

    def _phone_leaves(self, leg: Leg) -> None:
        caller = leg.talks_with
        if caller is not None:
            caller.talk = None
            self._moved(caller, Place.AFTER)
            self._word("ACDAfter", caller.headers(), {"Call": caller.id})
            self._while_there(caller, AFTER_S, self.hang_up_caller)
        self._phone_ends(leg, NORMAL)
        self._tell_device(leg.device)

    def hang_up_caller(self, caller: Caller) -> None:
        """The call is over, wherever it is; nothing happens if it is over already."""
        if self.callers.pop(caller.id, None) is None:
            return
        caller.stays += 1
        self._word("ACDGone", caller.headers(is_gone=True), {"Call": caller.id})
        leg, caller.talk = caller.talk, None
        if leg is not None:
            self._phone_ends(leg, NORMAL)
        self._tell_trunk()
        if leg is not None:
            self._tell_device(leg.device)
        self._people.caller_gone(caller)

    # --- words --------------------------------------------------------------------------------------------------------

    def _new_channel(self, device: str) -> str:
        self._channels += 1
        return f"{device}-{self._channels - 1:08x}"

    def _word(self, name: str, at: ami.Headers, facts: dict[str, object], last: ami.Headers = ()) -> None:
        self._tell_all(ami.user_event(name, at, facts, self._token, last))

    def _tell_device(self, device: str) -> None:
        state = state_of(self._on[device])
        if state != self._told[device]:
            self._told[device] = state
            self._tell_all(ami.device_state(device, state))

    def _tell_trunk(self) -> None:
        state = "INUSE" if self.callers else "NOT_INUSE"
        if state != self._trunk:
            self._trunk = state
            self._tell_all(ami.device_state(TRUNK, state))

    def _tell_all(self, words: bytes) -> None:
        for say in self._listeners:
            say(words)

    def _wall_s(self) -> float:
        return self._epoch_s + self._now() - self._began

    def _wall_ms(self) -> int:
        return int(self._wall_s() * 1000)
