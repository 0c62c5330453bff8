"""What a promised figure is, when a promise is kept, and how it reads."""

from __future__ import annotations

import pytest

from acd.ids import GroupId
from simulator.figures import Figures, Result
from simulator.scenarios import Figure, Promise, value

FIGURES = Figures(
    offered=110,
    answered=70,
    abandoned=20,
    sent_elsewhere=6,
    refused=3,
    merged=1,
    unfinished=10,
    service_level=0.75,
    mean_wait_s=12.5,
    p90_wait_s=30.0,
    longest_wait_s=90.0,
    abandonment=20 / 90,
    occupancy=0.8,
)
NOTHING = Figures(0, 0, 0, 0, 0, 0, 0, None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("figure", "expected"),
    {
        Figure.SERVICE_LEVEL: 0.75,
        Figure.ANSWERED_SHARE: 0.7,
        Figure.ABANDONMENT: 20 / 90,
        Figure.SENT_ELSEWHERE_SHARE: 0.06,
        Figure.REFUSED_SHARE: 0.03,
        Figure.MEAN_WAIT_S: 12.5,
        Figure.P90_WAIT_S: 30.0,
        Figure.LONGEST_WAIT_S: 90.0,
        Figure.OCCUPANCY: 0.8,
    }.items(),
)
def test_every_figure_is_what_it_is_defined_as(figure: Figure, expected: float) -> None:
    assert value(figure, FIGURES) == expected


@pytest.mark.parametrize("figure", Figure)
def test_of_nothing_there_is_no_figure_and_no_promise_is_kept(figure: Figure) -> None:
    promise = Promise(figure, at_least=0.0)
    assert promise.value(Result(NOTHING, {})) is None
    assert not promise.is_kept_by(None)


def test_a_promise_is_of_a_group_or_of_all() -> None:
    result = Result(NOTHING, {GroupId("desk"): FIGURES})
    assert Promise(Figure.OCCUPANCY, GroupId("desk"), at_most=0.9).value(result) == 0.8
    assert Promise(Figure.OCCUPANCY, at_most=0.9).value(result) is None


def test_bounds_belong_to_what_is_promised() -> None:
    promise = Promise(Figure.OCCUPANCY, at_least=0.6, at_most=0.8)
    assert [promise.is_kept_by(value) for value in (0.59, 0.6, 0.7, 0.8, 0.81)] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("promise", "text"),
    [
        (
            Promise(Figure.SERVICE_LEVEL, GroupId("tickets"), at_least=0.8, within_s=20),
            "tickets: at least 80 % answered within 20 s",
        ),
        (Promise(Figure.ANSWERED_SHARE, at_least=0.85), "all: at least 85 % answered by people"),
        (Promise(Figure.ABANDONMENT, at_most=0.025), "all: at most 2.5 % abandoned"),
        (Promise(Figure.MEAN_WAIT_S, at_most=12.5), "all: mean wait of the answered at most 12.5 s"),
        (
            Promise(Figure.OCCUPANCY, at_least=0.6, at_most=0.85),
            "all: occupancy of the agents at least 60 % and at most 85 %",
        ),
    ],
)
def test_a_promise_in_words(promise: Promise, text: str) -> None:
    assert promise.text() == text
