"""Everything that the checks look at. Values, pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acd.cti_adapters.asterisk.callers import YOU_ARE_NEXT, YOUR_PLACE
from acd.doctor.heard import Heard
from acd.rules import Destination, DestinationKind, RecordingRule
from acd.settings import AsteriskSettings, Settings
from acd.settings.sections import AgentSettings, SupervisorSettings

POSITION_SOUNDS = (YOU_ARE_NEXT, YOUR_PLACE, "queue-callswaiting", "digits/2")
"""What callers hear who are told their place."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was seen of this machine."""

    mode: int = 0o600
    """The configuration file's."""
    journal_folder: Path = Path()
    """Where the journal goes, or the nearest folder above it that is there already."""
    journal_writable: bool = True
    journal_free_bytes: int = 1 << 40
    web: str = "free"
    """Who has the web address: free, ours (a running Switchyard), somebody, or why it can't be had."""
    web_why: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)
    """Zone -> what time it is there."""
    sounds: Mapping[str, bool] | None = None
    """Prompt -> whether there is a sound of that name; None: Asterisk's sounds can't be seen from here."""
    example_hashes: frozenset[str] = frozenset()
    """Hashes that the example configuration shows to everybody."""


@dataclass(frozen=True, slots=True)
class Case:
    path: Path
    settings: Settings
    machine: Machine
    heard: Heard | None = None
    """None where there is no Asterisk to ask: the adapter is the simulator."""
    pbx: str = ""
    """Which one it is that was heard, of several."""
    entered_elsewhere: frozenset[str] = frozenset()
    """The entry points that have a way in at another one."""

    @property
    def asterisk(self) -> AsteriskSettings:
        return links(self.settings)[self.pbx]

    @property
    def table(self) -> str:
        """How the table of its settings is headed."""
        return table(self.pbx)


def table(pbx: str) -> str:
    """How the table of a PBX's settings is headed."""
    return f"[[pbx]] {pbx}" if pbx else "[asterisk]"


def links(settings: Settings) -> dict[str, AsteriskSettings]:
    """How each Asterisk is reached, by its name; the only one has none."""
    only = {"": settings.asterisk} if settings.asterisk is not None else {}
    return only | {each.name: each for each in settings.pbx}


def devices(settings: Settings, pbx: str) -> dict[str, str]:
    """The phones at `pbx`, and whose they are. A number outside is none."""
    first = settings.pbx[0].name if settings.pbx else ""
    people: tuple[AgentSettings | SupervisorSettings, ...] = (*settings.agents, *settings.supervisors)
    here = {each.device: each.id for each in people if each.device is not None and (each.pbx or first) == pbx}
    return {device: whose for device, whose in here.items() if "/" in device}


def trunks(settings: Settings, pbx: str) -> dict[str, str]:
    """By which device phones of each other PBX are rung from `pbx`."""
    return {other: template for each in settings.pbx if each.name == pbx for other, template in each.trunks.items()}


def prompts(settings: Settings) -> tuple[str, ...]:
    """The sounds that the configuration names or needs, once each."""
    named = [step.prompt for group in settings.groups for step in group.steps if step.prompt is not None]
    told = POSITION_SOUNDS if any(group.tell_position_s for group in settings.groups) else ()
    return tuple(dict.fromkeys((*named, *told)))


def records(settings: Settings) -> bool:
    """Whether some call may be recorded."""
    return any(group.recording is not RecordingRule.NONE for group in settings.groups)


def places(settings: Settings, kind: DestinationKind) -> tuple[str, ...]:
    """The destinations of that kind to which the configuration sends calls, once each."""
    return tuple(dict.fromkeys(to.name for to in _destinations(settings) if to is not None and to.kind is kind))


def _destinations(settings: Settings) -> Iterator[Destination | None]:
    for group in settings.groups:
        yield from (group.when_late, group.when_full, group.when_nobody, group.when_closed, group.when_holiday)
        yield from (step.to for step in group.steps)
