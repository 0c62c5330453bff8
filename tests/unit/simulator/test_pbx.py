"""The simulated PBX keeps the port's contract as a real one must."""

import pytest

from acd.commands import (
    AnswerOffer,
    KeepWaiting,
    OfferCall,
    OfferCallback,
    PlayPrompt,
    RefusalCause,
    RefuseCall,
    ReleaseCall,
    SendElsewhere,
    TellPosition,
    WithdrawOffer,
)
from acd.events import (
    CallArrived,
    CallbackAccepted,
    CallerLeft,
    NumberAnswered,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PbxFound,
    PhoneLeft,
    SendingFailed,
    SentElsewhere,
)
from acd.ids import OfferId
from acd.rules import Destination, DestinationKind
from simulator.agenda import Agenda
from simulator.legs import LegState, PhoneCondition
from simulator.pbx import RING_LIMIT_MS, Pbx
from tests.unit.simulator.bench import FIRST, LATENCY_MS, SECOND, Bench

OUTSIDE = Destination(DestinationKind.NUMBER, "10010")
HANG_UP = Destination(DestinationKind.HANG_UP)


@pytest.fixture
def bench():
    return Bench()


def test_is_found_before_anything_else():
    agenda, told = Agenda(), []
    pbx = Pbx(agenda, told.append, Bench(), 0)
    pbx.begin(0)
    pbx.call_in(CallArrived("c1", "8000"), 0)
    agenda.advance(0)
    assert [type(event) for event in told] == [PbxFound, CallArrived]


def test_an_answered_phone_is_connected_and_told_after_the_latency(bench):
    leg = bench.ring()
    bench.at(3_000).pbx.pick_up(leg, 3_000)
    bench.at(3_100)
    assert bench.told == [(3_000 + LATENCY_MS, OfferAccepted(FIRST))]
    assert bench.heard[-1] == ("talk", 3_000)


def test_a_withdrawn_offer_never_connects(bench):
    leg = bench.ring()
    bench.at(3_000).do(WithdrawOffer(FIRST))
    bench.pbx.pick_up(leg, 3_000)
    assert leg.state is LegState.GONE
    assert bench.end() == []


def test_an_offer_withdrawn_while_its_answer_is_being_told_is_parted_again(bench):
    """The core's word was on the way when the phone was answered: the caller goes back to the music."""
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.do(WithdrawOffer(FIRST))
    assert bench.heard[-1][0] == "music"
    assert not bench.pbx.callers["c1"].talks
    assert bench.ring(SECOND) is not leg
    bench.pbx.pick_up(bench.legs[-1], 0)
    assert bench.end()[-1] == OfferAccepted(SECOND)


def test_withdrawing_what_is_unknown_does_nothing(bench):
    bench.do(WithdrawOffer(FIRST))
    assert bench.end() == []


def test_a_caller_who_leaves_while_it_rings_is_told_once_and_stops_the_phone(bench):
    leg = bench.ring()
    bench.pbx.hang_up("c1", 0)
    bench.pbx.hang_up("c1", 0)
    bench.pbx.pick_up(leg, 0)
    assert bench.end() == [CallerLeft("c1")]
    assert bench.pbx.phone("P/1").leg is None
    assert bench.heard.count(("gone", 10)) + bench.heard.count(("gone", 0)) == 1


def test_an_offer_that_crosses_the_callers_leaving_is_answered_by_that(bench):
    bench.pbx.hang_up("c1", 0)
    assert bench.ring() is None
    assert bench.end() == [CallerLeft("c1")]


def test_nobody_answering_the_pbx_gives_up_itself_later_than_asked(bench):
    bench.ring()
    assert bench.end() == [OfferFailed(FIRST, OfferFailure.UNANSWERED)]
    assert bench.told[0][0] == LATENCY_MS + 15_000 + RING_LIMIT_MS + LATENCY_MS


def test_a_phone_may_decline(bench):
    leg = bench.ring()
    bench.pbx.decline(leg, 0)
    bench.pbx.decline(leg, 0)
    assert bench.end() == [OfferFailed(FIRST, OfferFailure.REJECTED)]


@pytest.mark.parametrize(
    ("condition", "why"),
    [(PhoneCondition.BUSY, OfferFailure.BUSY), (PhoneCondition.UNREACHABLE, OfferFailure.UNREACHABLE)],
)
def test_a_phone_that_cant_ring_fails(bench, condition, why):
    bench.pbx.phone("P/1").condition = condition
    assert bench.ring() is None
    assert bench.end() == [OfferFailed(FIRST, why)]


def test_a_phone_in_a_call_of_ours_is_busy(bench):
    bench.pbx.pick_up(bench.ring(), 0)
    bench.pbx.call_in(CallArrived("c2", "8000"), 0)
    bench.ring(OfferId("c2", 1))
    bench.at(100)
    assert bench.told[-1][1] == OfferFailed(OfferId("c2", 1), OfferFailure.BUSY)


def ring_all(bench, count=3):
    """`count` phones ring for the caller."""
    for n in range(1, count + 1):
        bench.ring(OfferId("c1", n), f"P/{n}")
    return bench.legs


def test_of_many_phones_that_ring_the_first_wins_and_the_others_ring_until_withdrawn(bench):
    first, second, third = ring_all(bench)
    bench.pbx.pick_up(second, bench.now)
    assert [first.state, second.state, third.state] == [LegState.RINGING, LegState.TALKING, LegState.RINGING]
    bench.do(WithdrawOffer(FIRST))
    bench.do(WithdrawOffer(third.offer))
    assert [first.state, second.state, third.state] == [LegState.GONE, LegState.TALKING, LegState.GONE]
    assert bench.heard.count(("talk", bench.now)) == 1
    assert bench.heard[-1][0] == "talk"
    assert bench.end() == [OfferAccepted(SECOND)]


def test_an_answer_too_late_hangs_up_again_and_hurts_nobody(bench):
    first, second, third = ring_all(bench)
    bench.pbx.pick_up(second, bench.now)
    bench.pbx.pick_up(first, bench.now)
    assert [first.state, second.state, third.state] == [LegState.GONE, LegState.TALKING, LegState.RINGING]
    assert bench.pbx.phone("P/1").leg is None
    bench.do(WithdrawOffer(FIRST))
    bench.do(WithdrawOffer(third.offer))
    bench.pbx.pick_up(third, bench.now)
    bench.pbx.decline(third, bench.now)
    assert second.caller.talks
    assert bench.end() == [OfferAccepted(SECOND)]


def test_one_of_many_that_declines_leaves_the_others_ringing(bench):
    first, second, _ = ring_all(bench)
    bench.pbx.decline(first, bench.now)
    bench.pbx.pick_up(second, bench.now)
    bench.at(100)
    assert [event for _, event in bench.told] == [OfferFailed(FIRST, OfferFailure.REJECTED), OfferAccepted(SECOND)]


def test_a_caller_who_leaves_ends_all_rings(bench):
    legs = ring_all(bench)
    bench.pbx.hang_up("c1", bench.now)
    assert {leg.state for leg in legs} == {LegState.GONE}
    assert bench.end() == [CallerLeft("c1")]


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_leaves_the_caller(bench, lost):
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.pbx.put_down(leg, 0, lost=lost)
    bench.pbx.put_down(leg, 0, lost=lost)
    bench.do(KeepWaiting("c1"))
    assert bench.heard[-1][0] == "music"
    assert bench.end() == [OfferAccepted(FIRST), PhoneLeft(FIRST, lost)]
    assert "c1" in bench.pbx.callers


def test_who_talks_is_not_kept_waiting(bench):
    """The word was for a phone that left before; another one has answered since."""
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.do(KeepWaiting("c1"))
    assert leg.state is LegState.TALKING
    assert bench.heard[-1][0] == "talk"


def test_released_the_caller_and_the_phone_are_gone(bench):
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.do(ReleaseCall("c1"))
    assert leg.state is LegState.GONE
    assert bench.end() == [OfferAccepted(FIRST), CallerLeft("c1")]


def test_a_refused_call_was_never_ours(bench):
    """The dialplan goes on with it: nothing more is told."""
    bench.do(RefuseCall("c1", RefusalCause.UNKNOWN_ENTRY, ""))
    assert bench.end() == []
    assert bench.pbx.callers == {}


def test_commands_for_a_call_that_is_gone_do_nothing(bench):
    bench.pbx.hang_up("c1", 0)
    for command in (KeepWaiting("c1"), ReleaseCall("c1"), RefuseCall("c1", RefusalCause.UNKNOWN_ENTRY, "")):
        bench.do(command)
    assert bench.end() == [CallerLeft("c1")]


# --- destinations, prompts, callbacks -------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [OUTSIDE, Destination(DestinationKind.VOICEMAIL, "7"), HANG_UP])
def test_a_caller_sent_elsewhere_is_gone(bench, to):
    bench.do(SendElsewhere("c1", to))
    assert bench.pbx.callers == {}
    assert bench.heard[-1][0] == "gone"
    assert bench.end() == [SentElsewhere("c1")]


def test_where_nobody_answers_the_caller_hears_the_music_on(bench):
    bench.outside_takes = False
    bench.do(SendElsewhere("c1", OUTSIDE))
    assert "c1" in bench.pbx.callers
    assert bench.end() == [SendingFailed("c1", "number:10010 doesn't answer")]


def test_hanging_up_always_works(bench):
    bench.outside_takes = False
    bench.do(SendElsewhere("c1", HANG_UP))
    assert bench.end() == [SentElsewhere("c1")]


def test_a_sending_that_crosses_the_callers_leaving_is_answered_by_that(bench):
    bench.pbx.hang_up("c1", bench.now)
    bench.do(SendElsewhere("c1", OUTSIDE))
    assert bench.end() == [CallerLeft("c1")]


def test_prompts_change_nothing_and_are_counted(bench):
    bench.do(PlayPrompt("c1", "sorry"))
    bench.do(PlayPrompt("c9", "sorry"))
    assert bench.pbx.prompts_played == 1
    assert bench.end() == []


def away(bench):
    """The caller has accepted the callback."""
    bench.do(OfferCallback("c1"))
    assert bench.heard[-1] == ("callback?", bench.now)
    assert bench.pbx.accept_callback("c1", "139", bench.now)
    bench.at(bench.now + LATENCY_MS)
    assert bench.told.pop() == (bench.now, CallbackAccepted("c1", "139"))


def test_a_callback_rings_the_agent_first_and_then_the_customer(bench):
    away(bench)
    leg = bench.ring()
    bench.pbx.pick_up(leg, bench.now)
    assert bench.heard[-1][0] == "dialled"
    assert bench.parties[-1].number == "139"
    bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    assert bench.heard[-1][0] == "talk"
    bench.pbx.numbers.fails(bench.parties[-1], bench.now)
    assert bench.end() == [OfferAccepted(FIRST), NumberAnswered("c1")]


def test_a_customer_who_doesnt_answer_is_gone(bench):
    away(bench)
    leg = bench.ring()
    bench.pbx.pick_up(leg, bench.now)
    bench.pbx.numbers.fails(bench.parties[-1], bench.now)
    bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    assert leg.state is LegState.GONE
    assert bench.end() == [OfferAccepted(FIRST), NumberFailed("c1", OfferFailure.UNANSWERED)]


def test_nobody_hears_music_while_away(bench):
    """An offer withdrawn after the answer, a phone lost before the customer's: the dialling stops, and begins anew."""
    away(bench)
    for offer in (FIRST, SECOND):
        leg = bench.ring(offer)
        bench.pbx.pick_up(leg, bench.now)
        if offer is FIRST:
            bench.do(WithdrawOffer(FIRST))
        else:
            bench.pbx.put_down(leg, bench.now, lost=True)
            bench.do(KeepWaiting("c1"))
        bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    heard = [what for what, _ in bench.heard]
    assert heard == ["music", "callback?", "dialled", "dialled"]
    bench.pbx.pick_up(bench.ring(OfferId("c1", 3)), bench.now)
    assert bench.heard[-1][0] == "dialled"


def test_a_callback_accepted_while_it_rings_is_dialled_at_the_answer(bench):
    leg = bench.ring()
    away(bench)
    bench.pbx.pick_up(leg, bench.now)
    assert bench.heard[-1][0] == "dialled"


def test_who_is_away_can_be_forgotten_but_not_sent(bench):
    away(bench)
    bench.do(SendElsewhere("c1", OUTSIDE))
    bench.do(SendElsewhere("c1", HANG_UP))
    assert bench.end() == [SendingFailed("c1", "the caller is away"), SentElsewhere("c1")]


def test_who_talks_is_away_or_gone_accepts_no_callback(bench):
    away(bench)
    bench.do(OfferCallback("c1"))
    assert not bench.pbx.accept_callback("c1", "139", bench.now)
    leg = bench.ring()
    bench.pbx.pick_up(leg, bench.now)
    bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    bench.do(OfferCallback("c1"))
    assert not bench.pbx.accept_callback("c1", "139", bench.now)
    bench.pbx.hang_up("c1", bench.now)
    bench.do(OfferCallback("c1"))
    assert not bench.pbx.accept_callback("c1", "139", bench.now)
    assert [what for what, _ in bench.heard].count("callback?") == 1


# --- outgoing calls -------------------------------------------------------------------------------------------------

OUT = OfferId("out", 1)


def dials(bench, device="P/1"):
    bench.do(OfferCall(OUT, "ann", device, "desk", "", "", "", 0, 15_000, "10010"))
    return bench.legs[-1] if bench.legs else None


def test_an_outgoing_call_rings_the_agent_and_then_the_number(bench):
    bench.pbx.pick_up(dials(bench), bench.now)
    assert bench.parties[-1].number == "10010"
    bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    assert bench.heard[-1][0] == "talk"
    bench.pbx.hang_up("out", bench.now)
    assert bench.end() == [OfferAccepted(OUT), NumberAnswered("out"), CallerLeft("out")]


@pytest.mark.parametrize("why", [OfferFailure.BUSY, OfferFailure.UNANSWERED])
def test_a_number_not_reached_ends_the_call_and_frees_the_phone(bench, why):
    bench.pbx.pick_up(dials(bench), bench.now)
    bench.pbx.numbers.fails(bench.parties[-1], bench.now, why)
    assert bench.pbx.phone("P/1").leg is None
    assert bench.end() == [OfferAccepted(OUT), NumberFailed("out", why)]


def test_nothing_is_left_of_an_outgoing_call_whose_agent_doesnt_answer(bench):
    """By the phone's word, by the core's before or after the answer, or because the phone can't ring at all."""
    bench.pbx.decline(dials(bench), bench.now)
    dials(bench)
    bench.do(WithdrawOffer(OUT))
    bench.pbx.pick_up(dials(bench), bench.now)
    bench.do(WithdrawOffer(OUT))
    assert bench.parties[-1].state is LegState.GONE
    bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    bench.pbx.phone("P/1").condition = PhoneCondition.BUSY
    dials(bench)
    assert [*bench.pbx.callers] == ["c1"]
    failed = [OfferFailed(OUT, why) for why in (OfferFailure.REJECTED, OfferFailure.BUSY)]
    assert bench.end() == [failed[0], OfferAccepted(OUT), failed[1]]


def test_an_agent_who_hangs_up_while_the_number_rings_stops_it(bench):
    leg = dials(bench)
    bench.pbx.pick_up(leg, bench.now)
    bench.pbx.put_down(leg, bench.now)
    bench.pbx.numbers.answers(bench.parties[-1], bench.now)
    bench.do(ReleaseCall("out"))
    assert bench.end() == [OfferAccepted(OUT), PhoneLeft(OUT), CallerLeft("out")]


# --- small words ----------------------------------------------------------------------------------------------------


def test_a_phone_answers_by_itself_when_told_to(bench):
    bench.ring()
    bench.do(AnswerOffer(FIRST))
    bench.do(AnswerOffer(FIRST))
    bench.do(AnswerOffer(SECOND))
    assert bench.end() == [OfferAccepted(FIRST)]


def test_positions_change_nothing_and_are_counted(bench):
    bench.do(TellPosition("c1", 3))
    bench.do(TellPosition("c9", 3))
    assert bench.pbx.positions_told == 1
    assert bench.end() == []


def test_a_talking_caller_who_cant_be_sent_is_on_music_without_the_phone(bench):
    leg = bench.ring()
    bench.pbx.pick_up(leg, bench.now)
    bench.outside_takes = False
    bench.do(SendElsewhere("c1", OUTSIDE))
    assert leg.state is LegState.GONE
    assert bench.heard[-1][0] == "music"
