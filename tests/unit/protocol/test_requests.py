"""What clients may ask: every request is read, every bad frame is explained, nobody speaks for another."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd import events as ev
from acd.protocol import FRAME_BYTES_MAX, call_control, requests
from acd.protocol.requests import BadRequest, agent_event, parse, supervisor_event
from acd.rules import Destination, DestinationKind

EXAMPLES: dict[type[Any], dict[str, Any]] = {
    requests.LogIn: {
        "type": "log_in",
        "id": 1,
        "version": 1,
        "user": "张伟",
        "password": "x",
        "take_over": True,
        "quiet": False,
    },
    requests.Ping: {"type": "ping", "id": 1},
    requests.Ready: {"type": "ready", "id": 0},
    requests.NotReady: {"type": "not_ready", "id": 2**53 - 1, "reason": "午餐"},
    requests.Release: {"type": "release", "id": 1},
    requests.LogOut: {"type": "log_out", "id": 1},
    requests.ForceReady: {"type": "force_ready", "id": 1, "agent": "ann"},
    requests.ForceNotReady: {"type": "force_not_ready", "id": 1, "agent": "ann"},
    requests.ForceLogOut: {"type": "force_log_out", "id": 1, "agent": "ann", "release": True},
    requests.ForceRelease: {"type": "force_release", "id": 1, "agent": "ann"},
    requests.SetTier: {"type": "set_tier", "id": 1, "call": "pbx-1", "tier": 3},
    requests.MoveCall: {"type": "move_call", "id": 1, "call": "pbx-1", "group": "desk"},
    requests.Reload: {"type": "reload", "id": 1, "dry_run": True},
    requests.Change: {"type": "change", "id": 1, "patch": {"groups": [{"id": "desk", "ring_s": 9}]}, "dry_run": True},
    requests.Why: {"type": "why", "id": 1, "call": "pbx-1", "agent": None},
    call_control.AnswerCall: {"type": "answer", "id": 1},
    call_control.Hold: {"type": "hold", "id": 1},
    call_control.Retrieve: {"type": "retrieve", "id": 1},
    call_control.Consult: {"type": "consult", "id": 1, "to": "agent:bob"},
    call_control.Reconnect: {"type": "reconnect", "id": 1},
    call_control.Conference: {"type": "conference", "id": 1},
    call_control.Transfer: {"type": "transfer", "id": 1, "to": "voicemail:sales/8001"},
    call_control.Dial: {"type": "dial", "id": 1, "number": "+86571", "group": "desk"},
    call_control.SendDigits: {"type": "digits", "id": 1, "digits": "19*#AD"},
    call_control.Record: {"type": "record", "id": 1, "word": "pause"},
    call_control.Monitor: {"type": "monitor", "id": 1, "agent": "ann", "mode": "whisper"},
    call_control.EndMonitor: {"type": "end_monitor", "id": 1},
    requests.Directory: {"type": "directory", "id": 1, "search": "李"},
}
NO_EVENT = {requests.LogIn, requests.Ping, requests.Reload, requests.Change, requests.Why, requests.Directory}
MEANINGS = {
    requests.Ready: ev.ReadyAsked("ann"),
    requests.NotReady: ev.NotReadyAsked("ann", "午餐"),
    requests.Release: ev.ReleaseAsked("ann"),
    requests.LogOut: ev.LogOutAsked("ann"),
    requests.ForceReady: ev.ForcedReady("ann", "sue"),
    requests.ForceNotReady: ev.ForcedNotReady("ann", "sue"),
    requests.ForceLogOut: ev.ForcedLogOut("ann", "sue", True),
    requests.ForceRelease: ev.ForcedRelease("ann", "sue"),
    requests.SetTier: ev.ForcedTier("pbx-1", 3, "sue"),
    requests.MoveCall: ev.ForcedMove("pbx-1", "desk", "sue"),
    call_control.AnswerCall: ev.AnswerAsked("ann"),
    call_control.Hold: ev.HoldAsked("ann"),
    call_control.Retrieve: ev.RetrieveAsked("ann"),
    call_control.Consult: ev.ConsultAsked("ann", Destination(DestinationKind.AGENT, "bob")),
    call_control.Reconnect: ev.ReconnectAsked("ann"),
    call_control.Conference: ev.ConferenceAsked("ann"),
    call_control.Transfer: ev.TransferAsked("ann", Destination(DestinationKind.VOICEMAIL, "sales/8001")),
    call_control.Dial: ev.DialAsked("ann", "+86571", "desk"),
    call_control.SendDigits: ev.DigitsAsked("ann", "19*#AD"),
    call_control.Record: ev.RecordingAsked("ann", ev.RecordingWord.PAUSE),
    call_control.Monitor: ev.MonitorAsked("ann", ev.MonitorMode.WHISPER, "sue"),
    call_control.EndMonitor: ev.MonitorEndAsked("sue"),
}


OPTIONAL = {requests.Why: {"call", "agent"}, call_control.Transfer: {"to"}, call_control.Dial: {"group"}}


def test_there_is_an_example_of_every_request_and_a_meaning_to_all_that_reach_the_core() -> None:
    assert set(EXAMPLES) == set(requests.Request.__args__)
    assert set(MEANINGS) == set(EXAMPLES) - NO_EVENT


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_request_is_read_whole_and_written_the_same(kind: type[Any]) -> None:
    request = parse(json.dumps(EXAMPLES[kind], ensure_ascii=False))
    assert type(request) is kind
    assert json.loads(request.model_dump_json()) == EXAMPLES[kind]


@pytest.mark.parametrize("kind", MEANINGS)
def test_every_request_means_one_event_of_the_core(kind: type[Any]) -> None:
    """The agent and the supervisor are who is logged in; the request can't name another."""
    request = parse(json.dumps(EXAMPLES[kind]))
    if isinstance(request, requests.AgentRequest):
        assert agent_event(request, "ann") == MEANINGS[kind]
    else:
        assert supervisor_event(request, "sue") == MEANINGS[kind]


def test_what_may_be_left_out_is_the_careful_choice() -> None:
    assert parse('{"type":"log_in","id":1,"version":1,"user":"a","password":"b"}').take_over is False
    assert parse('{"type":"log_in","id":1,"version":1,"user":"a","password":"b"}').quiet is False
    assert parse('{"type":"force_log_out","id":1,"agent":"a"}').release is False


def test_a_dry_run_must_be_asked_for() -> None:
    assert parse('{"type":"reload","id":1}').dry_run is False
    assert parse('{"type":"change","id":1,"patch":{}}').dry_run is False


@pytest.mark.parametrize("both", [{}, {"call": "c", "agent": "a"}, {"call": None}])
def test_why_is_asked_of_a_call_or_of_an_agent(both: dict[str, Any]) -> None:
    assert complaint({"type": "why", "id": 1, **both}) == "needs either call or agent"


def test_a_tier_is_one_that_the_configuration_knows() -> None:
    asked = EXAMPLES[requests.SetTier]
    for wrong in (-1, 1001):
        assert complaint(asked | {"tier": wrong}).startswith("tier: Input should be ")


def test_a_log_in_is_never_shown_with_its_password() -> None:
    assert "hunter2" not in repr(parse('{"type":"log_in","id":1,"version":1,"user":"a","password":"hunter2"}'))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_no_field_may_be_missing_wrong_or_too_many(kind: type[Any]) -> None:
    example = EXAMPLES[kind]
    optional = {"take_over", "quiet", "release", "dry_run", "search"} | OPTIONAL.get(kind, set())
    for field in example.keys() - optional - {"type"}:
        assert f"{field}: is missing" in complaint({key: example[key] for key in example if key != field})
    for field in example.keys() - {"type"}:
        assert f"{field}: Input should be" in complaint(example | {field: ["x"]})
    assert complaint(example | {"by": "sue"}) == "by: there is no such field in this request"


def complaint(message: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        parse(message if isinstance(message, str | bytes) else json.dumps(message))
    return str(caught.value)


def test_the_id_is_told_whenever_it_can_be_read() -> None:
    """So that the client knows which of its requests is meant."""
    for frame, number in {
        '{"type":"dance","id":3}': 3,
        '{"type":"not_ready","id":4}': 4,
        '{"id":5}': 5,
        '{"type":"ready","id":"6"}': None,
        '{"type":"ready","id":true}': None,
        '{"type":"ready","id":-1}': None,
        "[]": None,
        "{": None,
    }.items():
        with pytest.raises(BadRequest) as caught:
            parse(frame)
        assert caught.value.request_id == number


def test_the_last_of_two_equal_keys_does_not_smuggle_a_type() -> None:
    """What is checked is what is done."""
    request = parse('{"type":"force_ready","type":"ready","id":1}')
    assert isinstance(request, requests.Ready)


@given(st.text(max_size=50) | st.binary(max_size=20))
def test_any_frame_is_a_request_or_a_bad_one(frame: str | bytes) -> None:
    with pytest.raises(BadRequest):
        parse(frame)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*EXAMPLES.values()]), st.sampled_from(["id", "agent", "reason", "type", "x"]), JSON)
def test_any_value_in_any_field_is_a_request_or_a_bad_one(example: dict[str, Any], field: str, value: Any) -> None:
    with suppress(BadRequest):
        assert type(parse(json.dumps(example | {field: value}))) in EXAMPLES


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"ready","id":1,"%s":1}' % ("k" * 60_000),
        '{"type":"%s","id":1}' % ("k" * 60_000),
        '{"type":"not_ready","id":1,"reason":"%s"}' % ("k" * 60_000),
        json.dumps({"type": "ready", "id": 1} | {f"k{n}": n for n in range(5_000)}),
        json.dumps([["x" * 100] * 500]),
        "x" * FRAME_BYTES_MAX,
    ],
)
def test_a_complaint_is_short_however_long_the_frame(frame: str) -> None:
    assert len(complaint(frame)) < 1_000
