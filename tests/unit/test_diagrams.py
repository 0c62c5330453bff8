"""The drawings in docs/states.md are the state tables: no row is missing, no arrow is invented, none is out of date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from acd import agents, calls
from acd.agents import AgentInput, AgentState
from acd.calls import CallInput, CallState
from tools import diagrams

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
AT_ONCE, AFTERWARDS, OF_CALLS = range(3)
"""The diagrams as they follow one another on the page."""

Row = tuple[str, str, str]


def page_diagram(number: int) -> list[str]:
    """The lines of one of the page's diagrams, which are three."""
    drawn = re.findall(r"^```mermaid\nstateDiagram-v2\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(drawn) == 3
    return str(drawn[number]).splitlines()


def drawn_rows(lines: list[str]) -> tuple[list[Row], list[str]]:
    """What a diagram says: (state, input, following state) of every label on an arrow, and the states it starts in."""
    rows: list[Row] = []
    starts: list[str] = []
    names: dict[str, str] = {}
    for line in lines:
        if named := re.fullmatch(r' +state "([a-z-]+)" as (\w+)', line):
            names[named[2]] = named[1]
        elif start := re.fullmatch(r" +\[\*\] --> (\w+)", line):
            starts.append(names[start[1]])
        else:
            arrow = re.fullmatch(r" +(\w+) --> (\w+): ([a-z-]+(?:, [a-z-]+)*)", line)
            assert arrow is not None, f"no line of a diagram: {line}"
            rows += [(names[arrow[1]], word, names[arrow[2]]) for word in arrow[3].split(", ")]
    return rows, starts


def drawn_cells(head: str) -> dict[tuple[str, str], str]:
    """The cells, by state and input, of the page's table whose columns after the inputs are `head`."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = lines.index(f"| input | {head} |")
    cells: dict[tuple[str, str], str] = {}
    for line in lines[first + 2 : lines.index("", first)]:
        word, *row = line.strip("| ").split(" | ")
        cells |= {(state, word): cell for state, cell in zip(head.split(" | "), row, strict=True)}
    return cells


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the page for the tool to write, up to date: what a check says then is for what the test changes."""
    copy = tmp_path / PAGE.name
    copy.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(diagrams, "PAGE", copy)
    diagrams.main([])
    diagrams.main(["--check"])
    return copy


def test_the_page_is_up_to_date() -> None:
    diagrams.main(["--check"])


@pytest.mark.parametrize(
    ("number", "table"),
    [(AT_ONCE, agents.TRANSITIONS), (AFTERWARDS, agents.PENDINGS), (OF_CALLS, calls.TRANSITIONS)],
    ids=["agents at once", "agents pending", "calls"],
)
def test_the_arrows_are_the_rows(number: int, table: Mapping[tuple[StrEnum, StrEnum], StrEnum]) -> None:
    """Each row once, and nothing beside them."""
    rows, _ = drawn_rows(page_diagram(number))
    assert sorted(rows) == sorted((str(state), str(word), str(after)) for (state, word), after in table.items())


@pytest.mark.parametrize("number", [AT_ONCE, AFTERWARDS, OF_CALLS])
def test_between_two_states_there_is_one_arrow_each_way(number: int) -> None:
    arrows = [line.partition(":")[0] for line in page_diagram(number) if "-->" in line]
    assert len(arrows) == len(set(arrows))


@pytest.mark.parametrize(("number", "starts"), [(AT_ONCE, ["logged-out"]), (AFTERWARDS, []), (OF_CALLS, ["waiting"])])
def test_where_an_agent_and_a_call_begin_is_marked(number: int, starts: list[str]) -> None:
    """What is pending has no beginning."""
    assert drawn_rows(page_diagram(number))[1] == starts


def test_the_table_of_agents_has_every_pair() -> None:
    """What follows at once, what is noted as pending, or a dash."""
    noted = {pair: f"pending: {state}" for pair, state in agents.PENDINGS.items()}
    said = {**agents.TRANSITIONS, **noted}
    pairs = [(state, word) for state in AgentState for word in AgentInput]
    assert drawn_cells(" | ".join(AgentState)) == {pair: said.get(pair, "—") for pair in pairs}


def test_the_table_of_calls_has_every_pair() -> None:
    pairs = [(state, word) for state in CallState for word in CallInput]
    assert drawn_cells(" | ".join(CallState)) == {pair: calls.TRANSITIONS.get(pair, "—") for pair in pairs}


@pytest.mark.parametrize(
    ("table", "pair", "after"),
    [
        (agents.TRANSITIONS, (AgentState.LOGGED_OUT, AgentInput.OFFERED), AgentState.READY),
        (agents.PENDINGS, (AgentState.RINGING, AgentInput.GO_READY), AgentState.LOGGED_OUT),
        (calls.TRANSITIONS, (CallState.ENDED, CallInput.OFFER), CallState.WAITING),
    ],
    ids=["agents at once", "agents pending", "calls"],
)
def test_a_changed_table_fails_the_check_until_it_is_drawn(
    table: dict[tuple[StrEnum, StrEnum], StrEnum],
    pair: tuple[StrEnum, StrEnum],
    after: StrEnum,
    page: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The failure names the command; the check itself writes nothing."""
    before = page.read_text(encoding="utf-8")
    monkeypatch.setitem(table, pair, after)
    with pytest.raises(SystemExit, match="make diagrams"):
        diagrams.main(["--check"])
    assert page.read_text(encoding="utf-8") == before
    diagrams.main([])
    diagrams.main(["--check"])


def test_a_forgotten_row_fails_the_check(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(calls.TRANSITIONS, (CallState.WAITING, CallInput.END))
    with pytest.raises(SystemExit, match="make diagrams"):
        diagrams.main(["--check"])


def test_what_is_written_by_hand_stays(page: Path) -> None:
    """Prose is kept, a drawing changed by hand is drawn anew."""
    by_hand = page.read_text(encoding="utf-8").replace("\n## Calls\n", "\nA word more.\n\n## Calls\n")
    page.write_text(by_hand.replace("TALKING --> ENDED: end", "TALKING --> ENDED: hang-up"), encoding="utf-8")
    diagrams.main([])
    assert page.read_text(encoding="utf-8") == by_hand


def test_a_lost_mark_is_named(page: Path) -> None:
    """Without it a drawing would be left out unseen."""
    page.write_text(page.read_text(encoding="utf-8").replace("<!-- end of calls -->", ""), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"needs these two lines.*\n.*\n<!-- end of calls -->"):
        diagrams.main(["--check"])
