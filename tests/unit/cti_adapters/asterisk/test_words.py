"""AMI's words to facts."""

import pytest

from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.ami import MANY, Message
from acd.cti_adapters.asterisk.words import Reader, failure, needs_of, number
from acd.events import CallArrived, MonitorMode, OfferFailure
from acd.ids import AgentId, CallId, GroupId, Instant, SkillId
from acd.rules import Destination, DestinationKind

READ = Reader("run1", "token1")


def user_event(name: str, **headers: str) -> Message:
    return {"Event": "UserEvent", "UserEvent": name, "Token": "token1", **headers}


def test_an_announcement_is_an_arrival_with_all_its_facts() -> None:
    """Free text comes encoded."""
    facts = {"Call": "1.1", "Entry": "8001", "Number": "%2B86", "Name": "%E5%BC%A0%2C", "Group": "sales", "Tier": "2",
             "Credit": "60", "Needs": "en%3A3%2Czz%3A99%2C%3A", "Since": "1700000000000", "Round": "0"}  # fmt: skip
    needs = ((SkillId("en"), 3),)
    since = Instant(1_700_000_000_000)
    arrival = CallArrived(CallId("1.1"), "8001", "+86", "张,", GroupId("sales"), needs, 2, 60_000, since)
    assert READ.fact(user_event("ACDWait", **facts)) == words.Announced(arrival, again=False)
    again = {**facts, "Round": "3"}
    assert READ.fact(user_event("ACDWait", **again)) == words.Announced(arrival, again=True)
    first = {**facts, "Round": ""}
    assert READ.fact(user_event("ACDWait", **first)) == words.Announced(arrival, again=False)


@pytest.mark.parametrize(("text", "wait_ms"), [("60", 60_000), ("0", 0), ("", 30_000), ("soon", 0)])
def test_a_personal_agent_is_waited_for_as_long_as_the_dialplan_says(text: str, wait_ms: int) -> None:
    """Or for half a minute if it doesn't say."""
    fact = READ.fact(user_event("ACDWait", Call="1.1", Agent="an%40a", AgentWait=text))
    assert fact == words.Announced(CallArrived(CallId("1.1"), "", agent=AgentId("an@a"), agent_wait_ms=wait_ms), False)


def test_without_a_personal_agent_there_is_none() -> None:
    """Not one with an empty name."""
    fact = READ.fact(user_event("ACDWait", Call="1.1", Agent="", AgentWait=""))
    assert fact == words.Announced(CallArrived(CallId("1.1"), ""), again=False)


def test_line_breaks_in_an_encoded_name_do_not_reach_the_core() -> None:
    """They would travel on to logs and clients."""
    fact = READ.fact(user_event("ACDWait", Call="1.1", Name="a%0D%0Ab"))
    assert isinstance(fact, words.Announced)
    assert fact.arrival.caller_name == "ab"


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        (user_event("ACDGone", Call="1.1"), words.CallerGone(CallId("1.1"))),
        (user_event("ACDTalk", Leg="acd-run1-1", Call="1.1"), words.Talking("acd-run1-1", CallId("1.1"))),
        (user_event("ACDAfter", Call="1.1"), words.AfterTalk(CallId("1.1"))),
        (user_event("ACDElsewhere", Call="1.1"), words.Elsewhere(CallId("1.1"))),
        (user_event("ACDStay", Call="1.1"), words.Stays(CallId("1.1"))),
        (user_event("ACDPhone", Leg="L", Cause="44"), words.PhoneGone("L", 44)),
        ({"Event": "HangupRequest", "Uniqueid": "acd-run1-7", "Cause": "16"}, words.HangsUp("acd-run1-7")),
        (user_event("ACDMonitor", Leg="L", Mode="whisper"), words.Watching("L", MonitorMode.WHISPER)),
        (
            user_event("ACDRecord", Call="1.1", Path="%2fvar%2fa%20b.wav", Recorder="0x1", There="1"),
            words.Recorded(CallId("1.1"), "0x1", "/var/a b.wav", is_written=True),
        ),
        (
            user_event("ACDRecord", Call="1.1", Path="", Recorder="", There="0"),
            words.Recorded(CallId("1.1"), "", "", is_written=False),
        ),
        (
            {"Event": "OriginateResponse", "ActionID": "acd-run1-7", "Response": "Failure", "Reason": "3"},
            words.Dialled("acd-run1-7", answered=False, timed_out=True),
        ),
        (
            {"Response": "Error", "ActionID": "acd-run1-7", "Message": "no"},
            words.Answer("originate", "acd-run1-7", ok=False, text="no"),
        ),
        (
            {"Response": "Error", "ActionID": "run1/hangup/1.1", "Message": "No such channel"},
            words.Answer("hangup", "1.1", ok=False, text="No such channel"),
        ),
        ({"Event": "StatusComplete", "ActionID": "run1/status/"}, words.SurveyOver()),
        (user_event("ACDPhone", Leg="L", Cause="16", Unconfirmed="21"), words.PhoneGone("L", 16, unconfirmed=True)),
        (
            {"Event": "OriginateResponse", "ActionID": "acd-run1-7", "Response": "Failure", "Reason": "5"},
            words.Dialled("acd-run1-7", answered=False, timed_out=False, busy=True),
        ),
        (
            {"Event": "DeviceStateChange", "Device": "PJSIP/1001", "State": "INUSE"},
            words.DeviceChanged("PJSIP/1001", "INUSE"),
        ),
        (
            {"Event": "DeviceStateChange", "Device": "PJSIP/1001", "State": "INUSE", "ActionID": "run2/devices/"},
            words.DeviceChanged("PJSIP/1001", "INUSE"),
        ),
        (
            {"Event": "DeviceStateChange", "Device": "PJSIP/1001", "State": "INUSE", "ActionID": "run1/devices/"},
            words.DeviceIs("PJSIP/1001", "INUSE"),
        ),
        (
            {"Response": "Success", "ActionID": "run1/device/PJSIP/1001", "Value": "NOT_INUSE"},
            words.DeviceIs("PJSIP/1001", "NOT_INUSE"),
        ),
        (
            {"Response": "Error", "ActionID": "run1/device/PJSIP/1001", "Message": "no"},
            words.Answer("device", "PJSIP/1001", ok=False, text="no"),
        ),
    ],
)
def test_each_word(message: Message, fact: words.Fact) -> None:
    """The table."""
    assert READ.fact(message) == fact


@pytest.mark.parametrize(
    "message",
    [
        {**user_event("ACDGone", Call="1.1"), "Token": "token2"},
        {"Event": "UserEvent", "UserEvent": "ACDGone", "Call": "1.1"},
        user_event("SomebodyElses", Call="1.1"),
        {"Event": "OriginateResponse", "ActionID": "acd-run2-7", "Response": "Failure"},
        {"Event": "OriginateResponse", "ActionID": "run1/digits/1.1", "Response": "Failure"},
        {"Event": "StatusComplete", "ActionID": "run2/status/"},
        {"Event": "StatusComplete"},
        {"Response": "Success", "ActionID": "7"},
        {},
    ],
)
def test_what_is_forged_or_not_for_us_says_nothing(message: Message) -> None:
    """Without the token, without a name of this run."""
    assert READ.fact(message) is None


def status(channel: str, **variables: str) -> Message:
    pairs = {name: variables.get(short, "(null)") for name, short in words.SURVEY_VARIABLES.items()}
    return {
        "Event": "Status", "ActionID": "run1/status/", "Uniqueid": channel, "Context": "acd-wait", "BridgeID": "",
        "CallerIDNum": "138", "CallerIDName": "<unknown>",
        "Variable": MANY.join(f"{name}={value}" for name, value in pairs.items()),
    }  # fmt: skip


def test_a_survey_tells_callers_from_legs_and_from_what_is_not_ours() -> None:
    """By the call id in the channel's variables and by the channel's name."""
    caller = READ.fact(status("1.1", Call="1.1", Entry="8001", Since="5"))
    assert isinstance(caller, words.Surveyed)
    assert caller.arrival == CallArrived(CallId("1.1"), "8001", "138", waiting_since=Instant(5))
    leg = READ.fact(status("acd-old-1", Caller="1.1"))
    assert leg == words.Surveyed("acd-old-1", "acd-wait", CallId("1.1"), False, "", None)
    left = READ.fact(status("1.1", Call="1.1", Elsewhere="1", Agent="ana", AgentWait="5"))
    assert isinstance(left, words.Surveyed)
    assert left.elsewhere
    assert left.arrival == CallArrived(CallId("1.1"), "", "138", agent=AgentId("ana"), agent_wait_ms=5_000)
    named = READ.fact({**status("acd-old-1", Caller="1.1"), "Channel": "PJSIP/a-1-0000000f"})
    assert isinstance(named, words.Surveyed)
    assert named.device == "PJSIP/a-1"
    assert READ.fact(status("far-acd-old-1", Caller="1.1")) is None
    assert READ.fact(status("1.2")) is None
    assert READ.fact(status("1.2", Call="1.1")) is None


def test_a_survey_tells_whose_a_leg_is_and_which_talk_a_caller_has() -> None:
    """By what a new life must know; a leg that consults carries the consult's name."""
    leg = READ.fact(status("acd-old-1", Caller="1.1", Offer="7", Agent="%E5%BC%A0%20a", Call="1.1-2"))
    assert isinstance(leg, words.Surveyed)
    assert (leg.call, leg.offer, leg.agent, leg.consult) == ("1.1", 7, "张 a", "1.1-2")
    caller = READ.fact(status("1.1", Call="1.1", Talk="acd-old-1", TalkOffer="7", TalkSince="1763760000123"))
    assert isinstance(caller, words.Surveyed)
    assert (caller.talk, caller.talk_offer, caller.talk_since) == ("acd-old-1", 7, 1763760000123)
    assert (caller.agent, caller.consult) == ("", None)


def test_a_leg_of_an_earlier_life_is_believed_when_it_is_known() -> None:
    read = Reader("run1", "token1")
    over = {"Event": "OriginateResponse", "ActionID": "acd-run0-7", "Response": "Failure", "Reason": "3"}
    assert read.fact(over) is None
    read.adopted = frozenset({"acd-run0-7"})
    assert read.fact(over) == words.Dialled("acd-run0-7", answered=False, timed_out=True)
    assert read.fact({**over, "ActionID": "acd-run0-8"}) is None


@pytest.mark.parametrize(
    ("text", "value"), [("", 0), ("7", 7), ("-2", -2), ("x", 0), ("--1", 0), ("²", 0), ("9" * 30, 0)]
)
def test_a_slip_in_a_number_is_none(text: str, value: int) -> None:
    """A call must not be lost by it."""
    assert number(text) == value


def test_needs_that_are_malformed_are_left_out() -> None:
    """The others count."""
    assert needs_of("a:1, b:10,c:11,d:0,e,:3,f:x") == ((SkillId("a"), 1), (SkillId("b"), 10))


ANSWERED, NO, TIMED_OUT = (words.Dialled("L", a, t) for a, t in ((True, False), (False, False), (False, True)))


@pytest.mark.parametrize(
    ("dialled", "cause", "why"),
    [
        (NO, 17, OfferFailure.BUSY),
        (NO, 21, OfferFailure.REJECTED),
        (NO, 19, OfferFailure.UNREACHABLE),
        (NO, 1, OfferFailure.UNREACHABLE),
        (NO, 34, OfferFailure.UNREACHABLE),
        (NO, None, OfferFailure.UNREACHABLE),
        (None, None, OfferFailure.UNREACHABLE),
        (TIMED_OUT, 19, OfferFailure.UNANSWERED),
        (ANSWERED, 16, OfferFailure.REJECTED),
    ],
)
def test_why_an_offer_failed(dialled: words.Dialled | None, cause: int | None, why: OfferFailure) -> None:
    """486, 603, 480, 404, 503, no channel at all, nothing known, Asterisk's own limit, put down at once."""
    gone = None if cause is None else words.PhoneGone("L", cause)
    assert failure(dialled, gone) is why


def test_a_phone_that_was_not_confirmed_was_not_answered() -> None:
    """Whoever picked it up; and a busy tone is as good as a cause."""
    assert failure(ANSWERED, words.PhoneGone("L", 16, unconfirmed=True)) is OfferFailure.UNANSWERED
    assert failure(NO, words.PhoneGone("L", 21, unconfirmed=True)) is OfferFailure.REJECTED
    assert failure(words.Dialled("L", False, False, busy=True), words.PhoneGone("L", 0)) is OfferFailure.BUSY


NUMBER, BOX = DestinationKind.NUMBER, DestinationKind.VOICEMAIL


@pytest.mark.parametrize(
    ("to", "is_place"),
    [
        (Destination(NUMBER, "+86*10#"), True),
        (Destination(NUMBER, ""), False),
        (Destination(NUMBER, "10,1"), False),
        (Destination(NUMBER, "${X}"), False),
        (Destination(NUMBER, "1\n"), False),
        (Destination(BOX, "sales-1.x/y"), True),
        (Destination(BOX, "1@other"), False),
        (Destination(DestinationKind.HANG_UP), True),
        (Destination(DestinationKind.GROUP, "sales"), False),
    ],
)
def test_what_could_mean_something_to_the_dialplan_is_no_place(to: Destination, is_place: bool) -> None:
    """Nor what isn't outside."""
    assert words.is_place(to) is is_place


@pytest.mark.parametrize(
    ("to", "says"),
    [
        (Destination(NUMBER, "110"), ["110", "[acd-outside-own]", "${EXTEN}"]),
        (Destination(BOX, "7"), ["mailbox 7", "acd-voicemail-own", "voicemail.conf"]),
        (Destination(DestinationKind.GROUP, "sales"), ["group:sales"]),
    ],
)
def test_what_is_amiss_is_said_with_what_to_add(to: Destination, says: list[str]) -> None:
    """For who reads the log."""
    why = words.no_such_place(to)
    assert [part for part in says if part not in why] == []
