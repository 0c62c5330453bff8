"""A busy centre for minutes on a real Asterisk: `make soak`. Exits with 1 if anything is amiss.

Not a figure but a proof: no call is lost, none offered twice, and phones, journal and Asterisk's CDR agree.
"""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

import trio

from tests.asterisk.busy import Plan, Report, busy_day
from tests.pbx.asterisk import running_asterisk
from tests.pbx.fetch import asterisk_tree

SHOWN_MAX = 20


def main() -> None:
    """Live through the day and say what came of it."""
    plan = _plan()
    print(plan, file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        report = trio.run(busy_day, partial(running_asterisk, asterisk_tree()), plan, Path(folder))
    print(_told(report))
    sys.exit(bool(report.problems))


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="A busy centre on a real Asterisk.")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--calls-per-s", type=float, default=10)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    return Plan(
        agents=asked.agents,
        calls_per_s=asked.calls_per_s,
        for_s=asked.minutes * 60,
        talk_s=(10.0, 25.0),
        seed=asked.seed,
    )


def _told(report: Report) -> str:
    head = (
        f"{report.calls} calls, {report.calls_per_s} a second: {report.answered} answered, "
        f"{report.abandoned} abandoned, {len(report.problems)} problems"
    )
    return "\n".join([head, *report.problems[:SHOWN_MAX]])


if __name__ == "__main__":
    main()
