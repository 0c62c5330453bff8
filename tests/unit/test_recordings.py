"""Recording: by which rule it begins, what the agent may ask, and what the PBX may tell of it."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.calls import Outcome, RecordingState
from acd.notices import RecordingChanged, RefusalCode
from acd.rules import RecordingRule, Rules
from tests.conversation import (
    NOTHING,
    TALKING,
    Conversation,
    answered,
    arrives,
    centre,
    consults,
    group,
    over,
    phone_left,
    ready,
    refuses,
    talking,
    talks,
    transfers,
)

START, PAUSE, RESUME, STOP = ev.RecordingWord
ON, PAUSED, OFF = RecordingState
NONE, ALL, SHARE, ON_DEMAND = RecordingRule
PATH = "/var/spool/c1.wav"


def rules(rule: RecordingRule, next_rule: RecordingRule = NONE, *, percent: int = 10) -> Rules:
    desk = replace(group("desk", wrap_up_ms=0), recording=rule, recording_percent=percent)
    return centre(desk, replace(group("tech", tech=1), recording=next_rule), agents={"ann": {}, "ben": {"tech": 1}})


def record(word: ev.RecordingWord, agent: str = "ann", in_group: str = "desk") -> cmd.Record:
    return cmd.Record("c1", word, in_group, agent)  # type: ignore[arg-type]


def changed(state: RecordingState, path: str = PATH, why: str = "", agent: str | None = "ann") -> RecordingChanged:
    return RecordingChanged("c1", agent, state, path, why)  # type: ignore[arg-type]


def recorded(rule: RecordingRule = ALL, next_rule: RecordingRule = NONE, *others: str) -> Conversation:
    """ann talks with c1, recorded in PATH."""
    talk = talking(rules(rule, next_rule), *others)
    if rule is not ALL:
        talk << ev.RecordingAsked("ann", START)
    return talk << ev.RecordingStarted("c1", PATH)


def asks(word: ev.RecordingWord, agent: str = "ann") -> ev.RecordingAsked:
    return ev.RecordingAsked(agent, word)  # type: ignore[arg-type]


# --- the rule -------------------------------------------------------------------------------------------------------


def test_all_is_recorded_from_when_caller_and_agent_talk() -> None:
    talk = Conversation(rules(ALL)) << ready("ann") << arrives("c1")
    assert record(START) not in talk.heard
    talk << answered("c1")
    assert talk.heard[0] == talks("c1", "ann")
    assert talk.heard[-1] == record(START)
    talk << ev.RecordingStarted("c1", PATH) >> changed(ON)
    talk << ev.CallerLeft("c1")
    assert over("c1", Outcome.RELEASED_BY_CALLER, recording=PATH) in talk.heard


@pytest.mark.parametrize("rule", [NONE, ON_DEMAND])
def test_nothing_is_recorded_by_itself_otherwise(rule: RecordingRule) -> None:
    talk = Conversation(rules(rule)) << [*ready("ann"), arrives("c1"), answered("c1")]
    assert not any(isinstance(each, cmd.Record) for each in talk.heard)


@pytest.mark.parametrize(("percent", "share"), [(0, 0), (100, 400), (30, 120)])
def test_so_many_of_a_hundred_are_drawn_by_lot(percent: int, share: int) -> None:
    """Of 400 calls; and with the same seed the same ones again."""
    drawn = [_drawn(percent), _drawn(percent)]
    assert drawn[0] == drawn[1]
    assert abs(len(drawn[0]) - share) <= (30 if 0 < percent < 100 else 0)


def _drawn(percent: int) -> list[str]:
    talk, drawn = Conversation(rules(SHARE, percent=percent)) << ready("ann"), []
    for n in range(400):
        talk << [arrives(f"c{n}"), answered(f"c{n}")]
        drawn += [each.call for each in talk.heard if isinstance(each, cmd.Record)]
        talk << ev.CallerLeft(f"c{n}")
    return drawn


# --- the agent's word -----------------------------------------------------------------------------------------------


def test_on_demand_the_agent_starts_pauses_resumes_and_stops_it() -> None:
    talk = talking(rules(ON_DEMAND))
    talk << asks(START) >> record(START)
    talk << ev.RecordingStarted("c1", PATH) >> changed(ON)
    talk << asks(PAUSE) >> (record(PAUSE), changed(PAUSED))
    talk << asks(RESUME) >> (record(RESUME), changed(ON))
    talk << asks(STOP) >> (record(STOP), changed(OFF))


def test_by_share_it_may_be_started_when_it_is_not_recorded() -> None:
    talk = talking(rules(SHARE, percent=0))
    talk << asks(START) >> record(START)
    talk << asks(STOP)
    assert talk.heard[0] == record(STOP)


def test_all_cannot_be_stopped_but_paused() -> None:
    talk = recorded(ALL)
    talk << asks(STOP) >> refuses("ann", RefusalCode.NOT_NOW)
    talk << asks(PAUSE) >> (record(PAUSE), changed(PAUSED))


@pytest.mark.parametrize("word", ev.RecordingWord)
def test_where_nothing_is_recorded_nothing_can_be_asked(word: ev.RecordingWord) -> None:
    talking(rules(NONE)) << asks(word) >> refuses("ann", RefusalCode.NOT_NOW)


@pytest.mark.parametrize(
    ("before", "possible"), [((), {START}), ((START,), {PAUSE, STOP}), ((START, PAUSE), {RESUME, STOP})]
)
def test_each_word_is_for_its_state(before: tuple[ev.RecordingWord, ...], possible: set[ev.RecordingWord]) -> None:
    for word in ev.RecordingWord:
        talk = talking(rules(ON_DEMAND)) << [asks(each) for each in before]
        talk << asks(word)
        assert (talk.heard == [refuses("ann", RefusalCode.NOT_NOW)]) is (word not in possible)


def test_it_may_be_asked_in_every_stage() -> None:
    talk = recorded(ALL, NONE, "ben") << [consults("ann", "agent:ben"), answered("c1+1"), ev.ConferenceAsked("ann")]
    talk << asks(PAUSE) >> (record(PAUSE), changed(PAUSED))


def test_the_party_of_a_consult_has_no_word_in_it() -> None:
    talk = recorded(ALL, NONE, "ben") << [consults("ann", "agent:ben"), answered("c1+1")]
    talk << asks(PAUSE, "ben") >> refuses("ben", RefusalCode.NOT_NOW)


# --- from talk to talk ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("next_rule", RecordingRule)
def test_a_pause_ends_with_the_agents_talk_whatever_the_next_groups_rule(next_rule: RecordingRule) -> None:
    talk = recorded(ALL, next_rule, "ben") << asks(PAUSE) << transfers("ann", "group:tech") << answered("c1", 2)
    assert talk.heard[-2:] == [record(RESUME, "ben", "tech"), changed(ON, agent="ben")]


def test_after_a_transfer_by_consult_too() -> None:
    talk = recorded(ALL, NONE, "ben") << asks(PAUSE)
    talk << [consults("ann", "group:tech"), answered("c1+1")] << transfers("ann")
    assert record(RESUME, "ben", "tech") in talk.heard


def test_the_file_stays_with_the_call_whoever_talks() -> None:
    talk = recorded(ALL, ALL, "ben") << transfers("ann", "group:tech") << answered("c1", 2)
    assert not any(isinstance(each, cmd.Record) for each in talk.heard)
    talk << ev.CallerLeft("c1")
    assert over("c1", Outcome.RELEASED_BY_CALLER, recording=PATH) in talk.heard


def test_what_was_not_recorded_is_from_the_talk_in_a_group_that_records_all() -> None:
    talk = talking(rules(NONE, ALL), "ben") << transfers("ann", "group:tech") << answered("c1", 2)
    assert talk.heard[-1] == record(START, "ben", "tech")


def test_what_was_stopped_stays_so_where_it_is_on_demand() -> None:
    talk = recorded(ON_DEMAND, ON_DEMAND, "ben") << asks(STOP) << transfers("ann", "group:tech") << answered("c1", 2)
    assert not any(isinstance(each, cmd.Record) for each in talk.heard)


def test_a_share_is_drawn_once_a_call() -> None:
    talk = talking(rules(SHARE, percent=0), "ben")
    talk.reload(rules(SHARE, percent=100)) << phone_left("c1", lost=True) << ready("ann")
    talk << answered("c1", 2)
    assert talk.state("ann") is TALKING or talk.state("ben") is TALKING
    assert not any(isinstance(each, cmd.Record) for each in talk.heard)


# --- the PBX --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "failing", "then"),
    [
        ((), START, OFF),
        ((START,), PAUSE, ON),
        ((START, PAUSE), RESUME, PAUSED),
        ((START,), STOP, ON),
        ((START, PAUSE), STOP, PAUSED),
    ],
)
def test_a_word_that_fails_is_taken_back_and_says_why(
    words: tuple[ev.RecordingWord, ...], failing: ev.RecordingWord, then: RecordingState
) -> None:
    talk = talking(rules(ON_DEMAND)) << [asks(each) for each in words]
    talk << ([ev.RecordingStarted("c1", PATH)] if words else []) << asks(failing)
    path = PATH if words else ""
    talk << ev.RecordingFailed("c1", "disk full") >> changed(then, path, "disk full")
    talk << ev.RecordingFailed("c1", "disk full") >> NOTHING


def test_a_failure_that_nobody_caused_changes_nothing() -> None:
    talk = Conversation(rules(ALL)) << arrives("c1")
    talk << ev.RecordingFailed("c1", "disk full") >> NOTHING
    recorded(ALL) << ev.RecordingFailed("c1", "disk full") >> NOTHING
    talk << ev.RecordingFailed("never", "disk full") >> NOTHING
    talk << ev.RecordingStarted("never", PATH) >> NOTHING


def test_a_start_that_nobody_heard_of_is_asked_again_when_the_pbx_is_found() -> None:
    talk = talking(rules(ALL)) << ev.PbxLost("gone") << ev.PbxFound()
    assert record(START) in talk.heard
    talk = recorded(ALL) << ev.PbxLost("gone") << ev.PbxFound()
    assert record(START) not in talk.heard


def test_without_the_pbx_nothing_is_asked_of_a_recording() -> None:
    recorded(ALL) << ev.PbxLost("gone") << asks(PAUSE) >> refuses("ann", RefusalCode.NOT_NOW)
