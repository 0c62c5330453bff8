"""A file that says only what differs from another: `base = "other.toml"`, a path from the file's own folder.

Tables of a list are found by what they are known by; one not there yet is added, `gone = true` removes one, and of one
that is found each key given is replaced whole. The single tables are merged key by key. All else that is given, the
promises too, is given anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from acd.settings.files import read
from acd.settings.kinds import listed
from acd.settings.merging import merged_list, replaced
from acd.settings.references import KEYS
from simulator.scenarios.errors import ScenarioError

NAMED = {name: KEYS[name] for name in ("hours", "groups", "entry_points", "vip_classes", "agents")} | {
    "crews": "id",
    "demand": "entry",
}
SINGLE = ("people", "faults", "routing")


def whole(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """What the file at `path` says, together with all that it is based on. Raises SettingsError."""
    table = read(path)
    _find_journals(table, path.parent)
    base = table.pop("base", None)
    if base is None:
        return table
    if not isinstance(base, str):
        raise ScenarioError(f"{path}: base: Input should be the path of another scenario's file (it is {base!r})")
    other, seen = (path.parent / base).resolve(), (*above, path.resolve())
    if other in seen:
        raise ScenarioError(f"{path}: base: {base!r} is based on this file itself; one of them must stand alone")
    return _merged(whole(other, seen), table, str(path))


def _find_journals(table: dict[str, Any], folder: Path) -> None:
    for demand in _tables(table.get("demand")):
        if isinstance(demand.get("journal"), str):
            demand["journal"] = str(folder / demand["journal"])


def _merged(base: dict[str, Any], own: dict[str, Any], source: str) -> dict[str, Any]:
    if lines := list(_problems(base, own)):
        raise ScenarioError("\n".join(f"{source}: {line}" for line in lines))
    whole = {**base, **own}
    for name, key in NAMED.items():
        if name in base and name in own:
            whole[name] = merged_list(base[name], own[name], key)
    for name in SINGLE:
        if name in base and name in own:
            whole[name] = replaced(base[name], own[name])
    return whole


def _problems(base: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    """What would keep the two from being merged; all else is seen when the whole is."""
    for name in SINGLE:
        if not isinstance(base.get(name, {}), dict) or not isinstance(own.get(name, {}), dict):
            yield f"{name}: must be a table, here and in the base"
    for name, key in NAMED.items():
        if name in base and name in own:
            yield from (f"{line}, in the base" for line in _of_list(name, key, base[name]))
            yield from _of_list(name, key, own[name])
            yield from _of_gone(name, key, own[name], {each.get(key) for each in _tables(base[name])})


def _of_list(name: str, key: str, tables: Any) -> Iterator[str]:
    if not isinstance(tables, list) or len(_tables(tables)) != len(tables):
        yield f"{name}: must be a list of tables, each with its {key}"
    for n, table in enumerate(_tables(tables)):
        if not isinstance(table.get(key), str):
            yield f"{name}.{n}.{key}: is missing, or no text"


def _of_gone(name: str, key: str, changes: Any, known: set[Any]) -> Iterator[str]:
    for n, change in enumerate(_tables(changes)):
        if "gone" in change and (change["gone"] is not True or len(change) > 2):
            yield f"{name}.{n}.gone: must be true, with no other key beside {key}"
        elif "gone" in change and change.get(key) not in known:
            have = listed({str(each) for each in known})
            yield f"{name}.{n}: {change.get(key)!r} can't be removed, the base doesn't have it; there are: {have}"


def _tables(given: Any) -> list[dict[str, Any]]:
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
