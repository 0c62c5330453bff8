"""The planted bugs of tools/mutants.toml fit the code as it is now; that they are caught is shown by `make mutants`."""

import ast

import pytest

from tools.mutants import PROJECT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda each: each.name)
def test_a_mutant_can_be_planted(mutant: Mutant) -> None:
    """Its text stands exactly once in its file, and what takes its place is Python that differs."""
    assert mutant.problem(PROJECT) is None
    text = (PROJECT / mutant.file).read_text()
    assert ast.dump(ast.parse(text.replace(mutant.old, mutant.new))) != ast.dump(ast.parse(text))


def test_no_two_have_one_name() -> None:
    names = [each.name for each in mutants()]
    assert len(set(names)) == len(names) >= 25
