"""What a what-if looks like on the terminal, and as JSON."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from simulator.comparison import as_json, head, show
from simulator.figures import Figures, Result
from simulator.whatif import WhatIf

BEFORE = Figures(100, 80, 18, 0, 0, 0, 2, 0.75, 12.34, 30.0, 90.5, 0.18, 0.9)
AFTER = replace(BEFORE, answered=95, abandoned=3, service_level=0.8, mean_wait_s=10.0, abandonment=0.03, occupancy=None)
FOUND = WhatIf(
    begin=1_763_760_000_000,
    end=1_763_763_600_000,
    within_s=20,
    seed=1,
    assumptions=("nothing.",),
    remarks=("line 7: is torn",),
    recorded=Result(BEFORE, {"desk": BEFORE, "[old]": BEFORE}),
    modelled=Result(BEFORE, {"desk": BEFORE, "[old]": BEFORE}),
    other=Result(AFTER, {"desk": AFTER, "new": AFTER}),
)


def shown(found):
    out = io.StringIO()
    show(found, Console(file=out, width=100))
    return out.getvalue()


def row(text, name, nth=0):
    """The cells of the nth row so named."""
    rows = [line for line in text.splitlines() if line.strip().startswith(name)]
    return rows[nth].split(name)[1].split()


def test_the_head_says_what_is_compared_what_is_wrong_and_what_is_assumed():
    assert head(FOUND) == [
        "What if: the calls from 2025-11-21 21:20:00 UTC to 2025-11-21 22:20:00 UTC by other rules.",
        "! line 7: is torn",
        "What is assumed:",
        "- nothing.",
    ]


def test_figures_stand_side_by_side_with_what_changes():
    text = shown(FOUND)
    assert row(text, "answered") == ["80", "80", "95", "+15"]
    assert row(text, "service level") == ["75.0", "%", "75.0", "%", "80.0", "%", "+5.0"]
    assert row(text, "mean wait (ASA)") == ["12.3", "s", "12.3", "s", "10.0", "s", "-2.3", "s"]
    assert row(text, "longest wait")[-1] == "="
    assert row(text, "occupancy") == ["90.0", "%", "90.0", "%", "-"]
    assert "answered within T / (answered + abandoned after T), T = 20 s" in text


def test_groups_of_either_rules_are_shown_and_ends_that_nobody_came_to_are_not():
    text = shown(FOUND)
    assert [name for name in ("all", "desk", "[old]", "new") if name in text] == ["all", "desk", "[old]", "new"]
    assert row(text, "calls offered", 2) == ["100", "100", "-"]
    assert row(text, "calls offered", 3) == ["-", "-", "100"]
    assert "end unknown" in text
    assert "refused" not in text


def test_json_has_it_all():
    plain = json.loads(json.dumps(as_json(FOUND)))
    assert plain["service_level"] == {"formula": "answered within T / (answered + abandoned after T)", "within_s": 20}
    assert plain["recorded"]["all"]["mean_wait_s"] == pytest.approx(12.34)
    assert plain["other"]["groups"]["new"]["occupancy"] is None
    assert (plain["assumptions"], plain["remarks"]) == (["nothing."], ["line 7: is torn"])
