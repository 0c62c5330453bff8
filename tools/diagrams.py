"""The state tables as docs/states.md shows them: `python -m tools.diagrams [--check]`.

The page's prose is written by hand. What stands between a pair of marks is drawn here from the tables in acd/agents.py
and acd/calls.py, and from nothing else: new states and inputs need a new run, not a change.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from acd import agents, calls

PAGE = Path(__file__).parent.parent / "docs" / "states.md"
COMMAND = "make diagrams"

Rows = Mapping[Any, StrEnum]
"""A state table: (state, input) -> state. Any, because a Mapping of subclasses of the key is no Mapping of the key."""


def main(arguments: list[str] | None = None) -> None:
    """Draw the page anew, or only see that this would change nothing; exits with 1 and a word if it would."""
    parser = argparse.ArgumentParser(prog="python -m tools.diagrams", description="Draw the state tables in the docs.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where page and tables differ")
    asked = parser.parse_args(arguments)
    page = PAGE.read_text(encoding="utf-8")
    drawn = redrawn(page)
    if not asked.check:
        PAGE.write_text(drawn, encoding="utf-8")
    elif page != drawn:
        sys.exit(f"docs/{PAGE.name} does not show the state tables as they are: run `{COMMAND}`")


def redrawn(page: str) -> str:
    """The page with every drawing as the tables are now, and all else as it was; exits where it lacks a mark."""
    for name, drawing in drawings().items():
        begin, end = f"<!-- {name}, drawn by `{COMMAND}` -->", f"<!-- end of {name} -->"
        before, begun, rest = page.partition(begin)
        _, ended, after = rest.partition(end)
        if not (begun and ended):
            sys.exit(f"docs/{PAGE.name} needs these two lines, for a drawing to stand between:\n{begin}\n{end}")
        page = f"{before}{begin}\n\n{drawing}\n\n{end}{after}"
    return page


def drawings() -> dict[str, str]:
    """All that is drawn, by the name in its marks."""
    pending = {pair: f"pending: {state}" for pair, state in agents.PENDINGS.items()}
    return {
        "agents at once": diagram(agents.TRANSITIONS, start=_first_state(agents.Agent)),
        "agents pending": diagram(agents.PENDINGS),
        "agents table": table(agents.AgentState, agents.AgentInput, {**agents.TRANSITIONS, **pending}),
        "calls": diagram(calls.TRANSITIONS, start=_first_state(calls.Call)),
        "calls table": table(calls.CallState, calls.CallInput, calls.TRANSITIONS),
    }


def _first_state(kind: type) -> StrEnum:
    """The state in which an agent or a call comes to be."""
    first = next(each.default for each in fields(kind) if each.name == "state")
    assert isinstance(first, StrEnum), f"{kind} says no more in which state it begins"
    return first


def diagram(rows: Rows, start: StrEnum | None = None) -> str:
    """A Mermaid state diagram: one arrow from a state to a state, with every input that leads there."""
    lines = ["```mermaid", "stateDiagram-v2", *_names(rows)]
    if start is not None:
        lines.append(f"    [*] --> {start.name}")
    lines += [f"    {state.name} --> {following.name}: {words}" for (state, following), words in _arrows(rows).items()]
    return "\n".join([*lines, "```"])


def _names(rows: Rows) -> Iterator[str]:
    """Lines that give states their words: Mermaid takes no hyphen in the name of a state."""
    seen = {state: None for (state, _), following in rows.items() for state in (state, following)}
    for state in seen:
        yield f'    state "{state}" as {state.name}'


def _arrows(rows: Rows) -> dict[tuple[StrEnum, StrEnum], str]:
    words: dict[tuple[StrEnum, StrEnum], str] = {}
    for (state, word), following in rows.items():
        ends = state, following
        words[ends] = f"{words[ends]}, {word}" if ends in words else str(word)
    return words


def table(states: type[StrEnum], inputs: type[StrEnum], cells: Mapping[Any, str]) -> str:
    """A table of every input in every state: what follows, or a dash for *not now*."""
    lines = [_line("input", states), _line("---", ("---" for _ in states))]
    lines += [_line(word, (cells.get((state, word), "—") for state in states)) for word in inputs]
    return "\n".join(lines)


def _line(head: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join([head, *cells])} |"


if __name__ == "__main__":
    main()
