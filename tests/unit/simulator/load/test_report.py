"""What is read on the screen, eighty columns wide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

from simulator.load.centre import Centre
from simulator.load.latencies import Delays
from simulator.load.outcome import LogIns, Outcome, SlowAgents
from simulator.load.plan import Plan
from simulator.load.report import as_json, show
from simulator.load.verdict import Step

LONG = Delays(123_456, 1234.5, 12_345.6, 23_456.7, 34_567.8)
STEP = Step(
    name="1234.5 calls/s", rate=1234.5, seconds=10, talks_per_s=1198.4, decision=LONG, dispatch=LONG, push=LONG,
    connected=LONG, late=1234, late_pushes=12_345, lost=123,
    daemon={"main": 97, "cpu": 130, "waited": 9, "rss_mb": 1234},
    processes={"the simulated Asterisk": {"main": 55, "lag_p99_ms": 3}}, machine={"busy": 78, "cores": 4},
    journal_kb_per_s=12_345.6, events_per_s=123_456, failures={"refused: not-now": 2},
)  # fmt: skip
SLOW = SlowAgents(
    stopped=3, slowed=2, let_go={"stopped": 3, "slowed": 0}, ends={"closed by the server: 1011": 3},
    push=Delays(4, 500, 900, 900, 900), states={"wrap-up": 1, "ready": 4}, states_after={"ready": 5}, back_s=0.4,
)  # fmt: skip
OUTCOME = Outcome(
    plan=Plan(centre=Centre(agents=5000, slow=10), rates=(1234.5,)),
    log_ins=LogIns(clients=5002, seconds=7.5, delays=LONG, failures={"ConnectionRefusedError: 111": 7}),
    kb_per_client=34.5, rss_mb_before=60, rss_mb_after=230, steps=[STEP], broken=1234.5, held=600,
    slow=STEP, slow_let_go=9, slow_agents=SLOW, state={"arrived": 9, "talks": 8}, lost=1,
)  # fmt: skip


@pytest.fixture
def shown() -> str:
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as captured:
        show(OUTCOME, console)
    return captured.get()


def test_no_figure_is_cut_off_or_broken_at_eighty_columns(shown: str) -> None:
    assert "…" not in shown
    rows = [line.split() for line in shown.splitlines() if line.split()[-7:-6] == ["decision"] or " push " in line]
    assert any(row[-5:] == ["123456", "1234", "12346", "23457", "34568"] for row in rows), shown


@pytest.mark.parametrize(
    "words",
    [
        "held: 600 calls/s",
        "broke at 1234.5: p99 of dispatch is 12345.6 ms, more than 50",
        "the limit is set by the daemon's CPU: its one thread used 97 % of a core",
        "60 MB -> 230 MB, 34.5 KB for each connected client",
        "log-in: ConnectionRefusedError: 111, 7 times",
        "supervisors who stopped reading: 9 of 10 were let go",
        "agents whose clients stopped reading: 3 of 3 were let go",
        "read 256 bytes every 1 s: 0 of 2 were let go; 4 offers were shown to them after 500/900/900 ms",
        "let go by: closed by the server: 1011, 3 times",
        "by the daemon: 4 ready, 1 wrap-up; their clients read on, and all were in again 0.4 s later: 5 ready",
        "1234.5 calls/s: refused: not-now, 2 times",
    ],
)
def test_what_came_of_it_is_said_in_words(shown: str, words: str) -> None:
    assert words in shown


def test_each_step_has_every_percentile_of_every_latency_as_json() -> None:
    told = as_json(OUTCOME)
    for latency in ("decision", "dispatch", "push", "connected"):
        assert told["steps"][0][latency].keys() == {"n", "p50", "p99", "p999", "max"}
    assert told["limit_set_by"] == told["steps"][0]["limit_set_by"] == STEP.limit_set_by(50)


def test_who_never_came_back_is_told() -> None:
    console = Console(width=80)
    with console.capture() as captured:
        show(replace(OUTCOME, slow_agents=replace(SLOW, back_s=None)), console)
    assert "some clients never came back" in captured.get()
