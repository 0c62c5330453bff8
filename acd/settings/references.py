"""What is wrong between the tables of a configuration: things named twice, and names that nothing has."""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from acd.rules import Destination, DestinationKind
from acd.settings.kinds import listed, twice
from acd.settings.links import links
from acd.settings.routing import GroupSettings

if TYPE_CHECKING:
    from acd.settings.whole import Settings

KEYS = {
    "hours": "id",
    "groups": "id",
    "entry_points": "number",
    "vip_classes": "name",
    "agents": "id",
    "supervisors": "id",
    "pbx": "name",
}
"""What the tables of each list are known by."""


def problems(settings: "Settings") -> Iterator[str]:
    """All of it, each in one line that names the key and says what there is."""
    yield from links(settings)
    yield from _doubles(settings)
    names = _Names(settings)
    for n, entry in enumerate(settings.entry_points):
        yield from names.group(f"entry_points.{n}.group", entry.group)
    for n, vip in enumerate(settings.vip_classes):
        if vip.agent is not None:
            yield from names.agent(f"vip_classes.{n}.agent", vip.agent)
    for n, group in enumerate(settings.groups):
        yield from _of_group(names, f"groups.{n}", group)
    for n, supervisor in enumerate(settings.supervisors):
        for m, one in enumerate(supervisor.groups):
            yield from names.group(f"supervisors.{n}.groups.{m}", one)
    yield from _not_yet_with_asterisk(settings)


def _doubles(settings: "Settings") -> Iterator[str]:
    for table in ("hours", "groups", "entry_points", "vip_classes"):
        yield from _unique(table, KEYS[table], [getattr(each, KEYS[table]) for each in getattr(settings, table)])
    yield from _unique("vip_classes", "numbers", [number for vip in settings.vip_classes for number in vip.numbers])
    phones = [(agent.pbx, agent.device) for agent in settings.agents]
    phones += [(each.pbx, each.device) for each in settings.supervisors if each.device]
    for pbx in {pbx: None for pbx, _ in phones}:
        yield from _unique("agents and supervisors", "device", [device for at, device in phones if at == pbx])
    people = [*(agent.id for agent in settings.agents), *(each.id for each in settings.supervisors)]
    yield from _unique("agents and supervisors", "id", people)


def _unique(table: str, key: str, values: Iterable[str]) -> Iterator[str]:
    for value in twice(values):
        yield f"{table}: {key} {value!r} is given twice; each must be there once"


def _of_group(names: "_Names", key: str, group: GroupSettings) -> Iterator[str]:
    if group.hours is not None:
        yield from names.hours(f"{key}.hours", group.hours)
    for name in ("when_late", "when_full", "when_nobody", "when_closed", "when_holiday"):
        yield from names.destination(f"{key}.{name}", getattr(group, name), group.id)
    for n, step in enumerate(group.steps):
        for m, other in enumerate(step.groups or ()):
            yield from names.group(f"{key}.steps.{n}.groups.{m}", other)
        yield from names.destination(f"{key}.steps.{n}.to", step.to, group.id)


def _not_yet_with_asterisk(settings: "Settings") -> Iterator[str]:
    for n, group in enumerate(settings.groups if settings.adapter == "asterisk" else ()):
        for m, step in enumerate(group.steps):
            if step.callback:
                yield f"groups.{n}.steps.{m}.callback: the Asterisk adapter can't call back yet"


class _Names:
    """What is there to be referred to."""

    def __init__(self, settings: "Settings") -> None:
        self._hours = [each.id for each in settings.hours]
        self._groups = {group.id for group in settings.groups}
        self._entries = {entry.number: entry.group for entry in settings.entry_points}
        self._agents = {agent.id for agent in settings.agents}

    def hours(self, key: str, name: str) -> Iterator[str]:
        return unless_known(f"{key} is {name!r}, which", name, "opening hours' id", self._hours)

    def group(self, key: str, name: str) -> Iterator[str]:
        return unless_known(f"{key} is {name!r}, which", name, "group's id", self._groups)

    def agent(self, key: str, name: str) -> Iterator[str]:
        return unless_known(f"{key} is {name!r}, which", name, "agent's id", self._agents)

    def destination(self, key: str, to: Destination | None, group: str) -> Iterator[str]:
        """What is wrong with `to` as a destination of calls in `group`."""
        if to is None or not to.is_inside:
            return
        said = f"{key} is '{to}', but {to.name!r}"
        if to.kind is DestinationKind.GROUP:
            yield from unless_known(said, to.name, "group's id", self._groups)
        else:
            yield from unless_known(said, to.name, "entry point's number", self._entries)
        if group in (to.name if to.kind is DestinationKind.GROUP else self._entries.get(to.name),):
            yield f"{key} is '{to}', which leads back to group {group!r} itself"


def unless_known(said: str, name: str, what: str, known: Collection[str]) -> Iterator[str]:
    """A complaint, if `name` is none of `known`."""
    if name not in known:
        yield f"{said} is no {what}; there are: {listed(known)}"
