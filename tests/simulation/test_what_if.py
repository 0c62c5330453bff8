"""What if: by hand for five calls, and against simulated days that really had the other rules."""

from dataclasses import replace

import pytest

from acd import events as ev
from acd.ids import OfferId
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from acd.skills import normalized
from simulator.whatif import what_if
from tests.simulation.centres import ENTRY, LIVELY, TALKATIVE, WINDING, lively_rules, winding_rules
from tests.simulation.journals import write_day, write_steps

HOURS = 4


def skilled(rules, **more):
    """The rules with these levels besides, by agent."""
    agents = {
        agent: replace(record, skills=normalized(dict(record.skills) | more.get(agent, {})))
        for agent, record in rules.agents.items()
    }
    return replace(rules, agents=agents)


# --- five calls by hand -----------------------------------------------------------------------------------------------

FIVE_RULES = Rules(
    groups={"desk": SkillGroup("desk", needs=normalized({"x": 1}), ring_ms=15_000, wrap_up_ms=10_000)},
    entries={ENTRY: EntryPoint(ENTRY, "desk")},
    agents={
        "ann": AgentRecord("ann", "P/1", skills=normalized({"x": 1})),
        "bob": AgentRecord("bob", "P/2"),
    },
)
FIVE_CALLS = [
    (0, ev.PbxFound()),
    *[(0, event) for agent in ("ann", "bob") for event in (ev.LoggedIn(agent), ev.ReadyAsked(agent))],
    (1_000, ev.CallArrived("c1", ENTRY)),
    (3_000, ev.OfferAccepted(OfferId("c1", 1))),
    (5_000, ev.CallArrived("c2", ENTRY)),
    (10_000, ev.CallArrived("c3", ENTRY)),
    (30_000, ev.CallerLeft("c3")),  # gives up after 20 s
    (63_000, ev.CallerLeft("c1")),  # talked for 60 s; the wrap-up is used up
    (73_000, ev.DeadlineReached()),  # c2 rings
    (75_000, ev.OfferAccepted(OfferId("c2", 1))),
    (105_000, ev.CallerLeft("c2")),  # talked for 30 s
    (109_000, ev.ReadyAsked("ann")),  # after 4 s of wrap-up
    (110_000, ev.CallArrived("c4", ENTRY)),
    (113_000, ev.OfferAccepted(OfferId("c4", 1))),
    (120_000, ev.CallArrived("c5", ENTRY)),
    (133_000, ev.CallerLeft("c4")),
    (143_000, ev.DeadlineReached()),  # c5 rings
    (158_000, ev.DeadlineReached()),  # in vain
    (160_000, ev.ReadyAsked("ann")),
    (161_000, ev.OfferAccepted(OfferId("c5", 2))),
    (171_000, ev.CallerLeft("c5")),
]


@pytest.fixture
def five(tmp_path):
    write_steps(tmp_path / "journal.jsonl", FIVE_RULES, FIVE_CALLS)
    return tmp_path / "journal.jsonl"


def test_five_calls_by_hand(five):
    """Bob may serve, too: c2 is his at once; ann misses c5 as she did, and has it 2 s later, when bob still wraps up.

    ann   c1 rings 1-3, talks -63, wraps -73; c5 rings 120-135, away -137, rings -138, talks -148, wraps -158
    bob   c2 rings 5-7, talks -37, wraps -41; c4 rings 110-113, talks -133, wraps -143
    """
    found = what_if(five, skilled(FIVE_RULES, bob={"x": 1}), within_ms=15_000)
    assert found.modelled == found.recorded
    before, after = found.recorded.all, found.other.all
    assert (before.offered, before.answered, before.abandoned, before.unfinished) == (5, 4, 1, 0)
    assert (after.offered, after.answered, after.abandoned, after.unfinished) == (5, 4, 1, 0)
    assert before.service_level == 2 / 5  # waits 2, 3; 41, 70; gone after 20
    assert after.service_level == 3 / 5  # waits 2, 2, 3; 18; gone after 20
    assert (before.mean_wait_s, after.mean_wait_s) == (29.0, 6.25)
    assert (before.p90_wait_s, after.p90_wait_s) == (70.0, 18.0)
    assert (before.longest_wait_s, after.longest_wait_s) == (70.0, 20.0)
    assert (before.abandonment, after.abandonment) == (0.2, 0.2)
    assert (before.occupancy, after.occupancy) == (167 / 340, 177 / 340)
    assert found.recorded.groups["desk"].occupancy == 167 / 169, "ann's alone"
    assert found.other.groups["desk"].occupancy == 177 / 340


def test_a_longer_wrap_up_is_used_up_by_whom_used_it_up(five):
    """15 s for c1 and c4, and 4 s still for c2: c2 is answered 5 s later, and c5 rings 5 s later."""
    slow = replace(FIVE_RULES, groups={"desk": replace(FIVE_RULES.groups["desk"], wrap_up_ms=15_000)})
    other = what_if(five, slow).other.all
    assert other.mean_wait_s == (2 + 75 + (3 + 4) + (41 + 4 + 5)) / 4
    assert other.answered == 4


def test_what_the_report_assumes(five):
    rules = replace(FIVE_RULES, agents={**FIVE_RULES.agents, "cy": AgentRecord("cy", "P/3")})
    del rules.agents["bob"]
    said = "\n".join(what_if(five, rules).assumptions)
    assert "5 calls arrive" in said
    assert "1 callers give up" in said
    assert "1 rings were in vain" in said
    assert "1 agents (bob) worked that day but are not in the other rules: they don't work." in said
    assert "1 agents (cy) are in the other rules but were not there that day: they don't work either." in said


# --- simulated days ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """The journals of three days, and what was counted when they were made."""
    folder = tmp_path_factory.mktemp("days")
    centres = {"lively": (lively_rules(), CALM), "winding": (winding_rules(), WINDING)}
    made = {}
    for name, (rules, settings) in centres.items():
        path = folder / f"{name}.jsonl"
        made[name] = path, rules, write_day(path, rules, settings, HOURS)
    return made


CALM = replace(LIVELY, calls_per_h={"80x": 19, "80y": 19, "80any": 19}, retry_probability=0.2)
"""The lively day at a load at which rules matter more than that there are too few agents."""


@pytest.mark.parametrize("name", ["lively", "winding"])
def test_the_same_rules_in_the_model_give_nearly_the_recorded_day(days, name):
    """The service level within a point, as many answered by 1 %; and the replay is what the day was."""
    path, rules, counted = days[name]
    found = what_if(path, rules)
    assert found.recorded == counted
    assert found.other == found.modelled
    recorded, modelled = found.recorded.all, found.modelled.all
    assert modelled.offered == recorded.offered > 1000
    assert abs(modelled.service_level - recorded.service_level) < 0.01
    assert abs(modelled.answered - recorded.answered) <= 0.01 * recorded.answered
    assert abs(modelled.abandoned - recorded.abandoned) <= 0.01 * recorded.answered
    assert abs(modelled.mean_wait_s - recorded.mean_wait_s) < 0.5
    assert abs(modelled.occupancy - recorded.occupancy) < 0.01


BETTER = {
    "two more agents' worth of skills": skilled(lively_rules(), a0={"y": 3}, a2={"x": 3}, a6={"x": 1, "y": 1}),
    "no needs": replace(
        lively_rules(), groups={name: replace(group, needs=()) for name, group in lively_rules().groups.items()}
    ),
    "a shorter wrap-up": replace(
        lively_rules(), groups={name: replace(group, wrap_up_ms=1000) for name, group in lively_rules().groups.items()}
    ),
}
WORSE = {
    "only two for y": replace(
        lively_rules(),
        groups={**lively_rules().groups, "y": replace(lively_rules().groups["y"], needs=normalized({"y": 2}))},
    ),
    "a higher need": replace(
        lively_rules(),
        groups={**lively_rules().groups, "x": replace(lively_rules().groups["x"], needs=normalized({"x": 3}))},
    ),
    "two agents fewer": replace(
        lively_rules(), agents={name: each for name, each in lively_rules().agents.items() if name not in ("a4", "a5")}
    ),
}


@pytest.mark.parametrize(("other", "is_better"), [(each, True) for each in BETTER] + [(each, False) for each in WORSE])
def test_the_other_rules_give_what_such_a_day_would_have_been(days, tmp_path, other, is_better):
    """Against the same simulated world under the other rules: the right side, and within a few points.

    Callers who call again do so in the real day by what happened there, and in the what-if as recorded.
    """
    path, rules, before = days["lively"]
    rules = (BETTER if is_better else WORSE)[other]
    found = what_if(path, rules)
    real = write_day(tmp_path / "real.jsonl", rules, CALM, HOURS)
    assert (found.other.all.service_level > found.modelled.all.service_level) == is_better
    assert (real.all.service_level > before.all.service_level) == is_better
    assert abs(found.other.all.service_level - real.all.service_level) < 0.06
    assert abs(found.other.all.abandonment - real.all.abandonment) < 0.04
    assert abs(found.other.all.occupancy - real.all.occupancy) < 0.04


def test_the_same_seed_gives_the_same_report_and_another_another(days):
    path, _, _ = days["lively"]
    rules = WORSE["a higher need"]
    assert what_if(path, rules) == what_if(path, rules)
    assert what_if(path, rules, seed=2).other != what_if(path, rules).other


def test_of_another_threshold_only_the_service_level_differs(days):
    path, rules, _ = days["lively"]
    short, long = (what_if(path, rules, within_ms=ms).recorded.all for ms in (1_000, 60_000))
    assert short.service_level < long.service_level
    assert replace(short, service_level=0) == replace(long, service_level=0)


# --- journals as they are ---------------------------------------------------------------------------------------------


def test_a_torn_end_leaves_what_stands_before(days, tmp_path):
    path, rules, _ = days["lively"]
    torn = tmp_path / "journal.jsonl"
    text = path.read_bytes()
    torn.write_bytes(text[: len(text) // 2])
    found = what_if(torn, rules)
    assert found.recorded.all.offered > 400
    assert "is torn" in "\n".join(found.remarks)
    assert abs(found.modelled.all.service_level - found.recorded.all.service_level) < 0.01


def test_a_damaged_line_ends_the_record(five):
    lines = five.read_bytes().splitlines(keepends=True)
    [n] = [n for n, line in enumerate(lines) if b"CallArrived" in line and b'"c4"' in line]
    lines[n] = lines[n].replace(b"c4", b"cX")
    five.write_bytes(b"".join(lines))
    found = what_if(five, FIVE_RULES)
    assert f"line {n + 1}: is damaged" in "\n".join(found.remarks)
    assert found.recorded.all.offered == 3
    assert found.modelled == found.recorded


# --- days on which agents consult, transfer and dial ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_consults_and_own_calls_are_no_arrivals_but_keep_their_agents_busy(tmp_path, seed):
    """By the same rules the model is near what was: it counts the same callers, and answers about as many."""
    rules = winding_rules()
    real = write_day(tmp_path / "journal.jsonl", rules, TALKATIVE, HOURS, seed)
    found = what_if(tmp_path / "journal.jsonl", rules)
    assert found.recorded == real
    modelled = found.modelled.all
    assert modelled.answered == pytest.approx(real.all.answered, rel=0.15)
    assert modelled.mean_wait_s == pytest.approx(real.all.mean_wait_s, rel=0.2)
