"""How many calls stand between a waiting call and its agent, and how many agents work them off."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

from acd.calls import Call
from acd.expected_wait.staffing import Bits, Staffing
from acd.ids import Instant
from acd.matching import Entry, weighted
from acd.queues import Line

Crowd = dict[tuple[Line, ...], int]
"""How many calls wait in exactly these lines."""


class Pool(NamedTuple):
    """`calls` to be begun, the asker's the last of them, by those of `agents` who become free."""

    calls: float
    agents: Bits
    """Who is at work of those who may serve."""
    members: Bits
    """All of those."""


class Rival(NamedTuple):
    """Calls that wait for some of the same agents."""

    calls: int
    agents: Bits
    size: int
    """How many are at work."""
    members: Bits


def calls_before(line: Line, call: Call, now: Instant) -> int:
    """How many calls of `line` are served before `call`, which may stand elsewhere: by bisection, not by a walk."""
    weight, mine = call.lines[0].weight, call.rank
    if line.weight == weight:
        return _count(line.calls.chunks, (mine,), None)
    return _count(line.calls.chunks, weighted(mine, weight, now), lambda entry: weighted(entry[0], line.weight, now))


def _count(chunks: list[list[Entry]], mine: Any, key: Callable[[Entry], Any] | None) -> int:
    """How many entries, or keys of them, are smaller than `mine`."""
    before = 0
    for chunk in chunks:
        among = bisect_left(chunk, mine, key=key)
        before += among
        if among < len(chunk):
            break
    return before


def crowd_before(lines: Iterable[Line], shared: set[Line], call: Call, now: Instant) -> Crowd:
    """The calls served before `call`, by where they wait.

    Only in the lines of `shared` may calls stand that stand in others too; there, and only there, each is looked at.
    """
    crowd: Crowd = {}
    for line in lines:
        if not line.calls.chunks[0]:
            continue
        before = calls_before(line, call, now)
        if line not in shared:
            crowd[(line,)] = before
        elif before:
            where = Counter([entry[1].lines for entry in islice(line.calls, before)])
            crowd |= {those: n for those, n in where.items() if those[0] is line}
    return crowd


def pool(call: Call, crowd: Crowd, staffing: Staffing) -> Pool:
    """Who must be begun before `call` is, `call` included, by which agents, if all agents are equally quick.

    The longer a line is for its agents, the later its last call is begun. A longer line than ours takes the agents that
    we share with it, and if we can't do better without them, we are one line with it: as many calls, and all the
    agents of both. A shorter one finds its agents mostly where we have none; what it has not worked off there when
    all but our last call is begun is shared out over its agents, and ours among them.
    """
    members = staffing.of(call.lines)
    ours = Pool(crowd.pop(call.lines, 0) + 1, members & staffing.at_work, members)
    rivals = [_rival(lines, n, staffing) for lines, n in crowd.items() if n]
    rivals.sort(key=lambda each: -each.calls / each.size if each.size else 0)
    for _ in range(2):  # what has joined may bring rivals of its own
        ours, rivals = _join(ours, rivals)
    extra = sum([_left_over(ours, each) for each in rivals])
    return Pool(ours.calls + extra, ours.agents, ours.members)


def _rival(lines: tuple[Line, ...], calls: int, staffing: Staffing) -> Rival:
    members = staffing.of(lines)
    agents = members & staffing.at_work
    return Rival(calls, agents, agents.bit_count(), members)


def _join(ours: Pool, rivals: list[Rival]) -> tuple[Pool, list[Rival]]:
    """Take in, or give way to, those that have more calls for each agent. Returns the rivals that are left."""
    left = []
    calls, agents, members = ours
    size = agents.bit_count()
    for each in rivals:
        shared = (agents & each.agents).bit_count()
        together, apart = size + each.size - shared, size - shared
        if not shared or (calls + each.calls) * size <= calls * together:
            left.append(each)
        elif calls * together < (calls + each.calls) * apart:
            agents, members, size = agents & ~each.agents, members & ~each.members, apart
        else:
            calls, agents, members, size = calls + each.calls, agents | each.agents, members | each.members, together
    return Pool(calls, agents, members), left


def _left_over(ours: Pool, other: Rival) -> float:
    """How many of a shorter line's calls our agents begin before our last."""
    shared = (ours.agents & other.agents).bit_count()
    if not shared:
        return 0.0
    elsewhere = (other.size - shared) * (ours.calls - 1) / ours.agents.bit_count()
    return max(0.0, other.calls - elsewhere) * shared / other.size
