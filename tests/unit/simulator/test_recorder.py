"""What a recorder makes of a day: what is the calls' own, and what the agents did by themselves."""

import pytest

from acd import events as ev
from acd.ids import OfferId
from acd.router import Router
from acd.rules import (
    AgentRecord,
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    Rules,
    RulesChange,
    SkillGroup,
    Strategy,
)
from simulator.recorded import Deed, RecordedCall, RingEnd, Wish
from simulator.recorder import Recorder

VOICEMAIL = Destination(DestinationKind.VOICEMAIL, "1")
RULES = Rules(
    groups={
        "desk": SkillGroup("desk", ring_ms=15_000, wrap_up_ms=30_000),
        "late": SkillGroup(
            "late", needs=(("x", 1),), steps=(OverflowStep(5_000, callback=True), OverflowStep(20_000, to=VOICEMAIL))
        ),
        "all": SkillGroup("all", strategy=Strategy.RING_ALL),
    },
    entries={"1": EntryPoint("1", "desk"), "2": EntryPoint("2", "late"), "3": EntryPoint("3", "all")},
    agents={name: AgentRecord(name, f"P/{name}") for name in ("ann", "bob")},
)


class Day:
    """A router between nine and ten, told events at seconds; ann is ready from 0."""

    def __init__(self, ready=("ann",)):
        self.router = Router(RULES)
        self.recorder = Recorder(self.router, 0)
        self.at(0, ev.PbxFound())
        for agent in ready:
            self.at(0, ev.LoggedIn(agent), ev.ReadyAsked(agent))
        self.begun = len(self.recorder.record.happenings)

    def at(self, s, *events):
        for event in events:
            self.recorder.take(event, round(s * 1000))
        return self

    def end(self, s):
        self.at(s, ev.DeadlineReached())
        return self.recorder.finished()

    def call(self, s):
        """The only call, at the end."""
        [call] = [each for each in self.end(s).happenings if isinstance(each, RecordedCall)]
        return call

    def deeds(self, s):
        """(second, event, wish) of what the agents did since the beginning."""
        happenings = self.end(s).happenings[self.begun :]
        return [(each.at / 1000, each.event, each.wish) for each in happenings if isinstance(each, Deed)]


def answered(day=None, s=1.0):
    """c1 comes at `s` and is answered 2 s later by ann."""
    return (day or Day()).at(s, ev.CallArrived("c1", "1")).at(s + 2, ev.OfferAccepted(OfferId("c1", 1)))


def test_a_call_answered():
    call = answered().at(60, ev.CallerLeft("c1")).call(200)
    [ring], [talk] = call.rings.values(), call.talks
    assert (call.at, call.waited_ms, call.gave_up, call.group) == (1_000, 2_000, False, "desk")
    assert (ring.end, ring.after_ms) == (RingEnd.ANSWERED, 2_000)
    assert (talk.ms, talk.lost, talk.wrap_up_ms) == (57_000, False, None), "the wrap-up time was used up"


@pytest.mark.parametrize(
    "word",
    [
        ev.ReadyAsked("ann"),
        ev.NotReadyAsked("ann", "lunch"),
        ev.LogOutAsked("ann"),
        ev.ForcedReady("ann", "super"),
        ev.ForcedNotReady("ann", "super"),
        ev.ForcedLogOut("ann", "super"),
    ],
)
def test_a_word_that_ends_wrap_up_is_its_length(word):
    assert answered().at(60, ev.CallerLeft("c1")).at(67, word).call(200).talks[0].wrap_up_ms == 7_000


def test_a_word_of_another_agent_ends_no_wrap_up():
    day = answered(Day(ready=("ann", "bob"))).at(60, ev.CallerLeft("c1")).at(95, ev.NotReadyAsked("bob", "break"))
    assert day.call(200).talks[0].wrap_up_ms is None


def test_who_gives_up_in_line_or_while_it_rings():
    assert (call := Day(()).at(1, ev.CallArrived("c1", "1")).at(9, ev.CallerLeft("c1")).call(10)).gave_up
    assert call.waited_ms == 8_000
    call = Day().at(1, ev.CallArrived("c1", "1")).at(9, ev.CallerLeft("c1")).call(20)
    assert (call.gave_up, call.waited_ms, call.rings[1].end, call.rings[1].after_ms) == (
        True,
        8_000,
        RingEnd.OPEN,
        8_000,
    )


def test_who_was_found_waiting_has_waited_since_then_only_here():
    call = Day(()).at(9, ev.CallArrived("c1", "1", waiting_since=1_000)).at(12, ev.CallerLeft("c1")).call(20)
    assert call.waited_ms == 3_000


def test_a_ring_in_vain_and_how_long_the_agent_was_away():
    day = Day().at(1, ev.CallArrived("c1", "1")).at(30, ev.ReadyAsked("ann"))
    call = day.call(31)
    assert (call.rings[1].end, call.rings[1].away_ms) == (RingEnd.MISSED, 14_000)
    assert call.rings[2].after_ms == 1_000
    assert call.waited_ms == 30_000
    assert day.deeds(31) == [], "the ready belongs to the ring"


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (ev.ReleaseAsked("ann"), ev.OfferFailure.REJECTED),
        (ev.OfferFailed(OfferId("c1", 1), ev.OfferFailure.BUSY), ev.OfferFailure.BUSY),
        (ev.OfferFailed(OfferId("c1", 1), ev.OfferFailure.UNANSWERED), ev.OfferFailure.UNANSWERED),
    ],
)
def test_a_ring_declined(event, why):
    ring = Day().at(1, ev.CallArrived("c1", "1")).at(4, event).at(10, ev.ReadyAsked("ann")).call(11).rings[1]
    assert (ring.end, ring.after_ms, ring.why, ring.away_ms) == (RingEnd.FAILED, 3_000, why, 6_000)


def test_away_until_a_break_begins_is_as_long_as_that():
    day = Day().at(1, ev.CallArrived("c1", "1")).at(20, ev.NotReadyAsked("ann", "lunch")).at(50, ev.ReadyAsked("ann"))
    assert day.deeds(51) == [(20, None, Wish.REST), (50, None, Wish.WORK)]
    assert day.call(51).rings[1].away_ms == 4_000


def test_a_phone_lost_in_the_talk_and_the_second_talk():
    day = answered().at(10, ev.PhoneLeft(OfferId("c1", 1), lost=True)).at(16, ev.ReadyAsked("ann"))
    call = day.at(19, ev.OfferAccepted(OfferId("c1", 2))).at(40, ev.CallerLeft("c1")).call(200)
    first, second = call.talks
    assert (first.ms, first.lost, first.away_ms) == (7_000, True, 6_000)
    assert (second.ms, second.lost) == (21_000, False)
    assert call.waited_ms == 11_000
    assert day.deeds(200) == []


def test_ring_all_one_answers_and_the_others_might_have():
    day = Day(ready=("ann", "bob")).at(1, ev.CallArrived("c1", "3")).at(5, ev.OfferAccepted(OfferId("c1", 2)))
    rings = day.call(6).rings
    assert [(rings[n].end, rings[n].after_ms) for n in (1, 2)] == [(RingEnd.OPEN, 4_000), (RingEnd.ANSWERED, 4_000)]


def test_what_goes_on_at_the_end_has_lasted_so_long():
    assert answered().call(33).talks[0].at_least_ms == 30_000
    assert Day(()).at(1, ev.CallArrived("c1", "1")).call(33).waited_ms == 32_000
    assert Day().at(30, ev.CallArrived("c1", "1")).call(33).rings[1].after_ms == 3_000


def test_callbacks_and_sendings():
    day = (
        Day(())
        .at(1, ev.CallArrived("c1", "2", "139"))
        .at(6, ev.DeadlineReached())
        .at(8, ev.CallbackAccepted("c1", "139"))
    )
    call = day.call(10)
    assert (call.callback_after_ms, call.callback_number) == (2_000, "139")
    day = Day(()).at(1, ev.CallArrived("c1", "2")).at(25, ev.SendingFailed("c1"))
    assert day.call(30).sendings == [False]
    day = Day(()).at(1, ev.CallArrived("c1", "2")).at(25, ev.SentElsewhere("c1"))
    call = day.call(30)
    assert (call.sendings, call.gave_up, call.waited_ms) == ([True], False, 24_000)


# --- what the agents did by themselves --------------------------------------------------------------------------------


def test_coming_and_going_keep_their_instants():
    day = Day(()).at(5, ev.LoggedIn("ann")).at(9, ev.ReadyAsked("ann")).at(20, ev.NotReadyAsked("ann", "lunch"))
    day.at(30, ev.ReadyAsked("ann")).at(40, ev.LogOutAsked("ann"))
    assert day.deeds(50) == [
        (5, ev.LoggedIn("ann"), Wish.NOTHING),
        (9, None, Wish.WORK),
        (20, None, Wish.REST),
        (30, None, Wish.WORK),
        (40, None, Wish.LEAVE),
    ]


def test_a_ready_that_ends_wrap_up_belongs_to_the_call_a_break_to_the_clock():
    day = answered().at(60, ev.CallerLeft("c1")).at(67, ev.ReadyAsked("ann"))
    assert day.deeds(100) == []
    day = answered().at(60, ev.CallerLeft("c1")).at(67, ev.NotReadyAsked("ann", "lunch"))
    assert day.deeds(100) == [(67, None, Wish.REST)]


def test_a_break_asked_for_in_a_talk_and_taken_back_in_wrap_up():
    day = answered().at(10, ev.NotReadyAsked("ann", "lunch")).at(60, ev.CallerLeft("c1")).at(62, ev.ReadyAsked("ann"))
    assert day.deeds(100) == [(10, None, Wish.REST), (62, None, Wish.WORK)]
    assert day.call(100).talks[0].wrap_up_ms == 2_000


def test_what_is_refused_is_no_deed():
    assert Day(()).at(1, ev.ReadyAsked("ann"), ev.NotReadyAsked("ann", "nonsense"), ev.LoggedIn("eve")).deeds(2) == []


def test_forced_states_are_told_again():
    force, free, out = (
        ev.ForcedNotReady("ann", "super"),
        ev.ForcedReady("ann", "super"),
        ev.ForcedLogOut("ann", "super"),
    )
    day = Day().at(1, force).at(5, free).at(9, out)
    assert day.deeds(10) == [(1, force, Wish.NOTHING), (5, free, Wish.WORK), (9, out, Wish.NOTHING)]


def test_a_client_lost_and_back():
    """Within the grace the agent works on; after it, only when ready has been asked for again."""
    lost, back = ev.ClientLost("ann"), ev.LoggedIn("ann")
    assert Day().at(1, lost).at(9, back).deeds(90) == [(1, lost, Wish.NOTHING), (9, back, Wish.WORK)]
    day = Day().at(1, lost).at(60, back).at(70, ev.ReadyAsked("ann"))
    assert day.deeds(90) == [(1, lost, Wish.NOTHING), (60, back, Wish.NOTHING), (70, None, Wish.WORK)]


def test_the_links_the_rules_and_a_supervisors_words_on_calls_are_told_again():
    told = [ev.PbxLost("gone"), ev.PbxFound(), ev.RulesChanged(RulesChange(seed=7), "super")]
    assert Day().at(1, *told).deeds(2) == [(1, event, None) for event in told]
    day = Day(()).at(1, ev.CallArrived("c1", "1")).at(2, ev.ForcedTier("c1", 3, "super"))
    assert day.deeds(3) == [(2, ev.ForcedTier("c1", 3, "super"), None)]


def test_begun_in_the_midst_of_the_day():
    """Of those who talk only the agent is missed; who waits has waited; who is here is here."""
    before = answered(Day(ready=("ann", "bob"))).at(4, ev.CallArrived("c2", "2"), ev.NotReadyAsked("bob", "break"))
    recorder = Recorder(before.router, 10_000)
    before.recorder = recorder
    before.at(60, ev.CallerLeft("c1")).at(70, ev.ReadyAsked("ann"))
    record = recorder.finished()
    [waits] = record.calls()
    assert (waits.at, waits.arrival.call, waits.arrival.waiting_since, waits.arrival.group) == (
        10_000,
        "c2",
        4_000,
        "late",
    )
    assert [(deed.at, deed.event, deed.wish) for deed in record.deeds()] == [
        (10_000, ev.PbxFound(), None),
        (10_000, ev.LoggedIn("ann"), Wish.NOTHING),
        (10_000, ev.LoggedIn("bob"), Wish.NOTHING),
        (70_000, None, Wish.WORK),
    ]


def test_begun_while_it_rings():
    """When that began nobody saw; it was answered."""
    before = Day(ready=("ann",)).at(1, ev.CallArrived("c1", "1"))
    recorder = before.recorder = Recorder(before.router, 2_000)
    before.at(3, ev.OfferAccepted(OfferId("c1", 1))).at(9, ev.CallerLeft("c1"))
    [call] = recorder.finished().calls()
    assert (call.rings[1].end, call.talks[0].ms) == (RingEnd.ANSWERED, 6_000)


def test_begun_anew_with_a_daemon_that_knows_nobody():
    """Who was there logs in again; a caller told again is the same, one who isn't has gone; talks lasted so long."""
    day = answered(Day(ready=("ann",))).at(4, ev.CallArrived("c2", "2"), ev.CallArrived("c3", "2"))
    begun = len(day.recorder.record.happenings)
    day.router = Router(RULES)
    day.recorder.go_on_with(day.router, 20_000)
    day.at(21, ev.CallArrived("c2", "2", waiting_since=4_000), ev.PbxFound(), ev.LoggedIn("ann"))
    record = day.end(30)
    first, second, third = record.calls()
    assert first.talks[0].at_least_ms == 17_000
    assert (second.gave_up, second.waited_ms) == (False, 26_000)
    assert (third.gave_up, third.waited_ms) == (True, 16_000)
    assert [(each.at, each.event, each.wish) for each in record.happenings[begun:]] == [
        (4_000, ev.PbxLost("not linked yet"), None),
        (20_000, None, Wish.LEAVE),
        (21_000, ev.PbxFound(), None),
        (21_000, ev.LoggedIn("ann"), Wish.NOTHING),
    ]


def test_private_calls_and_lost_phones_are_told_again_as_they_were():
    """They are neither wishes of the agent nor the calls' doing; what follows from them follows again."""
    busy, free = (ev.PhoneChanged("ann", state) for state in (ev.PhoneState.BUSY, ev.PhoneState.FREE))
    assert Day().at(10, busy).at(20, free).deeds(30) == [(10, busy, None), (20, free, None)]


def test_a_phone_that_is_not_free_at_the_beginning_is_told_first():
    router = Router(RULES)
    router.handle(ev.PhoneChanged("ann", ev.PhoneState.BUSY), 0)
    [deed] = [each for each in Recorder(router, 0).finished().happenings if isinstance(each, Deed)]
    assert deed.event == ev.PhoneChanged("ann", ev.PhoneState.BUSY)


# --- consults, transfers, own calls -----------------------------------------------------------------------------------

NUMBER = Destination(DestinationKind.NUMBER, "10010")


def test_who_is_asked_in_a_consult_is_away_from_the_callers_and_no_call_has_arrived():
    day = answered(Day(ready=("ann", "bob"))).at(5, ev.ConsultAsked("ann", Destination(DestinationKind.AGENT, "bob")))
    [consult] = [call for call in day.router.calls if call != "c1"]
    day.at(7, ev.OfferAccepted(OfferId(consult, 1))).at(20, ev.ReconnectAsked("ann")).at(33, ev.CallerLeft("c1"))
    assert day.deeds(40) == [(5.0, None, Wish.REST), (20.0, None, Wish.WORK)]
    [talk] = day.recorder.record.happenings[day.begun].talks
    assert talk.ms == 30_000, "the consult is a part of it"


def test_a_caller_given_away_after_a_consult_keeps_the_second_agent_until_wrap_up_is_over():
    day = answered(Day(ready=("ann", "bob"))).at(5, ev.ConsultAsked("ann", Destination(DestinationKind.AGENT, "bob")))
    [consult] = [call for call in day.router.calls if call != "c1"]
    day.at(7, ev.OfferAccepted(OfferId(consult, 1))).at(20, ev.TransferAsked("ann")).at(50, ev.CallerLeft("c1"))
    assert day.call(100).talks[0].ms == 17_000
    assert day.deeds(100) == [(5.0, None, Wish.REST), (80.0, None, Wish.WORK)]


def test_a_caller_given_away_without_one_arrives_anew():
    """With the group, the tier and the wait that it has then; its rings count from there."""
    to = Destination(DestinationKind.GROUP, "late")
    day = answered(Day(ready=("ann",))).at(13, ev.TransferAsked("ann", to)).at(19, ev.CallerLeft("c1"))
    first, second = day.end(60).calls()
    assert (first.talks[0].ms, first.gave_up) == (10_000, False)
    assert (second.at, second.arrival.group, second.arrival.waiting_since) == (13_000, "late", 11_000)
    assert (second.offers_before, second.gave_up, second.waited_ms) == (1, True, 6_000)


def test_an_agents_own_call_is_none_of_the_callers():
    day = Day().at(5, ev.DialAsked("ann", "10010", "desk"))
    [out] = day.router.calls
    day.at(7, ev.OfferAccepted(OfferId(out, 1))).at(9, ev.NumberAnswered(out)).at(60, ev.CallerLeft(out))
    assert day.deeds(100) == [(5.0, None, Wish.REST), (90.0, None, Wish.WORK)]
    assert list(day.recorder.record.calls()) == []
