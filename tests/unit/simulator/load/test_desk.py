"""One client on a real socket, before a server that says what the test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from random import Random
from typing import Any

import pytest
import trio
from websockets.exceptions import ConnectionClosed
from websockets.trio.server import ServerConnection, serve

from simulator.load import desk as desk_module
from simulator.load.desk import Desk, Notes
from simulator.load.desks import Floor

WITHIN_S = 10.0
WRAP_UP_S = 0.001


async def until(is_so: Callable[[], Any]) -> None:
    with trio.fail_after(WITHIN_S):
        while not is_so():  # noqa: ASYNC110 - the other side has no event to wait for
            await trio.sleep(0.002)


class Server:
    """Lets everybody in; keeps what it was asked for."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.asked: list[dict[str, Any]] = []
        self.role, self.state = "agent", "not-ready"
        self.lets_in = True

    async def converse(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        try:
            while True:
                request = json.loads(await connection.recv())
                self.asked.append(request)
                await self.answer(connection, request)
        except ConnectionClosed:
            pass

    async def answer(self, connection: ServerConnection, request: dict[str, Any]) -> None:
        is_in = request["type"] != "log_in" or self.lets_in
        error = None if is_in else {"code": "wrong-password", "message": "user or password is wrong"}
        await say(connection, {"type": "answer", "id": request["id"], "ok": is_in, "error": error})
        if request["type"] == "log_in" and is_in:
            agents = [{"type": "agent", "agent": "ann", "state": self.state}]
            await say(connection, {"type": "snapshot", "role": self.role, "agents": agents})

    async def tells(self, **message: Any) -> None:
        await say(self.connections[-1], message)

    def kinds(self) -> list[str]:
        return [request["type"] for request in self.asked]


async def say(connection: ServerConnection, message: dict[str, Any]) -> None:
    await connection.send(json.dumps(message))


class Office:
    """The server, and desks of one process."""

    def __init__(self, server: Server, port: int, nursery: trio.Nursery) -> None:
        self.server, self.notes = server, Notes()
        self._nursery = nursery
        self.url = f"ws://127.0.0.1:{port}/ws"

    def seat(self, *, slow: bool = False) -> Desk:
        floor = Floor(self.url, "secret", WRAP_UP_S, self._nursery, slow)
        desk = Desk(floor, "ann", self.notes, Random(1))
        self._nursery.start_soon(desk.live)
        return desk

    async def seat_ready(self) -> Desk:
        desk = self.seat()
        await until(lambda: self.server.kinds() == ["log_in", "ready"])
        return desk


@pytest.fixture
async def office(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr(desk_module, "PAUSE_S_MIN", 0.002)
    monkeypatch.setattr(desk_module, "SLOW_PAUSE_S", 0.002)
    server = Server()
    async with trio.open_nursery() as nursery:
        there = await nursery.start(partial(serve, server.converse, 0, host="127.0.0.1"))
        port = there.listeners[0].socket.getsockname()[1]
        yield Office(server, port, nursery)
        nursery.cancel_scope.cancel()


def offer(agent: str, call: str = "c1") -> dict[str, Any]:
    return {"type": "offer", "agent": agent, "call": call, "offer": 1}


async def test_it_logs_in_and_makes_its_agent_ready(office: Office) -> None:
    desk = await office.seat_ready()
    first = office.server.asked[0]
    assert (first["user"], first["password"], first["take_over"]) == ("ann", "secret", False)
    assert desk.is_in
    assert desk.is_agents
    assert len(office.notes.log_ins_ms) == 1


async def test_who_is_ready_already_asks_for_nothing(office: Office) -> None:
    office.server.state = "ready"
    desk = office.seat()
    await until(lambda: desk.is_in)
    await office.server.tells(**offer("ann"))
    await until(lambda: office.notes.offers)
    assert office.server.kinds() == ["log_in"]


async def test_a_wrap_up_is_ended(office: Office) -> None:
    await office.seat_ready()
    await office.server.tells(type="agent", agent="ann", state="wrap-up")
    await until(lambda: office.server.kinds() == ["log_in", "ready", "ready"])


async def test_offers_and_talks_are_noted_if_they_are_its_own(office: Office) -> None:
    await office.seat_ready()
    for agent, call in (("bob", "c0"), ("ann", "c1")):
        await office.server.tells(**offer(agent, call))
        await office.server.tells(type="connected", agent=agent, call=call)
    await until(lambda: office.notes.connected)
    assert [row[:2] for row in office.notes.offers] == [("c1", "1")]
    assert [row[:2] for row in office.notes.connected] == [("c1", "ann")]


async def test_cut_off_it_comes_back_in_the_place_of_its_former_connection(office: Office) -> None:
    desk = await office.seat_ready()
    desk.cut()
    await until(lambda: office.server.kinds().count("log_in") == 2 and desk.is_in)
    assert [each["take_over"] for each in office.server.asked if each["type"] == "log_in"] == [False, True]
    assert not office.notes.failures, "the cut was our own"


async def test_a_connection_that_the_server_ends_is_noted_with_its_word(office: Office) -> None:
    desk = await office.seat_ready()
    await office.server.connections[-1].aclose(1011, "keepalive ping timeout")
    await until(lambda: office.server.kinds().count("log_in") == 2 and desk.is_in)
    assert dict(office.notes.failures) == {"closed by the server: 1011 keepalive ping timeout": 1}


async def test_a_goodbye_is_noted_with_its_code(office: Office) -> None:
    await office.seat_ready()
    await office.server.tells(type="goodbye", code="too-slow", message="")
    await until(lambda: office.notes.failures)
    assert dict(office.notes.failures) == {"goodbye, too-slow": 1}


async def test_who_isnt_let_in_notes_why_and_tries_again(office: Office) -> None:
    office.server.lets_in = False
    desk = office.seat()
    await until(lambda: office.notes.failures["not let in: ann: user or password is wrong"] >= 2)
    assert not desk.is_in


async def test_where_nobody_listens_that_is_noted(office: Office) -> None:
    office.url = "ws://127.0.0.1:1/ws"
    office.seat()
    await until(lambda: any("refused" in what for what in office.notes.failures))


async def test_who_stops_reading_sees_nothing_and_finds_out_when_it_reads_on_that_it_was_let_go(office: Office) -> None:
    desk = await office.seat_ready()
    desk.stop_reading()
    seen = office.notes.events
    await office.server.tells(**offer("ann"))
    await until(lambda: office.notes.events > seen)  # the reading that had begun already
    with trio.move_on_after(0.1):
        await office.server.connections[-1].aclose(1011, "keepalive ping timeout")
    assert (desk.is_slow, desk.let_go, office.notes.offers) == (True, "", [])
    desk.read_on()
    await until(lambda: office.server.kinds().count("log_in") == 2 and desk.is_in and not desk.is_slow)
    assert desk.let_go == "closed by the server: 1011 keepalive ping timeout"
    assert desk.was_slow
    assert not office.notes.failures


async def test_who_reads_on_and_wasnt_let_go_is_as_ever_when_the_server_has_answered(office: Office) -> None:
    desk = await office.seat_ready()
    desk.stop_reading()
    await office.server.tells(type="agent", agent="ann", state="ready")
    desk.read_on()
    assert desk.is_slow
    await until(lambda: not desk.is_slow)
    assert office.server.kinds() == ["log_in", "ready", "ping"]
    assert (desk.let_go, desk.is_in) == ("", True)


async def test_who_reads_slowly_sees_everything_in_the_end_but_isnt_measured_with_the_others(office: Office) -> None:
    desk = await office.seat_ready()
    desk.read_slowly()
    for number in range(20):
        await office.server.tells(**offer("ann", f"c{number}"))
    await until(lambda: "c19" in [row[0] for row in office.notes.slow_offers])
    assert office.notes.offers == []
    desk.read_on()
    await until(lambda: not desk.is_slow)
    await office.server.tells(**offer("ann", "c20"))
    await until(lambda: office.notes.offers)
    assert office.notes.offers[0][0] == "c20"


async def test_who_is_there_only_to_be_slow_doesnt_come_back(office: Office) -> None:
    office.server.role = "supervisor"
    desk = office.seat(slow=True)
    await until(lambda: desk.is_in)
    desk.stop_reading()
    await office.server.tells(type="agent", agent="bob", state="ready")
    with trio.move_on_after(0.1):
        await office.server.connections[-1].aclose(4001, "too-slow")
    desk.read_on()
    await until(lambda: desk.let_go)
    assert desk.let_go == "closed by the server: 4001 too-slow"
    assert (desk.is_in, office.server.kinds().count("log_in")) == (False, 1)


async def test_what_is_refused_is_counted(office: Office) -> None:
    await office.seat_ready()
    error = {"code": "not-now", "message": "you are ready"}
    await office.server.tells(type="answer", id=9, ok=False, error=error)
    await until(lambda: office.notes.failures)
    assert dict(office.notes.failures) == {"refused: not-now": 1}
