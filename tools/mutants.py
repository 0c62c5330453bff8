"""Planted bugs: is each of them caught by the tests? `make mutants` prints caught/total, and fails when one is not.

Each mutant of tools/mutants.toml changes one place of the core in a copy of the project; the core's tests are run on
it until one fails. A mutant whose text isn't found exactly once is an error: it must be written anew for the new code.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
LIST = Path(__file__).with_suffix(".toml")
COPIED = ("acd", "simulator", "tests", "tools", "benchmarks", "config", "docs", "pyproject.toml", "Makefile")
CORE = (
    "agents calls callflow complaints consults deadlines dispatcher found hours lot matching monitors occupancy on_pbx"
    " on_people outgoing overflow queues reconfigure reconfigure_agents recordings router rows rules skills snapshot"
    " talks transfers"
)
STAGES = (tuple(f"tests/unit/test_{each}.py" for each in CORE.split()), ("tests/properties",))
"""The quick tests first; each file is that of a module of the core."""
S_MAX = 300
"""A mutant that never ends is caught, too."""


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str

    def problem(self, project: Path) -> str | None:
        """Why it can't be planted in `project`; None when it can."""
        found = (project / self.file).read_text().count(self.old)
        return None if found == 1 else f"{self.name}: its text is found {found} times in {self.file}, and not once"

    def plant(self, project: Path) -> None:
        path = project / self.file
        path.write_text(path.read_text().replace(self.old, self.new))

    def pull_out(self, project: Path) -> None:
        shutil.copy(PROJECT / self.file, project / self.file)


def mutants() -> list[Mutant]:
    """All that are listed."""
    return [Mutant(**each) for each in tomllib.loads(LIST.read_text())["mutants"]]


def catch(mutant: Mutant, project: Path) -> str | None:
    """The first test that fails on `mutant`, planted in the copy `project`; None when none does."""
    mutant.plant(project)
    try:
        return next(_failures(project), None)
    finally:
        mutant.pull_out(project)


def _failures(project: Path) -> Iterator[str]:
    for stage in STAGES:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *stage]
        try:
            run = subprocess.run(  # noqa: S603 - our own tests
                command, cwd=project, env=_environment(project), capture_output=True, text=True, timeout=S_MAX
            )
        except subprocess.TimeoutExpired:
            yield f"no end within {S_MAX} s"
            return
        if run.returncode not in (0, 1, 2):
            raise SystemExit(f"the tests could not be run:\n{run.stdout}{run.stderr}")
        if run.returncode:
            yield _first_failure(run.stdout)


def _environment(project: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}


def _first_failure(output: str) -> str:
    lines = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].split(" - ")[0].split(" ", 1)[1] if lines else "the tests did not run to their end"


def main() -> None:
    """Plant each in turn, some at a time; print what caught it, and in the end caught/total."""
    asked = _arguments()
    chosen = [each for each in mutants() if not asked.only or asked.only in each.name]
    problems = [problem for each in chosen if (problem := each.problem(PROJECT))]
    if problems:
        raise SystemExit("\n".join(problems))
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [_copy(Path(folder) / str(n)) for n in range(asked.jobs)]
        _must_pass_without(copies[0])
        with ThreadPoolExecutor(asked.jobs) as pool:
            caught = list(pool.map(lambda mutant: _try(mutant, copies), chosen))
    print(f"{sum(caught)}/{len(chosen)} planted bugs caught")  # noqa: T201
    raise SystemExit(0 if all(caught) else 1)


def _try(mutant: Mutant, copies: list[Path]) -> bool:
    copy = copies.pop()
    try:
        by = catch(mutant, copy)
    finally:
        copies.append(copy)
    print(f"{'caught' if by else 'MISSED':>7}  {mutant.name}" + (f"\n         by {by}" if by else ""), flush=True)  # noqa: T201
    return by is not None


def _must_pass_without(copy: Path) -> None:
    """Tests that fail anyway would catch everything."""
    by = next(_failures(copy), None)
    if by is not None:
        raise SystemExit(f"the tests fail without any planted bug: {by}")


def _copy(to: Path) -> Path:
    to.mkdir()
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make mutants", description="Plant bugs in the core; see the tests catch them."
    )
    parser.add_argument("--only", default="", help="those whose name has this in it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
