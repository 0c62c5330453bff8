"""Several PBXs look like one to the core: ids that are unique over all, each command at its own."""

import pytest
import trio
import trio.testing

from acd import commands as cmd
from acd import events as ev
from acd.calls import CallState
from acd.cti_adapters.base import Held
from acd.cti_adapters.several import NamedPbx, SeveralPbxs, Together
from acd.events import MonitorMode, OfferFailure
from acd.ids import OfferId

TRUNKS = {"a": {"b": "PJSIP/{phone}@to-b"}, "b": {"a": "PJSIP/{phone}@to-a"}}


class Fake:
    """An adapter that obeys at once, or not; it notes all commands, and tells what the test wants told."""

    def __init__(self) -> None:
        self.at_once, self.obeyed, self.tell, self.ended = True, [], None, False
        self.adopted, self.phones = [], {}

    def adopt(self, calls):
        self.adopted += calls

    def follow_phones(self, devices, known):
        self.phones = devices, known

    async def run(self, tell, commands):
        self.tell = tell
        async for command in commands:
            self.obeyed.append(command)
        self.ended = True

    def obey(self, commands):
        self.obeyed += commands if self.at_once else []
        return self.at_once


class Bench:
    def __init__(self) -> None:
        self.a, self.b, self.told = Fake(), Fake(), []
        self.all = SeveralPbxs([NamedPbx(name, getattr(self, name), TRUNKS[name]) for name in "ab"])
        self.send, self.receive = trio.open_memory_channel(100)

    def says(self, name, event):
        """What the core hears when that PBX tells `event`."""
        getattr(self, name).tell(event)
        return self.told[-1]


@pytest.fixture
async def bench(nursery):
    bench = Bench()
    nursery.start_soon(bench.all.run, bench.told.append, bench.receive)
    await trio.testing.wait_all_tasks_blocked()
    return bench


def offer(call, device="a:PJSIP/1001", n=1, number=""):
    return cmd.OfferCall(OfferId(call, n), "ann", device, "desk", "8001", "139", "", 0, 15_000, number)


async def test_every_event_gets_its_pbx_before_its_call(bench):
    assert bench.says("a", ev.CallArrived("1.1", "8001")) == ev.CallArrived("a:1.1", "8001", pbx="a")
    assert bench.says("b", ev.CallArrived("1.1", "8001")) == ev.CallArrived("b:1.1", "8001", pbx="b")
    assert bench.says("b", ev.CallerLeft("1.1")) == ev.CallerLeft("b:1.1")
    assert bench.says("b", ev.PhoneLeft(OfferId("1.1", 2), True)) == ev.PhoneLeft(OfferId("b:1.1", 2), True)
    found = ev.TalkFound(ev.CallArrived("1.1", "8001"), OfferId("1.1", 1), "ann", 5)
    expected = ev.TalkFound(ev.CallArrived("a:1.1", "8001", pbx="a"), OfferId("a:1.1", 1), "ann", 5)
    assert bench.says("a", found) == expected


async def test_found_and_lost_say_who(bench):
    assert bench.says("b", ev.PbxFound()) == ev.PbxFound("b")
    assert bench.says("b", ev.PbxLost("cut")) == ev.PbxLost("cut", "b")


async def test_every_command_goes_to_the_pbx_of_its_call_without_its_name(bench):
    assert bench.all.obey([cmd.ReleaseCall("b:1.1"), cmd.KeepWaiting("a:1.1"), cmd.WithdrawOffer(OfferId("b:2.2", 1))])
    assert bench.a.obeyed == [cmd.KeepWaiting("1.1")]
    assert bench.b.obeyed == [cmd.ReleaseCall("1.1"), cmd.WithdrawOffer(OfferId("2.2", 1))]


async def test_a_phone_of_the_same_pbx_is_rung_as_it_is_and_another_over_the_trunk(bench):
    bench.all.obey([offer("a:1.1"), offer("a:1.2", "b:PJSIP/2001")])
    assert [each.device for each in bench.a.obeyed] == ["PJSIP/1001", "PJSIP/2001@to-b"]
    assert bench.says("a", ev.OfferAccepted(OfferId("1.2", 1))) == ev.OfferAccepted(OfferId("a:1.2", 1))


async def test_a_consult_is_where_its_call_is(bench):
    bench.all.obey([cmd.BeginConsult("b:1.1", OfferId("b:1.1", 1), "b:1.1+1", "10010")])
    assert bench.b.obeyed == [cmd.BeginConsult("1.1", OfferId("1.1", 1), "1.1+1", "10010")]
    assert bench.says("b", ev.NumberAnswered("1.1+1")) == ev.NumberAnswered("b:1.1+1")
    connect = cmd.ConnectCall("b:1.1", OfferId("b:1.1", 2), "b:1.1+1", OfferId("b:1.1+1", 1))
    bench.all.obey([connect])
    assert bench.b.obeyed[-1] == cmd.ConnectCall("1.1", OfferId("1.1", 2), "1.1+1", OfferId("1.1+1", 1))


async def test_an_agents_own_call_lives_where_the_phone_is_and_keeps_its_name(bench):
    bench.all.obey([offer("out-1", "b:PJSIP/2001", number="10010")])
    assert bench.b.obeyed[-1].device == "PJSIP/2001"
    assert bench.says("b", ev.NumberAnswered("out-1")) == ev.NumberAnswered("out-1")
    bench.all.obey([cmd.BeginConsult("out-1", OfferId("out-1", 1), "out-1+1")])
    bench.all.obey([offer("out-1+1", "a:PJSIP/1001")])
    assert bench.b.obeyed[-1].device == "PJSIP/1001@to-a"
    assert bench.says("b", ev.OfferFailed(OfferId("out-1+1", 1), OfferFailure.BUSY)).offer.call == "out-1+1"
    assert bench.says("b", ev.CallerLeft("out-1")) == ev.CallerLeft("out-1")
    bench.all.obey([cmd.ReleaseCall("out-1"), cmd.ReleaseCall("out-1+1")])
    assert type(bench.b.obeyed[-1]) is not cmd.ReleaseCall, "it is over, and forgotten"


async def test_a_supervisors_phone_listens_at_the_pbx_of_the_talk(bench):
    start = cmd.StartMonitor("m1", OfferId("a:1.1", 1), "b:PJSIP/2099", MonitorMode.LISTEN, 30_000)
    bench.all.obey([start, cmd.ChangeMonitor("m1", MonitorMode.BARGE)])
    assert bench.a.obeyed[0].device == "PJSIP/2099@to-b"
    assert bench.a.obeyed[1] == cmd.ChangeMonitor("m1", MonitorMode.BARGE)
    assert bench.says("a", ev.MonitorEnded("m1")) == ev.MonitorEnded("m1")
    bench.all.obey([cmd.EndMonitor("m1")])
    assert bench.a.obeyed[2:] == [cmd.EndMonitor("m1")], "one that nobody knows: some PBX says that it is over"


async def test_what_isnt_obeyed_at_once_comes_in_order_and_one_pbx_holds_up_no_other(bench):
    bench.a.at_once = False
    bench.send.send_nowait(cmd.KeepWaiting("a:1"))
    await trio.testing.wait_all_tasks_blocked()
    bench.all.obey([cmd.KeepWaiting("a:2"), cmd.KeepWaiting("b:3")])
    await trio.testing.wait_all_tasks_blocked()
    bench.a.at_once = True
    bench.all.obey([cmd.KeepWaiting("a:4")])
    await trio.testing.wait_all_tasks_blocked()
    assert [each.call for each in bench.a.obeyed] == ["1", "2", "4"]
    assert [each.call for each in bench.b.obeyed] == ["3"]


async def test_all_end_when_the_commands_do(bench):
    bench.send.close()
    await trio.testing.wait_all_tasks_blocked()
    assert (bench.a.ended, bench.b.ended) == (True, True)


async def test_each_adopts_its_own_calls_of_an_earlier_life(bench):
    """A call of the core's own says where it is."""
    talk = Held("b:1.1", CallState.TALKING, talk=OfferId("b:1.1", 2), pbx="b")
    own = Held("out-1", CallState.OFFERED, rings=(OfferId("out-1", 1),), pbx="b")
    lost = Held("z:1.1", CallState.WAITING, pbx="z")
    bench.all.adopt([Held("a:1.1", CallState.WAITING, pbx="a"), talk, own, lost])
    assert bench.a.adopted == [Held("1.1", CallState.WAITING, pbx="a")]
    assert bench.b.adopted == [Held("1.1", CallState.TALKING, talk=OfferId("1.1", 2), pbx="b"), own]
    assert bench.says("b", ev.CallerLeft("out-1")) == ev.CallerLeft("out-1")


async def test_each_follows_its_own_phones(bench):
    bench.all.follow_phones({"ann": "a:PJSIP/1001", "ben": "b:PJSIP/1001"}, {"ben": ev.PhoneState.BUSY})
    assert bench.a.phones == ({"ann": "PJSIP/1001"}, {})
    assert bench.b.phones == ({"ben": "PJSIP/1001"}, {"ben": ev.PhoneState.BUSY})
    changed = ev.PhoneChanged("ben", ev.PhoneState.BUSY)
    assert bench.says("b", changed) == changed


async def test_a_number_is_dialled_from_where_the_caller_is(bench):
    bench.all.obey([offer("a:1.1", "b:number:10010")])
    assert bench.a.obeyed[0].device == "number:10010"


async def test_counts_are_added_up():
    both = Together([{"x": 1, "y": 2}, {"x": 3, "y": 0}])
    assert (dict(both), len(both)) == ({"x": 4, "y": 2}, 2)
