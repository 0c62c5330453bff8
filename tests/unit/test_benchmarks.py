"""The benchmarks of the core run, so that what figures.md quotes can be measured again."""

from benchmarks import crowds, memory


def test_every_step_before_a_small_crowd_makes_an_offer() -> None:
    figures = crowds.figures(calls=2_000, agents=1_000, steps=20, runs=1)
    assert len(figures) == 8
    assert all(took > 0 for took in figures.values())


def test_agents_and_waiting_calls_weigh_something() -> None:
    figures = memory.figures(agents=50, calls=50)
    assert min(figures.values()) > 300
