"""The simulated Asterisk: what it says to actions, and to what people do. tests/asterisk compares it with a real."""

from __future__ import annotations

import pytest

from acd.cti_adapters.asterisk.ami import Framer, Message
from simulator.load.ami_words import ActionReader
from simulator.load.asterisk import AFTER_S, ROUND_S, Asterisk
from simulator.load.channels import Caller, Leg
from simulator.load.timers import Timers

DEVICE = "PJSIP/1001"


class Stage:
    """Asterisk, a clock that the test moves, and one who has logged in."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers = Timers()
        self.said = bytearray()
        self.seen: list[tuple[str, object]] = []
        self.pbx = Asterisk(self, self.timers, lambda: self.now, 1_700_000_000.0, [DEVICE], "secret")
        self.say = self.said.extend
        self.does(Action="Login", Username="u", Secret="secret")
        self.does(Action="Setvar", Variable="ACD_TOKEN", Value="token")
        self.heard()

    def does(self, variables: tuple[str, ...] = (), **headers: str) -> None:
        action = {key: [value] for key, value in {"ActionID": "id", **headers}.items()}
        self.pbx.obey({**action, "Variable": list(variables)} if variables else action, self.say)

    def dials(self, caller: Caller) -> Leg:
        self.does(
            (f"ACD_CALLER={caller.id}", "ACD_AGENT=1001", "ACD_OFFER=1"), Action="Originate", ChannelId="acd-1",
            Channel=DEVICE, Context="acd-fetch", Timeout="20000", CallerID='"" <138>',
        )  # fmt: skip
        return self.pbx.legs["acd-1"]

    def heard(self) -> list[Message]:
        """What was said since the last time."""
        messages = Framer(None).feed(bytes(self.said))
        self.said.clear()
        return messages

    def names(self) -> list[str]:
        return [
            each.get("UserEvent") or each.get("State") or each.get("Event") or each["Message"] for each in self.heard()
        ]

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.timers.run(self.now)

    def rings(self, leg: Leg) -> None:
        self.seen.append(("rings", leg))

    def talks(self, leg: Leg, caller: Caller) -> None:
        self.seen.append(("talks", caller))

    def waits_again(self, caller: Caller) -> None:
        self.seen.append(("waits again", caller))

    def caller_gone(self, caller: Caller) -> None:
        self.seen.append(("caller gone", caller))

    def phone_gone(self, leg: Leg) -> None:
        self.seen.append(("phone gone", leg))

    def surveyed(self) -> None:
        self.seen.append(("surveyed", None))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def talking(stage: Stage) -> tuple[Caller, Leg]:
    caller = stage.pbx.arrive("8001", "138")
    leg = stage.dials(caller)
    stage.pbx.answer(leg)
    stage.heard()
    return caller, leg


def test_a_call_is_rung_answered_and_ended_by_the_agent(stage: Stage) -> None:
    caller = stage.pbx.arrive("8001", "138")
    leg = stage.dials(caller)
    stage.pbx.answer(leg)
    begin = ["ACDWait", "INUSE", "Originate successfully queued", "RINGING", "INUSE", "OriginateResponse", "ACDTalk"]
    assert stage.names() == begin
    stage.pbx.hang_up_phone(leg)
    assert stage.names() == ["HangupRequest", "ACDAfter", "ACDPhone", "NOT_INUSE"]
    stage.does(Action="Hangup", Channel=caller.id)
    assert stage.names() == ["Channel Hungup", "ACDGone", "NOT_INUSE"]
    assert [what for what, _ in stage.seen] == ["rings", "talks", "phone gone", "caller gone"]


def test_the_callers_end_ends_the_phone_too(stage: Stage) -> None:
    caller, _ = talking(stage)
    stage.pbx.hang_up_caller(caller)
    stage.pbx.hang_up_caller(caller)
    assert stage.names() == ["ACDGone", "ACDPhone", "NOT_INUSE", "NOT_INUSE"]
    assert not stage.pbx.callers
    assert not stage.pbx.legs


def test_a_waiting_caller_says_so_every_half_minute(stage: Stage) -> None:
    stage.pbx.arrive("8001", "138")
    stage.after(ROUND_S)
    stage.after(ROUND_S)
    assert [each["Round"] for each in stage.heard() if each.get("UserEvent") == "ACDWait"] == ["", "1", "2"]


def test_a_caller_who_has_a_talk_says_no_more_that_it_waits(stage: Stage) -> None:
    talking(stage)
    stage.after(ROUND_S)
    assert stage.names() == []


def test_nobody_decides_about_a_caller_after_a_talk_and_the_call_ends(stage: Stage) -> None:
    _, leg = talking(stage)
    stage.pbx.hang_up_phone(leg)
    stage.heard()
    stage.after(AFTER_S)
    assert stage.names() == ["ACDGone", "NOT_INUSE"]


def test_a_withdrawn_phone_that_answers_gets_no_caller(stage: Stage) -> None:
    caller = stage.pbx.arrive("8001", "138")
    leg = stage.dials(caller)
    stage.does(Action="Setvar", Channel=caller.id, Variable=f"ACD_STALE_{leg.id}", Value="1")
    stage.heard()
    stage.pbx.answer(leg)
    assert stage.names() == ["INUSE", "OriginateResponse", "ACDPhone", "NOT_INUSE"]


def test_a_phone_that_nobody_takes_rings_so_long_as_was_asked_for(stage: Stage) -> None:
    stage.dials(stage.pbx.arrive("8001", "138"))
    stage.heard()
    stage.after(20)
    gone, response, _ = stage.heard()
    assert (gone["UserEvent"], response["Reason"], response["Response"]) == ("ACDPhone", "3", "Failure")


def test_a_caller_put_back_into_the_line_says_so_and_its_phone_ends(stage: Stage) -> None:
    caller, _ = talking(stage)
    stage.does(Action="Redirect", Channel=caller.id, Context="acd-wait", Exten="s")
    assert stage.names() == ["Redirect successful", "ACDPhone", "ACDWait"]


def test_a_caller_who_is_to_join_a_phone_that_is_gone_goes_back_to_the_line(stage: Stage) -> None:
    caller, leg = talking(stage)
    stage.pbx.hang_up_phone(leg)
    stage.does(Action="Redirect", Channel=caller.id, Context="acd-join", Exten="s")
    stage.heard()
    stage.after(0.1)
    assert stage.names() == ["ACDTalk", "ACDWait"]


def test_a_refused_caller_hears_the_tone_and_is_gone(stage: Stage) -> None:
    caller = stage.pbx.arrive("8001", "138")
    stage.does(Action="Redirect", Channel=caller.id, Context="acd-refused", Exten="s")
    stage.heard()
    stage.after(5)
    assert stage.names() == ["ACDGone", "NOT_INUSE"]


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Action": "Hangup", "Channel": "nobody"}, "No such channel"),
        ({"Action": "Setvar", "Channel": "nobody", "Variable": "a", "Value": "b"}, "No such channel"),
        ({"Action": "Redirect", "Channel": "nobody", "Context": "acd-wait"}, "Channel does not exist"),
        ({"Action": "ShowDialPlan", "Context": "acd-wait", "Extension": "version-1"}, "Did not find extension"),
        ({"Action": "QueueAdd"}, "QueueAdd isn't simulated"),
    ],
)
def test_what_cant_be_done_is_an_error(stage: Stage, headers: dict[str, str], text: str) -> None:
    stage.does(**headers)
    [answer] = stage.heard()
    assert (answer["Response"], answer["Message"], answer["ActionID"]) == ("Error", text, "id")


def test_what_isnt_simulated_is_counted(stage: Stage) -> None:
    caller, _ = talking(stage)
    stage.does(Action="Redirect", Channel=caller.id, Context="acd-hold", Exten="held")
    assert stage.pbx.not_simulated == {"Redirect to acd-hold": 1}


def test_a_stranger_may_do_nothing_and_hears_nothing(stage: Stage) -> None:
    strange = bytearray()
    stage.pbx.obey({"Action": ["Login"], "Secret": ["wrong"], "ActionID": ["1"]}, strange.extend)
    stage.pbx.obey({"Action": ["Status"], "ActionID": ["2"]}, strange.extend)
    stage.pbx.arrive("8001", "138")
    told = [each["Message"] for each in Framer(None).feed(bytes(strange))]
    assert told == ["Authentication failed", "Permission denied"]
    assert stage.pbx.refused == 1, "the run is ended, with the advice to serve the same secret"


def test_who_has_gone_is_told_no_more(stage: Stage) -> None:
    stage.pbx.forget(stage.say)
    stage.pbx.arrive("8001", "138")
    assert stage.heard() == []


def test_actions_are_read_across_chunks_and_with_repeated_headers() -> None:
    text = b"Action: Originate\r\nVariable: A=1\r\nVariable: B=x: y\r\n\r\nAction: Ping\r\n\r\n"
    reader = ActionReader()
    actions = [action for at in range(0, len(text), 7) for action in reader.feed(text[at : at + 7])]
    assert actions == [{"Action": ["Originate"], "Variable": ["A=1", "B=x: y"]}, {"Action": ["Ping"]}]
