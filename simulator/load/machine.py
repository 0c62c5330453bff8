"""What this machine tells of processes (by /proc, so on Linux alone), and its limits."""

from __future__ import annotations

import contextlib
import os
import resource
from dataclasses import dataclass
from pathlib import Path

NOT_LINUX = "memory, CPU and waiting times of processes are read from /proc, which only Linux has: they are left out"


def has_proc() -> bool:
    """Whether processes' memory and CPU can be read here."""
    return Path("/proc/self/stat").exists()


def is_there(pid: int) -> bool:
    """Whether such a process runs here."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def raise_file_limit() -> int:
    """Let this process, and those it starts, open as many files as it may; how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1 << 30


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used until now."""

    cpu_s: float
    main_s: float
    """Of its main thread alone."""
    waited_s: float
    """How long that thread was ready to run and had no core."""
    rss_bytes: int

    def since(self, before: Usage, seconds: float) -> dict[str, float]:
        """The shares of one core, %, of so many seconds since `before`; and the memory now, MB."""
        return {
            "cpu": _percent(self.cpu_s - before.cpu_s, seconds),
            "main": _percent(self.main_s - before.main_s, seconds),
            "waited": _percent(self.waited_s - before.waited_s, seconds),
            "rss_mb": round(self.rss_bytes / 2**20, 1),
        }


@dataclass(frozen=True, slots=True)
class Cores:
    """What all cores together have done until now, for whomever, in ticks."""

    busy: int
    all: int

    def since(self, before: Cores) -> dict[str, float]:
        """How busy they were since `before`, % of all; and how many there are."""
        passed = max(1, self.all - before.all)
        return {"busy": _percent(self.busy - before.busy, passed), "cores": float(os.cpu_count() or 1)}


def cores() -> Cores | None:
    """What the cores have done; None if there is no /proc."""
    try:
        ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return None
    idle = ticks[3] + ticks[4]
    return Cores(sum(ticks) - idle, sum(ticks))


def _percent(part_s: float, of_s: float) -> float:
    return round(100 * part_s / of_s, 1)


def usage(pid: int | None) -> Usage | None:
    """What the process has used; None if it isn't known or gone, or there is no /proc."""
    if pid is None:
        return None
    try:
        folder = Path("/proc") / str(pid)
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        main_ns, waited_ns, _ = map(int, (folder / "task" / str(pid) / "schedstat").read_text().split())
        pages = int((folder / "statm").read_text().split()[1])
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    cpu_s, page_bytes = ticks / os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return Usage(cpu_s, main_ns / 1e9, waited_ns / 1e9, pages * page_bytes)


def folder_bytes(folder: Path, pattern: str) -> int:
    """How much the files of that pattern hold together."""
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.exists())
