"""The kinds of values that keys have, and what is wrong with one."""

import re
from collections.abc import Collection, Iterable
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, SecretStr

from acd.destinations import ID, NUMBER, SOUND, destination
from acd.rules import Destination, DestinationKind
from acd.skills import LEVEL_MAX, LEVEL_MIN

SHOWN_MAX = 20

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=f"^{ID}$")]
Text = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number = Annotated[str, Field(min_length=1, max_length=40, pattern=f"^{NUMBER}$")]
CHANNEL = r"[A-Za-z0-9]+/[A-Za-z0-9_.@:/+*#-]+"
Trunk = Annotated[
    str, Field(max_length=100, pattern=r"^[A-Za-z0-9]+/[A-Za-z0-9_.@:/+*#-]*\{phone\}[A-Za-z0-9_.@:/+*#-]*$")
]
"""A device of another PBX as it is rung over a trunk; {phone} stands for what follows the technology there."""
Prompt = Annotated[str, Field(min_length=1, max_length=100, pattern=f"^{SOUND}$")]
Level = Annotated[int, Field(ge=LEVEL_MIN, le=LEVEL_MAX)]
Levels = dict[Id, Level]
LevelOrNone = Annotated[int, Field(ge=0, le=LEVEL_MAX)]
Tier = Annotated[int, Field(ge=0, le=1000)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Share = Annotated[float, Field(ge=0, le=1)]
Duration = Seconds | dict[str, Seconds | list[Seconds | list[Annotated[float, Field(ge=0)]]]]


class Section(BaseModel):
    """What holds for every table of the file: no unknown keys, no silent conversions (but 15 for 15.0)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def complain(problems: Iterable[str]) -> None:
    """Raise ValueError with one line for each of `problems`, if there is one."""
    if lines := list(problems):
        raise ValueError("\n".join(lines))


def together(section: Section, pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    """A complaint for each key of `section` that is given without the other one, which alone gives it a meaning."""
    for key, other in pairs:
        if _is_given(getattr(section, key)) and not _is_given(getattr(section, other)):
            yield f"{key} has no effect without {other}"


def _is_given(value: object) -> bool:
    return value is not None and value is not False


def twice(values: Iterable[str]) -> Iterable[str]:
    """Those of `values` that come again, once each."""
    seen: set[str] = set()
    told: set[str] = set()
    for value in values:
        if value in seen and value not in told:
            told.add(value)
            yield value
        seen.add(value)


def listed(names: Collection[str]) -> str:
    """All of `names`, or the first few if they are many."""
    shown = ", ".join(sorted(names)[:SHOWN_MAX])
    more = len(names) - SHOWN_MAX
    return f"{shown} and {more} more" if more > 0 else shown or "none"


def _is_hash(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("$argon2id$"):
        raise ValueError("this is no hash of a password; `acd hash-password` makes one")
    return value


PasswordHash = Annotated[SecretStr, AfterValidator(_is_hash)]


def _is_device(value: str) -> str:
    if not re.fullmatch(f"{CHANNEL}|number:{NUMBER}", value) or len(value) > 100:
        raise ValueError('Input should be the phone as Asterisk calls it, such as "PJSIP/1001", or "number:DIGITS"')
    return value


Device = Annotated[str, AfterValidator(_is_device)]


def _in_percent(value: float) -> float:
    if abs(value * 100 - round(value * 100)) > 1e-6:
        raise ValueError("Input should be a whole percentage: at most two digits after the point, such as 1.25")
    return value


Weight = Annotated[float, Field(ge=0.01, le=100), AfterValidator(_in_percent)]
Percentage = Annotated[float, Field(ge=0, le=1), AfterValidator(_in_percent)]


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            "Input should be a time zone that is known here, such as Asia/Shanghai, Europe/Berlin or UTC"
        ) from None
    return name


Zone = Annotated[str, AfterValidator(_is_zone)]

_PLACES = (
    DestinationKind.GROUP,
    DestinationKind.ENTRY,
    DestinationKind.NUMBER,
    DestinationKind.VOICEMAIL,
    DestinationKind.HANG_UP,
)


def _destination(value: object) -> Destination:
    return destination(value, _PLACES)


To = Annotated[Destination, PlainValidator(_destination)]
