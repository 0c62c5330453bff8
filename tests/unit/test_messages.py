"""Messages: values with slots, equal when their fields are."""

import inspect
from dataclasses import fields, is_dataclass

import pytest

from acd import commands, events, notices
from acd.events import CallArrived, CallerLeft, OfferAccepted
from acd.ids import OfferId
from acd.messages import message

MESSAGES = [*events.Event.__args__, *commands.Command.__args__, *notices.Notice.__args__]


def test_messages_are_equal_by_value() -> None:
    """So they can be compared, counted and used as keys."""
    assert CallerLeft("c1") == CallerLeft("c1") != CallerLeft("c2")
    assert {CallerLeft("c1"): 1}[CallerLeft("c1")] == 1
    assert OfferAccepted(OfferId("c1", 1)) == OfferAccepted(OfferId("c1", 1)) != OfferAccepted(OfferId("c1", 2))


def test_messages_of_different_kinds_are_never_equal() -> None:
    @message
    class Other:
        call: str

    assert Other("c1") != CallerLeft("c1")


def test_a_message_has_no_room_for_what_it_does_not_name() -> None:
    """A misspelt field is an error, not a new attribute."""
    with pytest.raises(AttributeError):
        CallArrived("c1", "100").teir = 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_every_event_command_and_notice_is_a_message(kind: type) -> None:
    """A dataclass with slots and a hash."""
    assert is_dataclass(kind)
    assert hasattr(kind, "__slots__")
    assert kind.__hash__ is not None
    assert {field.name for field in fields(kind)} <= set(kind.__slots__)


@pytest.mark.parametrize("module", [events, commands, notices], ids=lambda module: module.__name__)
def test_every_message_of_a_module_is_in_its_union(module: object) -> None:
    """What is defined is also handled: nothing is left out of Event, Command or Notice."""
    defined = {
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if is_dataclass(kind) and kind.__module__ == module.__name__
    }
    assert defined <= set(MESSAGES)


def test_the_call_of_an_offer_is_told_by_its_id() -> None:
    offer = commands.OfferCall(OfferId("c1", 2), "ann", "PJSIP/ann", "desk", "100", "", "", 0, 15_000)
    assert offer.call == "c1"
