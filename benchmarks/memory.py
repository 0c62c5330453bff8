"""What an agent and a waiting call weigh, in bytes: by tracemalloc, with many of them beside none.

tracemalloc counts what Python's allocator was asked for, collector's headers included: exact and the same in every
run. The process itself grows by a little more, since the allocator rounds up to 16 bytes and lists keep room to grow.

An agent is logged in and ready, in a centre of 200 groups with 1 to 5 skills; its record of the rules counts too. A
call waits. Of what it is told by, it keeps alive its id and the numbers, each a string of its own as the PBX's words
are; so they count.
"""

import gc
import random
import tracemalloc
from collections.abc import Callable

from acd import events as ev
from acd.ids import CallId, Instant
from acd.router import Router
from benchmarks.centre import GROUPS, rules_for

AGENTS, CALLS = 10_000, 100_000
NOW = Instant(1_759_272_000_000)


def centre_with(agents: int, calls: int) -> Router:
    """A router where so many agents are ready, or so many callers wait."""
    rng = random.Random(1)
    router = Router(rules_for(agents, rng))
    router.handle(ev.PbxFound(), NOW)
    for agent in router.agents:
        router.handle(ev.LoggedIn(agent), NOW)
        router.handle(ev.ReadyAsked(agent), NOW)
    for n in range(calls):
        entry = str(8000 + rng.randrange(GROUPS))
        router.handle(ev.CallArrived(CallId(f"1759272000.{n}"), entry, f"138{n:08}"), Instant(NOW + n))
    return router


def bytes_of(build: Callable[[], object]) -> int:
    """How many bytes what `build` returns holds."""
    gc.collect()
    tracemalloc.start()
    try:
        kept = build()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        del kept
    finally:
        tracemalloc.stop()
    return held


def figures(agents: int = AGENTS, calls: int = CALLS) -> dict[str, float]:
    """Bytes an agent and bytes a waiting call. Takes about 10 s."""
    empty = bytes_of(lambda: centre_with(0, 0))
    return {
        "agent": round((bytes_of(lambda: centre_with(agents, 0)) - empty) / agents),
        "waiting_call": round((bytes_of(lambda: centre_with(0, calls)) - empty) / calls),
    }
