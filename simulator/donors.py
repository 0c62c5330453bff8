"""What is taken where a record doesn't tell: by chance from what it does tell, or the middle of its own times."""

from bisect import bisect_right
from random import Random
from statistics import median_low

from acd.ids import GroupId
from simulator.patience import Patience
from simulator.recorded import Record, RecordedCall, RingEnd, Talk

ANSWER_MS = 5_000
"""How long a phone rings before the answer, where the record tells of no answer at all; likewise below."""
AWAY_MS = 30_000
TALK_MS = 180_000

KNOWN_MIN = 30
"""In a group where fewer gave up, patience is that of all groups together."""


class Donors:
    """Gives what is missing. The same seed gives the same, and one thing more or fewer changes no other."""

    def __init__(self, record: Record, seed: int) -> None:
        self._seed, self._end = seed, record.end
        self._patience = _patience(record)
        self._by_group: dict[GroupId | None, list[Talk]] = {}
        rings = [ring for call in record.calls() for ring in call.rings.values()]
        talks = [talk for call in record.calls() for talk in call.talks]
        for call in record.calls():
            whole = [talk for talk in call.talks if talk.ms is not None and not talk.lost]
            self._by_group.setdefault(call.group, []).extend(whole)
        self._all = [talk for talks in self._by_group.values() for talk in talks] or [Talk(record.begin, TALK_MS)]
        self._answers = sorted(ring.after_ms for ring in rings if ring.end is RingEnd.ANSWERED) or [ANSWER_MS]
        aways = [ring.away_ms for ring in rings if ring.away_ms is not None]
        aways += [talk.away_ms for talk in talks if talk.away_ms is not None]
        self.away_ms = median_low(aways) if aways else AWAY_MS

    def patience_ms(self, call: RecordedCall) -> int | None:
        """How long the caller waits, talk left out; None: for ever."""
        if call.gave_up:
            return call.waited_ms
        patience = self._patience.get(call.group, self._patience[None])
        return patience.longer_than(call.waited_ms, self._random(call, "patience"))

    def answer_ms(self, call: RecordedCall, ring: int) -> int:
        """How long the ring of that number rings before it is answered, where the record doesn't tell that it was."""
        rang_ms = call.rings[ring].after_ms if ring in call.rings else -1
        among = self._answers[bisect_right(self._answers, rang_ms) :]
        return self._random(call, f"ring {ring}").choice(among) if among else rang_ms + 1

    def talk(self, call: RecordedCall, number: int) -> Talk:
        """What the talk `number` (from 0) of the call is to be like: as recorded, or as another one of its group."""
        known = call.talks[number] if number < len(call.talks) else None
        if known is not None and known.ms is not None:
            return known
        at_least_ms = 0 if known is None else known.at_least_ms
        among = self._longer(self._by_group.get(call.group, []), at_least_ms) or self._longer(self._all, at_least_ms)
        return self._random(call, f"talk {number}").choice(among) if among else Talk(self._end, at_least_ms)

    def _random(self, call: RecordedCall, what: str) -> Random:
        return Random(f"{self._seed} {call.arrival.call} {call.at} {what}")

    def _longer(self, talks: list[Talk], at_least_ms: int) -> list[Talk]:
        return [talk for talk in talks if talk.ms is not None and talk.ms >= at_least_ms] if at_least_ms else talks


def _patience(record: Record) -> dict[GroupId | None, Patience]:
    """By group, where enough is known, and of all (None)."""
    waits: dict[GroupId | None, list[tuple[int, bool]]] = {None: []}
    for call in record.calls():
        for key in {None, call.group}:
            waits.setdefault(key, []).append((call.waited_ms, call.gave_up))
    found = {group: Patience(each) for group, each in waits.items()}
    return {group: each for group, each in found.items() if group is None or len(each) >= KNOWN_MIN}
