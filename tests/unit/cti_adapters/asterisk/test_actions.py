"""Our wishes as actions."""

from dataclasses import replace

import pytest

from acd.commands import OfferCall
from acd.cti_adapters.asterisk.actions import Writer, caller_id, channel_of
from acd.ids import AgentId, CallId, GroupId, OfferId
from acd.rules import Destination, DestinationKind
from tests.unit.cti_adapters.asterisk.conversation import offer_call


def test_no_leg_is_named_twice() -> None:
    """Nor as one of another run."""
    one, two = Writer("run1"), Writer("run2")
    legs = [write.next_leg() for write in (one, one, two, two)]
    assert len(set(legs)) == len(legs)
    assert [one.is_own(leg) for leg in legs] == [True, True, False, False]


def test_no_legs_name_begins_with_that_of_another() -> None:
    """Asterisk takes such a one for the same."""
    write = Writer("run1")
    legs = [write.next_leg() for _ in range(300)]
    assert not [(one, two) for one in legs for two in legs if one != two and two.startswith(one)]


def test_dial_names_the_leg_and_what_it_needs_to_fetch_the_caller() -> None:
    """Ends later than the core's own limit; free text can't set a second variable."""
    offer = OfferId(CallId("1.1"), 2)
    command = OfferCall(offer, AgentId("a,B=1"), "PJSIP/1001", GroupId("g"), "8001", "138", "张三", 0, 20_000)
    action = Writer("run1").dial("acd-run1-1", command, "1.1")
    assert (action["ActionID"], action["ChannelId"]) == ("acd-run1-1", "acd-run1-1")
    assert (action["Async"], action["Timeout"]) == ("true", "25000")
    assert action["CallerID"] == '"张三" <138>'
    assert action["Variable"] == (
        "ACD_CALLER=1.1",
        "ACD_AGENT=a%2CB%3D1",
        "ACD_OFFER=2",
        "CHANNEL(hangup_handler_push)=acd-phone-gone\\,s\\,1",
    )


def test_a_number_is_dialled_through_the_dialplan_and_its_far_half_is_no_leg() -> None:
    """Bridge takes the first channel whose id begins with what it is given; the survey counts all of our prefix."""
    assert channel_of("PJSIP/1001", "acd-run1-1") == {"Channel": "PJSIP/1001"}
    far = {"OtherChannelId": "far-acd-run1-1"}
    assert channel_of("number:+86#", "acd-run1-1") == {"Channel": "Local/+86#@acd-outside-own/n", **far}
    assert channel_of("local/1@x", "acd-run1-1") == {"Channel": "local/1@x", **far}


@pytest.mark.parametrize(("device", "codecs"), [("number:110", "alaw"), ("Local/1@x", "alaw"), ("PJSIP/1001", None)])
def test_a_phone_at_a_number_has_the_lines_codec(device: str, codecs: str | None) -> None:
    """Its Local channel: with another one some calls are without sound."""
    offer = offer_call(OfferId(CallId("1.1"), 2))
    assert Writer("run1", "alaw").dial("acd-run1-1", replace(offer, device=device), "1.1").get("Codecs") == codecs


def test_a_phone_to_be_confirmed_is_sent_to_the_question_with_its_ring_time() -> None:
    """The daemon may be away when it is over."""
    offer_id = OfferId(CallId("1.1"), 1)
    offer = OfferCall(offer_id, AgentId("a"), "number:1", GroupId("g"), "8001", "138", "", 0, 20_000, confirm=True)
    action = Writer("run1").dial("acd-run1-1", offer, "1.1")
    assert action["Context"] == "acd-confirm"
    assert "ACD_CONFIRM=21" in action["Variable"]
    assert "ACD_CONFIRM" not in str(Writer("run1").dial("acd-run1-1", replace(offer, confirm=False), "1.1"))


def test_the_questions_after_devices() -> None:
    write = Writer("run1")
    assert write.list_devices() == {"Action": "DeviceStateList", "ActionID": "run1/devices/"}
    asked = write.ask_device("PJSIP/1001")
    assert (asked["Variable"], asked["ActionID"]) == ("DEVICE_STATE(PJSIP/1001)", "run1/device/PJSIP/1001")


def test_a_caller_is_sent_elsewhere_by_two_variables_and_a_move() -> None:
    """In this order: the dialplan reads them when the caller has come."""
    to = Destination(DestinationKind.NUMBER, "110")
    where, kind, move = Writer("run1").send_elsewhere(CallId("1.1"), to)
    assert (where["Variable"], where["Value"], where["Channel"]) == ("ACD_TO", "110", "1.1")
    assert (kind["Variable"], kind["Value"], kind["Channel"]) == ("ACD_TO_KIND", "number", "1.1")
    assert (move["Context"], move["ActionID"]) == ("acd-elsewhere", "run1/send/1.1")


def test_a_name_cannot_break_out_of_its_quotes() -> None:
    """Nor the number out of its brackets."""
    assert caller_id('a" <911>', "1><2") == '"a 911" <12>'
