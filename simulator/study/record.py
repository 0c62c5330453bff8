"""A study for machines: everything that the reports show, as plain values; docs/simulator-studies.md has the keys.

How fast it was lived isn't in it: the same study gives the same record on any machine, in any number of processes.
"""

import platform
from collections.abc import Mapping
from typing import Any

from acd import __version__
from acd.ids import GroupId
from simulator.study.comparing import Comparison
from simulator.study.counts import BIN_MS, GroupCounts
from simulator.study.erlang import Against, NotApplicable, against
from simulator.study.findings import Checked, Study, clock
from simulator.study.measures import MEASURES
from simulator.study.statistics import CONFIDENCE, INTERVAL, Difference, Estimate

FORMAT = 1
"""Grows when a key changes its meaning or goes; new keys may come without."""


def of_study(study: Study) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "command": study.command,
        "versions": versions(),
        "confidence": {"level": CONFIDENCE, "method": INTERVAL},
        "figures": {key: {"unit": each.unit, "formula": each.formula} for key, each in MEASURES.items()},
        **_told(study),
    }


def of_comparison(found: Comparison) -> dict[str, Any]:
    first = of_study(found.first)
    shared = {key: first[key] for key in ("format", "versions", "confidence", "figures")}
    return {
        **shared,
        "command": found.command,
        "a": {"command": found.first.command, **_told(found.first)},
        "b": {"command": found.second.command, **_told(found.second)},
        "differences": {
            "all": _differences(found, None),
            "groups": {group: _differences(found, group) for group in found.groups},
        },
    }


def versions() -> dict[str, str]:
    return {"switchyard": __version__, "python": platform.python_version()}


def _told(study: Study) -> dict[str, Any]:
    """What is one study's own."""
    scenario = study.scenario
    return {
        "scenario": {"name": scenario.name, "title": scenario.title, "about": scenario.about},
        "seed": study.seed,
        "days": study.days,
        "warm_up_days": scenario.warm_up_days,
        "replications": len(study.replications),
        "seeds": [each.seed for each in study.replications],
        "virtual_hours": study.hours,
        "within_s": study.within_ms[0] / 1000,
        "all": _of_group(study, None),
        "groups": {group: _of_group(study, group) for group in study.groups},
        "callers": dict(study.callers()),
        "promises": [_promise(each) for each in study.promises()],
        "erlang_a": _erlang(against(study)),
    }


def _of_group(study: Study, group: GroupId | None) -> dict[str, Any]:
    return {
        "day": {key: _estimate(study.day(key, group)) for key in MEASURES},
        "intervals": [_interval(study, n, group) for n in range(study.intervals)],
        "waits": waits(study, group),
    }


def _interval(study: Study, n: int, group: GroupId | None) -> dict[str, Any]:
    figures = {
        key: _estimate(study.interval(key, n, group)) for key, measure in MEASURES.items() if measure.by_interval
    }
    return {"from": clock(study.scenario, n), **figures}


def waits(study: Study, group: GroupId | None) -> dict[str, Any]:
    """The histograms, calls a day: bin n is from n times `bin_s`, the last one of all that are longer."""
    days = study.days * len(study.replications)

    def a_day(kind: str) -> list[float]:
        return [sum(bins) / days for bins in zip(*(_bins(each, kind) for each in study.of(group)))]

    return {"bin_s": BIN_MS / 1000, "answered": a_day("answered"), "abandoned": a_day("abandoned")}


def _bins(counts: GroupCounts, kind: str) -> tuple[int, ...]:
    return counts.waits.answered if kind == "answered" else counts.waits.abandoned


def _promise(checked: Checked) -> dict[str, Any]:
    promise = checked.promise
    return {
        "text": promise.text(),
        "figure": promise.figure,
        "group": promise.group,
        "at_least": promise.at_least,
        "at_most": promise.at_most,
        "within_s": promise.within_s,
        "verdict": checked.verdict,
        **_estimate(checked.estimate),
    }


def _erlang(found: Against | NotApplicable) -> Mapping[str, Any]:
    if isinstance(found, NotApplicable):
        return {"applies": False, "why": found.why}
    return {
        "applies": True,
        "approximation": "pointwise stationary: each interval as if it had always been so",
        "aht_s": found.aht_s,
        "patience_s": found.patience_s,
        "ring_s": found.ring_s,
        "intervals": [
            each
            and {
                "agents": each.agents,
                "service_level": each.service_level,
                "mean_wait_s": each.mean_wait_s,
                "abandonment": each.abandonment,
            }
            for each in found.intervals
        ],
    }


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _differences(found: Comparison, group: GroupId | None) -> dict[str, Any]:
    return {key: _difference(found.difference(key, group)) for key in MEASURES}


def _difference(found: Difference) -> dict[str, Any]:
    half_width = found.half_width
    interval = Estimate(found.value, half_width)
    return {
        **_estimate(interval),
        "sure": found.is_sure,
        "unpaired_half_width": found.unpaired_half_width,
        "narrower": found.narrower,
    }
