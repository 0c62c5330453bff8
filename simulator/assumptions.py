"""What a what-if takes for granted, in plain sentences, with the figures of the record at hand."""

from collections.abc import Sequence

from acd.events import RulesChanged
from acd.rules import Rules
from simulator.recorded import Record, RingEnd

NAMES_MAX = 8
"""How many agents are named before "and n more"."""


def assumptions(record: Record, rules: Rules, seed: int) -> tuple[str, ...]:
    """One sentence or two for each thing that isn't known and had to be assumed."""
    return (
        *_of_callers(record, seed),
        *_of_phones(record),
        *_of_agents(record, rules),
        "A destination outside takes a call as often as one did in the record, and any further time. A callback is "
        "accepted by those who accepted one in the record.",
    )


def _of_callers(record: Record, seed: int) -> list[str]:
    calls = list(record.calls())
    gave_up = sum(call.gave_up for call in calls)
    silent = sum(not call.talks for call in calls)
    return [
        f"{len(calls)} calls arrive when they did, repeated ones as well.",
        f"{gave_up} callers give up after the wait at which they did. Of the other {len(calls) - gave_up} it is only "
        f"known that they waited as long as they had to: their patience is longer than that, by chance from what the "
        f"waits of all tell (product-limit estimate, seed {seed}).",
        f"Talk and wrap-up last as long as they did for that call, whoever answers it. {silent} calls that nobody "
        f"answered have those of another call of their group, by chance (seed {seed}). Who used up the wrap-up time "
        f"uses up that of the other rules, too.",
    ]


def _of_phones(record: Record) -> list[str]:
    rings = [ring for call in record.calls() for ring in call.rings.values()]
    in_vain = sum(ring.end in (RingEnd.FAILED, RingEnd.MISSED) for ring in rings)
    return [
        "Phones are answered after the time that the same ring of the call took in the record; a ring that the record "
        "doesn't know, or whose answer was forestalled, after the time that another one took, by chance.",
        f"{in_vain} rings were in vain. They stay with their calls: whoever is offered the call instead doesn't take "
        f"it either, and is away as long.",
    ]


def _of_agents(record: Record, rules: Rules) -> list[str]:
    here = {deed.agent: None for deed in record.deeds() if deed.agent is not None}
    missing = [agent for agent in here if agent not in rules.agents]
    new = [agent for agent in rules.agents if agent not in here]
    changes = sum(isinstance(deed.event, RulesChanged) for deed in record.deeds())
    said = [
        "Agents log in and out, have breaks and are forced to a state when they were, after the call in progress. "
        "A supervisor's word on a waiting call is said again, if the call still waits.",
        "While they were asked in a consult, or called somebody themselves, they take no call. A caller given away by "
        "an agent without a consult arrives anew at that instant, and counts as another call; one given away after a "
        "consult talks on with nobody.",
    ]
    if missing:
        said.append(f"{_names(missing)} worked that day but are not in the other rules: they don't work.")
    if new:
        said.append(f"{_names(new)} are in the other rules but were not there that day: they don't work either.")
    if changes:
        said.append(f"The rules were changed {changes} times that day; the other rules hold from beginning to end.")
    return said


def _names(agents: Sequence[str]) -> str:
    more = f" and {len(agents) - NAMES_MAX} more" if len(agents) > NAMES_MAX else ""
    return f"{len(agents)} agents ({', '.join(agents[:NAMES_MAX])}{more})"
