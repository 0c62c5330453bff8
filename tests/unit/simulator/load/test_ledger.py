"""Delays of decisions and dispatches, as the simulated Asterisk notes them."""

from simulator.load.ledger import LATE_S, Ledger


def test_a_decision_lasts_from_the_callers_word_to_the_ring_a_dispatch_from_the_end_of_the_talk() -> None:
    ledger = Ledger()
    ledger.arrived("c1", 1.0)
    ledger.rang("c1", "1", "PJSIP/1", 1.004)
    ledger.freed("PJSIP/1", 2.0)
    assert ledger.awaited() == 1
    ledger.rang("c2", "1", "PJSIP/1", 2.25)
    told = ledger.collect(3.0)
    assert [round(each) for each in told["decision"]] == [4]
    assert told["dispatch"] == [250.0]
    assert told["rung"] == [("c1", "1", 1.004), ("c2", "1", 2.25)]
    assert ledger.awaited() == 0


def test_each_collection_begins_anew() -> None:
    ledger = Ledger()
    ledger.arrived("c1", 1.0)
    ledger.rang("c1", "1", "PJSIP/1", 1.5)
    ledger.talks("c1", "1", 1.75)
    ledger.collect(2.0)
    told = ledger.collect(3.0)
    assert (told["decision"], told["rung"], told["talking_since"], told["late"]) == ([], [], [], 0)


def test_who_waits_in_vain_is_late_once_and_no_delay_any_more() -> None:
    ledger = Ledger()
    ledger.arrived("c1", 1.0)
    ledger.freed("PJSIP/2", 1.0)
    assert ledger.collect(1.5 + LATE_S)["late"] == 2
    assert ledger.collect(9.0)["late"] == 0
    ledger.rang("c1", "1", "PJSIP/2", 9.5)
    told = ledger.collect(10.0)
    assert (told["decision"], told["dispatch"]) == ([], [])


def test_who_has_gone_awaits_nothing() -> None:
    ledger = Ledger()
    ledger.arrived("c1", 1.0)
    ledger.gone("c1")
    assert ledger.collect(99.0)["late"] == 0
