"""A supervisor's request to change part of the configuration: merged into the table of the whole."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from acd.errors import SettingsError
from acd.settings.kinds import listed
from acd.settings.references import KEYS

CHANGEABLE = ("agents", "groups", "entry_points", "vip_classes", "hours", "routing")


def merged(table: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A new table: `table` with `patch` merged into it. To be validated by `parse`.

    Tables of a list are found by their key; one not there yet is added, `gone = true` removes one. Of what is found,
    each key given is replaced whole, and null puts it back to its default. Raises SettingsError with one line for
    each thing that a request may not do.
    """
    if lines := list(_problems(table, patch)):
        raise SettingsError("\n".join(lines))
    whole = deepcopy(table)
    for name, change in deepcopy(patch).items():
        if name == "routing":
            whole[name] = replaced(whole.get(name, {}), change)
        else:
            whole[name] = merged_list(whole.get(name, []), change, KEYS[name])
    return whole


def merged_list(tables: list[dict[str, Any]], changes: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    by_key = {each[key]: each for each in tables}
    for change in changes:
        if "gone" in change:
            del by_key[change[key]]
        else:
            by_key[change[key]] = replaced(by_key.get(change[key], {}), change)
    return list(by_key.values())


def replaced(table: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**table, **change}.items() if value is not None}


def _problems(table: dict[str, Any], patch: dict[str, Any]) -> Iterator[str]:
    if not isinstance(patch, dict):
        yield f"a change is a table of {listed(CHANGEABLE)}"
        return
    for name, change in patch.items():
        if name not in CHANGEABLE:
            yield f"{name}: can't be changed by a request; these can: {listed(CHANGEABLE)}"
        elif name in KEYS:
            yield from _list_problems(name, change, {each[KEYS[name]] for each in table.get(name, [])})
        elif not isinstance(change, dict):
            yield f"{name}: must be a table"


def _list_problems(name: str, changes: Any, known: set[str]) -> Iterator[str]:
    key = KEYS[name]
    if not isinstance(changes, list):
        yield f"{name}: must be a list of tables, each with its {key}"
        return
    seen: set[str] = set()
    for n, change in enumerate(changes):
        if not isinstance(change, dict) or not isinstance(change.get(key), str):
            yield f"{name}.{n}: must be a table with its {key}, which is text"
            continue
        where = f"{name}.{change[key]}"
        if change[key] in seen:
            yield f"{where}: is given twice; each must be there once"
        seen.add(change[key])
        yield from _table_problems(where, change, change[key] in known, known)


def _table_problems(where: str, change: dict[str, Any], is_known: bool, known: set[str]) -> Iterator[str]:
    if "password_hash" in change:
        yield f"{where}.password_hash: can't be changed by a request, only in the file"
    elif where.startswith("agents.") and not is_known and "gone" not in change:
        yield f"{where}: is no agent, and a new one's password_hash can only be given in the file"
    if "gone" not in change:
        return
    if change["gone"] is not True or len(change) > 2:
        yield f"{where}.gone: must be true, with no other key beside the one that names it"
    if not is_known:
        yield f"{where}: can't be removed, it isn't there; there are: {listed(known)}"
