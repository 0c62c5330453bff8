"""Get an Asterisk for the tests, without root: `python -m tests.pbx.fetch [--version 22|16] [--into DIR]`.

The machine's own archive is asked by the machine's own apt, with a private state: an empty dpkg status, so
that the closure is complete down to libc, and download only, so that nothing is ever installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.pbx.tree import AsteriskTree, PbxUnavailable, installed_tree, unpacked_tree

REPO_ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "asterisk",
    "asterisk-core-sounds-en-gsm",
    "asterisk-core-sounds-en-wav",
    "asterisk-moh-opsound-wav",
)
DEBIAN_SUITES = {22: ("forky", "sid"), 16: ("bullseye",)}
VERSION_MIN = {22: 18, 16: 16}  # the oldest that may stand in for the version asked for
COMPONENTS = {"Debian": "main", "Ubuntu": "main universe"}
INDEX_FORMAT = "$(REPO_URI)|$(ORIGIN)|$(CODENAME)|$(SIGNED_BY)"
ADVICE = "check the network and `apt-get update`, or install asterisk >= 18 on this machine"

APT_CONF = """\
Dir::State "{work}/state";
Dir::State::status "{work}/state/status";
Dir::Cache "{work}/cache";
Dir::Etc::SourceList "{work}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Get::AllowUnauthenticated "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "2";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::CNF;
"""


@dataclass(frozen=True, slots=True)
class Archive:
    """One suite of one package archive, as a line for apt."""

    uri: str
    suite: str
    components: str
    signed_by: str

    def source_line(self) -> str:
        """The line for sources.list; the machine's own key ring if its entry names one."""
        option = f" [signed-by={self.signed_by}]" if self.signed_by.startswith("/") else ""
        return f"deb{option} {self.uri} {self.suite} {self.components}\n"


def default_folder(version: int) -> Path:
    """Where the tree of that version is kept: `.cache/asterisk-<version>` in the repository."""
    return REPO_ROOT / ".cache" / f"asterisk-{version}"


def asterisk_tree(version: int = 22, into: Path | None = None) -> AsteriskTree:
    """The Asterisk to test with: the machine's own, one fetched before, or one fetched now.

    Raises PbxUnavailable, saying what was tried, when there is no way to get one.
    """
    folder = into or default_folder(version)
    installed = None if into else installed_tree(VERSION_MIN[version])
    if installed is not None and (version != 16 or installed.major == 16):
        return installed
    if not folder.exists():
        _fetch(version, folder)
    return unpacked_tree(folder)


def _fetch(version: int, folder: Path) -> None:
    """Download and unpack beside `folder`, then rename: a reader never sees half a tree."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PbxUnavailable("no apt-get and dpkg-deb on this machine; install asterisk >= 18 by its own means")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        work = Path(temporary)
        debs = _download(version, work)
        root = work / "root"
        _unpack(debs, root)
        unpacked_tree(root)  # proves that it runs before anybody can see it
        _move_into_place(root, folder)


def _move_into_place(root: Path, folder: Path) -> None:
    try:
        root.rename(folder)
    except OSError:
        if not folder.exists():
            raise  # otherwise a parallel run was first, and its tree is as good


def _download(version: int, work: Path) -> list[Path]:
    """The .deb files of the first archive of this machine that has the version."""
    tried: list[str] = []
    for archive in _archives(version):
        complaint = _download_from(archive, work)
        if complaint is None:
            return sorted((work / "cache/archives").glob("*.deb"))
        tried.append(f"suite {archive.suite}: {complaint}")
    what = "; ".join(tried) or "apt-get indextargets names no Debian or Ubuntu archive"
    raise PbxUnavailable(f"could not fetch Asterisk {version} ({what}); {ADVICE}")


def _download_from(archive: Archive, work: Path) -> str | None:
    """None when the closure is in the cache, else what apt complained of."""
    _private_apt(archive, work)
    apt = ("apt-get", "-q", "-y", "-c", str(work / "apt.conf"))
    for step in (("update",), ("install", "--download-only", *PACKAGES)):
        outcome = _run([*apt, *step])
        if outcome.returncode != 0:
            return _last_complaint(outcome.stderr)
    return None


def _private_apt(archive: Archive, work: Path) -> None:
    shutil.rmtree(work / "state", ignore_errors=True)
    (work / "state/lists/partial").mkdir(parents=True)
    (work / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    (work / "state/status").touch()
    (work / "sources.list").write_text(archive.source_line())
    (work / "apt.conf").write_text(APT_CONF.format(work=work))


def _archives(version: int) -> Iterator[Archive]:
    """This machine's archives, the surest first; an archive without the package is found out by asking it."""
    outcome = _run(["apt-get", "indextargets", "--format", INDEX_FORMAT, "Identifier: Packages"])
    rows = sorted({tuple(line.split("|", 3)) for line in outcome.stdout.splitlines() if line.count("|") >= 3})
    # Origin is empty until the machine's first `apt-get update`: the distribution's own name stands in.
    candidates = [(uri, origin or _distribution(), suite, key) for uri, origin, suite, key in rows]
    for uri, origin, own_suite, key in sorted(set(candidates), key=lambda row: "security" in row[0]):
        for suite in DEBIAN_SUITES[version] if origin == "Debian" else (own_suite,):
            if origin in COMPONENTS and (origin == "Debian" or version != 16):
                yield Archive(uri, suite, COMPONENTS[origin], key)


def _distribution() -> str:
    release = Path("/etc/os-release")
    lines = release.read_text().splitlines() if release.exists() else []
    return next((line[3:].strip('"').capitalize() for line in lines if line.startswith("ID=")), "")


def _unpack(debs: list[Path], root: Path) -> None:
    root.mkdir()
    for deb in debs:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as package:
            command = ["tar", "-x", "--no-same-owner", "--keep-directory-symlink", "-C", str(root)]
            unpacked = subprocess.run(command, stdin=package.stdout, capture_output=True, text=True, check=False)
        if unpacked.returncode != 0 or package.returncode != 0:
            raise PbxUnavailable(f"cannot unpack {deb.name}: {_last_complaint(unpacked.stderr)}; is the disk full?")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    plain = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=plain)


def _last_complaint(stderr: str) -> str:
    return next((line for line in reversed(stderr.splitlines()) if line.strip()), "no message")


def main() -> int:
    """The command line; one line of result, exit code 1 with the reason when there is no Asterisk to be had."""
    parser = argparse.ArgumentParser(prog="python -m tests.pbx.fetch", description=__doc__.splitlines()[0])
    parser.add_argument("--version", type=int, choices=sorted(DEBIAN_SUITES), default=22)
    parser.add_argument("--into", type=Path, help="default: .cache/asterisk-<version> in the repository")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        tree = asterisk_tree(options.version, options.into)
    except PbxUnavailable as error:
        print(f"no Asterisk: {error}", file=sys.stderr)  # noqa: T201  a command's answer
        return 1
    print(f"Asterisk {tree.version} ready in {time.monotonic() - started:.1f} s: {tree.command[-1]}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
