"""From a file or a table to settings, or to all that is wrong with it."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from acd.errors import SettingsError
from acd.settings.kinds import Section
from acd.settings.whole import Settings

Checked = TypeVar("Checked", bound=Section)


def load(path: Path) -> Settings:
    """The configuration in the file at `path`. Raises SettingsError with one line for each thing that is wrong."""
    return parse(read(path), str(path))


def read(path: Path) -> dict[str, Any]:
    """The table in the TOML file at `path`, as it stands. Raises SettingsError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path}: is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None


def parse(table: dict[str, Any], source: str) -> Settings:
    """The configuration in `table`; `source` names it in messages. Raises SettingsError."""
    return checked(Settings, table, source)


def checked(kind: type[Checked], table: dict[str, Any], source: str) -> Checked:
    """What `table` says, if it is a good `kind`; `source` names it in messages. Raises SettingsError."""
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        problems = _first_causes(error.errors(include_url=False, include_context=False))
        raise SettingsError("\n".join(f"{source}: {line}" for each in problems for line in _explained(each))) from None


def _first_causes(problems: list[Any]) -> list[Any]:
    """Without the list that is too short only because what stands in it is wrong."""
    lists = {problem["loc"][:depth] for problem in problems for depth in range(len(problem["loc"]))}
    return [each for each in problems if each["type"] != "too_short" or each["loc"] not in lists]


def _explained(problem: Any) -> Iterator[str]:
    """In one line, or in several where one check found several things."""
    key = ".".join(str(part) for part in problem["loc"])
    for message in str(problem["msg"]).removeprefix("Value error, ").splitlines():
        if not key:
            yield message
        elif problem["type"] == "extra_forbidden":
            yield f"{key}: there is no such key; look for a misspelling"
        elif problem["type"] == "missing":
            yield f"{key}: is missing"
        else:
            yield f"{key}: {message}{_shown(key, problem['input'])}"


def _shown(key: str, value: object) -> str:
    hidden = key.endswith(("secret", "password_hash")) or isinstance(value, dict | list)
    return "" if hidden else f" (it is {value!r:.80})"
