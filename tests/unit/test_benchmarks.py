"""The benchmarks of the core run, so that what figures.md quotes can be measured again."""

import pytest

from benchmarks import ami_events, ami_replay, crowds, memory, sim_calls, sim_models


def test_every_step_before_a_small_crowd_makes_an_offer() -> None:
    figures = crowds.figures(calls=2_000, agents=1_000, steps=20, runs=1)
    assert len(figures) == 8
    assert all(took > 0 for took in figures.values())


def test_agents_and_waiting_calls_weigh_something() -> None:
    figures = memory.figures(agents=50, calls=50)
    assert min(figures.values()) > 300


@pytest.mark.parametrize("who", ami_replay.LISTENERS)
def test_a_replayed_call_is_heard_to_its_last_word_by_every_listener(who: str) -> None:
    """And by the daemon it is routed, rung and answered, though its leg has another name now."""
    word = b"Event: UserEvent\r\nUserEvent: %b\r\nCall: 1.1\r\n%bToken: 0123456789abcdef\r\n\r\n"
    leg = b"Leg: acd-0123456789ab-00000007\r\n"
    arrives = b"Entry: 8001\r\nNumber: 1\r\nName:\r\nSince: 1763760000000\r\n"
    noise = b"Event: Newexten\r\nExten: 1\r\n\r\n"
    spoken = word % (b"ACDWait", arrives) + noise + word % (b"ACDTalk", leg) + word % (b"ACDGone", b"")
    talk = b"UserEvent: ACDTalk\r\n" + leg + b"Call: 1.1\r\n"
    spoken = spoken.replace(b"UserEvent: ACDTalk\r\nCall: 1.1\r\n" + leg, talk)
    recording = ami_events.Recording(1, "0123456789abcdef", "0123456789ab", {"rights": spoken})
    with ami_replay.playing(spoken, recording) as port:
        told = ami_replay.heard_by(who, port)
    assert told["clock_s"] > 0
    assert told.get("connected", 1) == 1
    assert told.get("heard", 5) in (4, 5), "the last word counts, and the noise where it is wanted"
    assert recording.per_call() == {"rights": 4.0}


def test_every_simulator_simulates_the_queue_that_all_are_to_simulate() -> None:
    """By four days each: those that don't raise an error."""
    plan = sim_calls.Plan(rounds=4, days=1, processes=1)
    told = sim_calls.figures(plan, seed=1)
    assert told["calls_per_s"].keys() == {"ours", "simpy", "ciw", "ours_all_cores"}
    assert min(told["calls_per_s"].values()) > 0


def test_a_model_of_another_queue_is_no_rival(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_models, "AGENTS", 11)
    turns = [sim_models.SimPy(seed, 24) for seed in range(6)]
    for each in turns:
        each.run()
    with pytest.raises(AssertionError, match="simpy simulates something else: abandonment is"):
        sim_calls.check("simpy", [each.counted() for each in turns])
