"""Agents' sockets: `websockets.trio` beside Hypercorn + Starlette, measured with one load client.

    pip install "hypercorn[trio]==0.18.*" starlette     # only this benchmark needs them
    pip install uvloop                                  # optional: a cheaper load client
    python benchmarks/websocket_servers.py --clients 1000 3000 --runs 3

The server runs in a process of its own and serves every client in the same way: one reader, one writer,
one bounded outbox. Figures are those of the server process; times are taken in the load client.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import gc
import importlib.util
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import trio

OUTBOX = 100
PUSH = "b" + "x" * 336
SERVERS = ("websockets", "starlette")
TICK = os.sysconf("SC_CLK_TCK")


OUTBOXES: set[trio.MemorySendChannel[str]] = set()


# --- the servers ------------------------------------------------------------------------------------------


async def talk(recv: Callable[[], Awaitable[str]], send: Callable[[str], Awaitable[None]]) -> None:
    """One client: `e...` is echoed, `B` is broadcast to all."""
    import trio

    outbox, outgoing = trio.open_memory_channel[str](OUTBOX)
    OUTBOXES.add(outbox)

    async def write() -> None:
        async for message in outgoing:
            await send(message)

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(write)
            while True:
                message = await recv()
                if message != "B":
                    outbox.send_nowait(message)
                    continue
                for other in OUTBOXES:
                    with contextlib.suppress(trio.WouldBlock):
                        other.send_nowait(PUSH)
    finally:
        OUTBOXES.discard(outbox)


async def serve_websockets(port: int) -> None:
    from http import HTTPStatus

    from websockets.datastructures import Headers
    from websockets.http11 import Request, Response
    from websockets.trio.server import ServerConnection, serve

    def page(_: ServerConnection, request: Request) -> Response | None:
        if request.path == "/ws":
            return None
        headers = Headers({"Content-Type": "text/plain", "Content-Length": "3", "Connection": "close"})
        return Response(HTTPStatus.OK, "OK", headers, b"ok\n")

    async def handler(connection: ServerConnection) -> None:
        with contextlib.suppress(Exception):
            await talk(functools.partial(connection.recv, decode=True), connection.send)

    await serve(handler, port, host="127.0.0.1", compression=None, max_size=65536, process_request=page)


async def serve_starlette(port: int) -> None:
    from hypercorn.config import Config
    from hypercorn.trio import serve
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route, WebSocketRoute
    from starlette.websockets import WebSocket

    async def page(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    async def handler(connection: WebSocket) -> None:
        await connection.accept()
        with contextlib.suppress(Exception):
            await talk(connection.receive_text, connection.send_text)

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.errorlog = None
    config.backlog = 4096
    await serve(Starlette(routes=[Route("/healthz", page), WebSocketRoute("/ws", handler)]), config, mode="asgi")  # type: ignore[arg-type]


def run_server(name: str, port: int) -> None:
    import trio

    gc.set_threshold(50_000, 20, 100)
    trio.run(serve_websockets if name == "websockets" else serve_starlette, port)


# --- the load client ----------------------------------------------------------------------------------------

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def masked(payload: bytes) -> bytes:
    """A text frame under the mask 0: legal, and free for the client."""
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


class Client(asyncio.Protocol):
    def __init__(self, on_message: Callable[[bytes], None]) -> None:
        self.open = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.on_message = on_message

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by isinstance
        self.transport.write(HANDSHAKE)

    def send(self, payload: bytes) -> None:
        self.transport.write(masked(payload))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open.done():
            head, end, self.buffer = self.buffer.partition(b"\r\n\r\n")
            assert end, "the answer to the handshake came in pieces"
            assert head.startswith(b"HTTP/1.1 101"), head
            self.open.set_result(None)
        while len(self.buffer) >= 2:
            size, start = self.buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self.buffer[2:4], "big"), 4
            if len(self.buffer) < start + size:
                return
            if self.buffer[0] & 0xF == 1:
                self.on_message(self.buffer[start : start + size])
            self.buffer = self.buffer[start + size :]


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1024


async def connect_all(port: int, count: int, on_message: Callable[[bytes], None]) -> list[Client]:
    gate = asyncio.Semaphore(50)

    async def one() -> Client:
        async with gate:
            _, client = await asyncio.get_running_loop().create_connection(
                lambda: Client(on_message), "127.0.0.1", port
            )
            await client.open
            return client

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def get_rate(port: int, total: int = 2000) -> float:
    left = iter(range(total))

    async def worker() -> None:
        for _ in left:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"200" in (await reader.read()).split(b"\r\n", 1)[0]
            writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(50)))
    return total / (time.perf_counter() - began)


async def measure(name: str, count: int, pid: int, port: int, echo_s: float) -> dict[str, float]:
    pushes, last, all_told = 0, 0.0, asyncio.Event()
    echoes: list[float] = []

    def on_message(payload: bytes) -> None:
        nonlocal pushes, last
        if payload[:1] == b"b":
            pushes, last = pushes + 1, time.perf_counter()
            if pushes == count:
                all_told.set()
        else:
            echoes.append(time.perf_counter() - float(payload[1:25]))

    result = {"GET/s": await get_rate(port)}
    before, began = rss(pid), time.perf_counter()
    clients = await connect_all(port, count, on_message)
    result["conn/s"] = count / (time.perf_counter() - began)
    await asyncio.sleep(1)
    result["KB/conn"] = (rss(pid) - before) / count
    fans, burned = [], cpu(pid)
    for _ in range(7):
        pushes, began = 0, time.perf_counter()
        clients[0].send(b"B")
        await asyncio.wait_for(all_told.wait(), 60)
        all_told.clear()
        fans.append((last - began) * 1000)
        await asyncio.sleep(0.2)
    result["fan-out ms"], result["fan-out max"] = statistics.median(fans), max(fans)
    result["fan-out CPU us/client"] = (cpu(pid) - burned) / 7 / count * 1e6
    burned, began, sent = cpu(pid), time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < echo_s:
        while sent < elapsed * 2000:
            clients[sent * 7 % count].send(b"e%024.9f" % time.perf_counter() + b"x" * 87)
            sent += 1
        await asyncio.sleep(0.0005)
    result["echo CPU %"] = (cpu(pid) - burned) / echo_s * 100
    await asyncio.sleep(1)
    assert len(echoes) == sent, f"{name}: {len(echoes)} of {sent} echoes"
    echoes.sort()
    result["echo p50 us"], result["echo p99 us"] = (echoes[int(sent * q)] * 1e6 for q in (0.5, 0.99))
    return result


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's loop where it is installed, so that the load client costs less than the server."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    loop: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return loop


def run_once(name: str, count: int, echo_s: float) -> dict[str, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, __file__, "--serve", name, "--port", str(port)])
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        with asyncio.Runner(loop_factory=fast_loop()) as runner:
            return runner.run(measure(name, count, server.pid, port, echo_s))
    finally:
        server.kill()
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1000, 3000])
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--echo-seconds", type=float, default=8.0)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    if options.serve:
        run_server(options.serve, options.port)
        return
    for count in options.clients:
        found: dict[str, list[dict[str, float]]] = {name: [] for name in options.servers}
        for _ in range(options.runs):
            for name in options.servers:  # interleaved: the machine's mood falls on both
                found[name].append(run_once(name, count, options.echo_seconds))
        for name, runs in found.items():
            medians = (f"{key} {statistics.median(run[key] for run in runs):.0f}" for key in runs[0])
            print(f"{count} clients, {name}: " + ", ".join(medians), flush=True)


if __name__ == "__main__":
    main()
