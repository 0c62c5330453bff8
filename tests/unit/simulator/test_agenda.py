from simulator.agenda import DEAD_MAX, Agenda


def test_is_kept_in_the_order_of_time_then_of_making():
    agenda, done = Agenda(), []
    for when, name in [(20, "b"), (10, "a"), (20, "c"), (30, "d")]:
        agenda.at(when, lambda at, name=name: done.append((name, at)))
    agenda.advance(20)
    assert done == [("a", 10), ("b", 20), ("c", 20)]
    assert agenda.next_due() == 30


def test_what_is_made_on_the_way_is_kept_as_well():
    """Each is told its own instant, not the one that `advance` was called with."""
    agenda, done = Agenda(), []
    agenda.at(10, lambda at: agenda.at(at + 5, done.append))
    agenda.advance(100)
    assert done == [15]


def test_cancelled_is_not_done_and_not_due():
    agenda, done = Agenda(), []
    agenda.cancel(agenda.at(10, done.append))
    assert agenda.next_due() is None
    agenda.advance(10)
    assert done == []


def test_is_told_what_was_given_and_the_instant():
    agenda, done = Agenda(), []
    agenda.at(10, lambda *what: done.append(what), "a", 1)
    agenda.advance(10)
    assert done == [("a", 1, 10)]


def test_cancelled_appointments_dont_pile_up_and_the_others_are_kept_in_order():
    agenda, done = Agenda(), []
    for n in range(10_000):
        agenda.cancel(agenda.at(1_000_000 - n, done.append))
        if n % 100 == 0:
            agenda.at(n, done.append)
    assert len(agenda) == 100
    assert len(agenda._heap) <= 2 * 100 + DEAD_MAX
    agenda.advance(2_000_000)
    assert done == list(range(0, 10_000, 100))


def test_cancelling_what_is_over_does_nothing():
    agenda, done = Agenda(), []
    appointment = agenda.at(10, done.append)
    agenda.advance(10)
    agenda.cancel(appointment)
    agenda.cancel(appointment)
    assert done == [10]
