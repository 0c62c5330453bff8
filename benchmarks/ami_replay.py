"""How many AMI events a second are taken: a real stream, replayed at full speed to each listener in turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.ami_events import AGENTS, EVENT, SHIPPED_USER, Recording

LISTENERS = ("adapter", "daemon", "panoramisk", "panoramisk-some")
OURS = ("adapter", "daemon")
STREAMS = {"unfiltered": "rights", "filtered": SHIPPED_USER}
"""Which stream -> whose ears it was recorded with."""


def figures(recording: Recording, runs: int) -> dict[str, Any]:
    """By stream and listener, medians of `runs` that take turns."""
    return {name: _of_stream(recording, user, runs) for name, user in STREAMS.items()}


def _of_stream(recording: Recording, user: str, runs: int) -> dict[str, Any]:
    stream = recording.streams[user]
    samples: dict[str, list[dict[str, float]]] = {who: [] for who in LISTENERS}
    with playing(stream, recording) as port:
        for run in range(runs):
            first = run % len(LISTENERS)
            for who in LISTENERS[first:] + LISTENERS[:first]:
                samples[who].append(heard_by(who, port))
    events = len(EVENT.findall(stream))
    told: dict[str, Any] = {who: _summary(each, events, recording.calls) for who, each in samples.items()}
    bare = told["panoramisk"]
    rates = {f"{who}_over_panoramisk": _ratio(told[who], bare, "events_per_s") for who in OURS}
    work = {f"{who}_work_over_panoramisk": _ratio(told[who], bare, "processor_us_per_call") for who in OURS}
    return {"events": events, **told, **rates, **work}


def _summary(samples: list[dict[str, float]], events: int, calls: int) -> dict[str, float]:
    clock_s = [each["clock_s"] for each in samples]
    median_s = statistics.median(clock_s)
    processor_s = statistics.median(each["processor_s"] for each in samples)
    return {
        "events_per_s": round(events / median_s),
        "min": round(events / max(clock_s)),
        "max": round(events / min(clock_s)),
        "calls_per_s": round(calls / median_s),
        "processor_us_per_call": round(processor_s / calls * 1e6),
    }


def _ratio(ours: dict[str, float], bare: dict[str, float], key: str) -> float:
    return round(ours[key] / bare[key], 2)


@contextmanager
def playing(stream: bytes, recording: Recording) -> Iterator[int]:
    """A player of `stream` in a process of its own; its port."""
    with tempfile.NamedTemporaryFile(prefix="bench-") as file:
        Path(file.name).write_bytes(stream)
        command = [sys.executable, "-m", "benchmarks.ami_player", file.name, recording.token, recording.run]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as player:
            assert player.stdout is not None
            try:
                yield int(player.stdout.readline())
            finally:
                player.kill()


def heard_by(who: str, port: int) -> dict[str, float]:
    """What that listener measured. Raises RuntimeError with its last words if it failed."""
    command = [sys.executable, "-m", "benchmarks.ami_listeners", who, str(port), str(AGENTS)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RuntimeError(f"{who}: {answer.stderr}")
    return dict(json.loads(answer.stdout.splitlines()[-1]))
