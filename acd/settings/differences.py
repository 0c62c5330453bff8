"""What a new configuration changes, in words that an operator reads before pressing enter."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from acd.settings.opening import HolidaySettings
from acd.settings.references import KEYS
from acd.settings.whole import Settings

RESTART = ("adapter", "server", "asterisk", "pbx", "recording", "simulator")
"""The keys of the file whose changes count only after a restart."""
SHOWN_MAX = 100


def differences(old: Settings, new: Settings) -> list[str]:
    """One line for each thing that differs; secrets and passwords are never shown.

    A key that is not given counts as its default.
    """
    lines = []
    for key in Settings.model_fields:
        note = " (needs a restart)" if key in RESTART else ""
        lines += [line + note for line in _between(key, getattr(old, key), getattr(new, key))]
    return lines


def _between(path: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    parts, new_parts = _parts(path, old), _parts(path, new)
    if parts is not None and new_parts is not None:
        yield from _between_parts(path, parts, new_parts)
    elif isinstance(old or new, SecretStr):
        yield f"{path}: changed"
    elif isinstance(old or new, BaseModel):
        yield f"{path}: {'gone' if new is None else 'new'}"
    else:
        yield f"{path}: {_change(old, new)}"


def _between_parts(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in {**old, **new}:
        where = f"{path}.{key}"
        if key not in new:
            yield f"{where}: gone"
        elif key not in old:
            yield f"{where}: new" if isinstance(new[key], BaseModel) else f"{where}: new, {_shown(new[key])}"
        else:
            yield from _between(where, old[key], new[key])
    if path == "agents" and [key for key in old if key in new] != [key for key in new if key in old]:
        yield f"{path}: in another order"


def _parts(path: str, value: Any) -> Mapping[str, Any] | None:
    """What `value` consists of, if that is shown part by part."""
    if isinstance(value, BaseModel):
        return {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
    if isinstance(value, dict):
        return value
    if isinstance(value, tuple) and all(isinstance(each, BaseModel) for each in value):
        return {_name(path, n, each): each for n, each in enumerate(value)}
    return None


def _name(path: str, position: int, table: BaseModel) -> str:
    """What `table` is known by in the list at `path`."""
    if isinstance(table, HolidaySettings):
        return str(table.days()[0])
    return str(getattr(table, KEYS[path])) if path in KEYS else str(position)


def _change(old: Any, new: Any) -> str:
    shown = f"{_shown(old)} -> {_shown(new)}"
    if len(shown) > SHOWN_MAX and isinstance(old, tuple) and isinstance(new, tuple):
        return f"{len({*new} - {*old})} new, {len({*old} - {*new})} gone, now {len(new)}"
    return shown


def _shown(value: Any) -> str:
    """As in the file, or nearly."""
    if value is None or value in ((), ""):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, tuple | list):
        return ", ".join(_shown(each) for each in value)
    if isinstance(value, dict):
        return "{" + "; ".join(f"{key} = {_shown(each)}" for key, each in value.items()) + "}"
    text = str(value)
    return text if text.isprintable() else repr(text)
