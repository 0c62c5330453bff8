"""How many calls a second a daemon with 5,000 agents' clients holds, and what a connected client costs in memory.

`acd load` as anybody may run it, without the slow readers: a simulated Asterisk, an `acd serve` of its own, real
WebSocket clients. Rates rise from 50 calls a second until p99 of a decision or dispatch is above 50 ms.
"""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console

from simulator.load.beforehand import check
from simulator.load.centre import Centre
from simulator.load.command import run, workers_for
from simulator.load.plan import Plan
from simulator.load.report import as_json, show

RATES = (50.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0)
FULL = Plan(centre=Centre(agents=5_000), rates=RATES, seconds=30.0)
"""Long enough for p99 to weigh the journal's new segments, which hold everything up once in a minute or two."""
QUICK = Plan(centre=Centre(agents=200), rates=(10.0, 20.0), seconds=3.0)


def figures(*, quick: bool, seed: int) -> dict[str, Any]:
    """Everything that `acd load --json` tells; up to eight minutes. Tables go to standard error."""
    asked = QUICK if quick else FULL
    plan = Plan(centre=asked.centre, rates=asked.rates, seconds=asked.seconds, seed=seed)
    check(plan)
    outcome = run(plan, None, 0, workers_for(plan.centre.agents))
    show(outcome, Console(stderr=True))
    sys.stderr.flush()
    return as_json(outcome)
