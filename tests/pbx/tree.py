"""Where an Asterisk lives on disk and how to start it: an unpacked tree or the machine's own installation."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

INSTALLED_BINARY = Path("/usr/sbin/asterisk")
LOADERS = ("usr/lib64/ld-linux*.so.*", "lib64/ld-linux*.so.*", "usr/lib/ld-linux*.so.*", "lib/ld-linux*.so.*")
LIBRARIES = ("usr/lib/*-linux-gnu*", "lib/*-linux-gnu*")


class PbxUnavailable(Exception):
    """No usable Asterisk; the text says what was tried and what to do next."""


@dataclass(frozen=True, slots=True)
class AsteriskTree:
    """One Asterisk on disk: what to execute, where its modules and its sounds are."""

    version: str
    command: tuple[str, ...]
    modules: Path
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def major(self) -> int:
        """The release's first number: 22 of 22.10.1."""
        return int(self.version.split(".")[0])

    def has_module(self, name: str) -> bool:
        """Whether this build ships a module, by its name without `.so`."""
        return (self.modules / f"{name}.so").exists()


def unpacked_tree(root: Path) -> AsteriskTree:
    """The Asterisk unpacked under `root`, run by the tree's own loader and libraries.

    Raises PbxUnavailable if the folder holds no complete tree.
    """
    binary = root / "usr/sbin/asterisk"
    loader = _loader(root)
    modules = _first(root, ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules"))
    if not binary.exists() or loader is None or modules is None:
        raise PbxUnavailable(f"{root} holds no complete Asterisk; remove it and run `python -m tests.pbx.fetch`")
    libraries = ":".join(_library_path(root))
    command = (str(loader), "--library-path", libraries, str(binary))
    return AsteriskTree(_version_of(command), command, modules, root / "usr/share/asterisk")


def installed_tree(version_min: int) -> AsteriskTree | None:
    """The machine's own Asterisk if there is one of at least that major version."""
    modules = _first(Path("/usr"), ("lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules"))
    if not os.access(INSTALLED_BINARY, os.X_OK) or modules is None:
        return None
    command = (str(INSTALLED_BINARY),)
    data = next((d for d in map(Path, ("/usr/share/asterisk", "/var/lib/asterisk")) if (d / "sounds").exists()), None)
    tree = AsteriskTree(_version_of(command), command, modules, data or Path("/var/lib/asterisk"))
    return tree if tree.major >= version_min else None


def _loader(root: Path) -> Path | None:
    """The tree's dynamic loader; an absolute link (before the /usr merge) is meant inside the tree."""
    for pattern in LOADERS:
        for link in sorted(root.glob(pattern)):
            target = link.readlink() if link.is_symlink() else link
            inside = root / target.relative_to("/") if link.is_symlink() and target.is_absolute() else link
            if inside.exists():
                return inside
    return None


def _library_path(root: Path) -> list[str]:
    """The library folders and their subfolders that hold libraries of their own (blas, pulseaudio...)."""
    tops = [top for pattern in LIBRARIES for top in sorted(root.glob(pattern))]
    subfolders = [sub for top in tops for sub in sorted(top.iterdir()) if any(sub.glob("lib*.so.*"))]
    return [str(folder) for folder in [*tops, *subfolders, root / "usr/lib"]]


def _version_of(command: tuple[str, ...]) -> str:
    answer = subprocess.run([*command, "-V"], capture_output=True, text=True, check=False)
    found = re.search(r"Asterisk (?:certified/)?(\d+\.[\d.]+)", answer.stdout)
    if found is None:
        raise PbxUnavailable(f"{command[-1]} -V said {answer.stdout + answer.stderr!r}: not an Asterisk that runs here")
    return found[1]


def _first(root: Path, patterns: Iterable[str]) -> Path | None:
    return next((hit for pattern in patterns for hit in sorted(root.glob(pattern))), None)
