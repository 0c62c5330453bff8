"""Deadlines: in the order of time, then of setting; called off by changing the field."""

from types import SimpleNamespace

from acd.deadlines import Deadlines


def subject(**fields: int | None) -> SimpleNamespace:
    return SimpleNamespace(**fields)


def due(deadlines: Deadlines, now: int) -> list[tuple[int, str]]:
    """Everything that is due at `now`, in order."""
    return [(each.at, each.subject.name) for each in iter(lambda: deadlines.pop(now), None)]


def test_nothing_set_is_nothing_due() -> None:
    deadlines = Deadlines()
    assert deadlines.next() is None
    assert deadlines.pop(1 << 60) is None


def test_setting_writes_the_field() -> None:
    offer = subject(rings_until=None)
    Deadlines().set(offer, "rings_until", 500)
    assert offer.rings_until.at == 500


def test_due_at_its_instant_and_not_a_millisecond_before() -> None:
    deadlines, offer = Deadlines(), subject(rings_until=None)
    deadlines.set(offer, "rings_until", 500)
    assert deadlines.next() == 500
    assert deadlines.pop(499) is None
    assert offer.rings_until.at == 500
    popped = deadlines.pop(500)
    assert popped is not None
    assert (popped.at, popped.field, popped.subject) == (500, "rings_until", offer)
    assert offer.rings_until is None
    assert deadlines.next() is None
    assert deadlines.pop(500) is None


def test_the_earlier_first_and_among_equals_the_first_set() -> None:
    deadlines = Deadlines()
    for name, at in (("c", 30), ("a", 10), ("d", 30), ("b", 20), ("e", 30)):
        deadlines.set(subject(name=name, at=None), "at", at)
    assert due(deadlines, 25) == [(10, "a"), (20, "b")]
    assert due(deadlines, 99) == [(30, "c"), (30, "d"), (30, "e")]


def test_a_cleared_field_is_a_deadline_called_off() -> None:
    deadlines, first, second = Deadlines(), subject(name="first", at=None), subject(name="second", at=None)
    deadlines.set(first, "at", 10)
    deadlines.set(second, "at", 20)
    first.at = None
    assert deadlines.next() == 20
    assert due(deadlines, 50) == [(20, "second")]


def test_a_moved_deadline_counts_only_where_it_is_now() -> None:
    """Later as well as earlier than it was."""
    deadlines, later, earlier = Deadlines(), subject(name="later", at=None), subject(name="earlier", at=None)
    deadlines.set(later, "at", 10)
    deadlines.set(later, "at", 40)
    deadlines.set(earlier, "at", 90)
    deadlines.set(earlier, "at", 30)
    assert deadlines.next() == 30
    assert due(deadlines, 100) == [(30, "earlier"), (40, "later")]


def test_set_twice_at_one_instant_it_is_due_once() -> None:
    deadlines, each = Deadlines(), subject(name="each", at=None)
    deadlines.set(each, "at", 10)
    deadlines.set(each, "at", 10)
    assert due(deadlines, 10) == [(10, "each")]
    assert deadlines.next() is None


def test_two_fields_of_one_subject_are_two_deadlines() -> None:
    deadlines, agent = Deadlines(), subject(name="agent", wrap_up_until=None, client_grace_until=None)
    deadlines.set(agent, "wrap_up_until", 10)
    deadlines.set(agent, "client_grace_until", 20)
    agent.wrap_up_until = None
    assert due(deadlines, 20) == [(20, "agent")]


def test_what_is_set_while_popping_is_popped_too_when_due() -> None:
    deadlines, first, second = Deadlines(), subject(name="first", at=None), subject(name="second", at=None)
    deadlines.set(first, "at", 10)
    assert deadlines.pop(30) is not None
    deadlines.set(second, "at", 20)
    assert due(deadlines, 30) == [(20, "second")]


def test_called_off_and_set_again_for_the_same_instant_it_has_the_place_of_its_last_setting() -> None:
    """What was called off is gone: it doesn't come back to life with the place it had."""
    deadlines, first, second = Deadlines(), subject(name="first", at=None), subject(name="second", at=None)
    deadlines.set(first, "at", 10)
    first.at = None
    deadlines.set(second, "at", 10)
    deadlines.set(first, "at", 10)
    assert due(deadlines, 10) == [(10, "second"), (10, "first")]


def test_one_set_again_in_another_life_keeps_its_place_among_equals() -> None:
    """As after a restart from a snapshot: by the ticket it drew when it was set first, whatever is told first."""
    deadlines, first, second = Deadlines(), subject(name="first", at=None), subject(name="second", at=None)
    deadlines.set_again(second, "at", 10, 7)
    deadlines.set_again(first, "at", 10, 3)
    assert first.at.ticket == 3
    assert due(deadlines, 10) == [(10, "first"), (10, "second")]
