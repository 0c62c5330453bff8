"""One heap of deadlines."""

from simulator.load.timers import Timers


def test_what_is_due_is_done_in_the_order_of_its_time_then_of_its_setting() -> None:
    timers, done = Timers(), []
    for when, name in ((2.0, "late"), (1.0, "first"), (1.0, "second"), (3.0, "not yet")):
        timers.at(when, lambda name=name: done.append(name))
    timers.run(2.5)
    assert done == ["first", "second", "late"]
    assert timers.next_at() == 3.0


def test_what_is_set_meanwhile_waits_for_the_next_look() -> None:
    """Something that sets itself anew at once can't hold up the loop."""
    timers, done = Timers(), []

    def again() -> None:
        done.append(1)
        timers.at(0.0, again)

    timers.at(0.0, again)
    timers.run(1.0)
    assert done == [1]
    assert timers.next_at() == 0.0


def test_without_deadlines_nothing_is_ever_due() -> None:
    assert Timers().next_at() == float("inf")
