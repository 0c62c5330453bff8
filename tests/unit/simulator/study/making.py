"""Studies made by hand of a few counts."""

from acd.ids import Instant
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from simulator.scenarios import Scenario
from simulator.settings import SimulatorSettings
from simulator.study.counts import STATES, Cell, GroupCounts, Replication, Waits, together
from simulator.study.findings import Study

H = 3_600_000


def a_scenario(tmp_path, *promises, groups=("desk",), people=None, **group):
    """Two intervals of an hour each, from eight."""
    return Scenario(
        path=tmp_path / "made.toml",
        name="made",
        title="Made & <b>hand</b>",
        about="",
        rules=Rules(
            groups={each: SkillGroup(each, **group) for each in groups},
            entries={each: EntryPoint(each, each) for each in groups},
            agents={"ann": AgentRecord("ann", "P/1")},
        ),
        people=people or SimulatorSettings(),
        promises=promises,
        begin=Instant(8 * H),
        zone="Asia/Shanghai",
        interval_ms=H,
        warm_up_days=0,
        days=1,
        replications=3,
        day_ms=2 * H,
    )


def counts(answered, within, abandoned=0, waited_ms=10_000):
    """So many in each of the two hours."""
    cell = Cell(
        days=1,
        time_ms=H,
        offered=answered + abandoned,
        answered=answered,
        abandoned=abandoned,
        answered_within=(within,),
        abandoned_within=(0,),
        waited_ms=answered * waited_ms,
        agents_ms=tuple(H if state in ("ready", "talking") else 0 for state in STATES),
    )
    return GroupCounts((cell, cell), together([cell, cell]), Waits(p90_ms=waited_ms))


def a_study(scenario, many):
    """One replication for each of the counts, all groups alike."""
    lives = [
        Replication(
            n, 100 + n, 2.0, each, dict.fromkeys(scenario.rules.groups, each), {"made": 0, "repeated": 0, "blocked": n}
        )
        for n, each in enumerate(many)
    ]
    return Study(scenario, "acd sim run made", 1, 1, (20_000,), tuple(lives))
