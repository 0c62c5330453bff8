"""An Asterisk's part in a play: it answers every action with success, and says a recorded stream at full speed.

    python -m benchmarks.ami_player STREAM TOKEN RUN

prints its port and serves one connection after another. When it is asked for Status, or by a Ping with the ActionID
"go", the stream begins, in which the recorded daemon's token and name are replaced by those of who listens now: so its
words are genuine. The last word is a call whose number is `MARKER`.

Who logs in as `FOLLOWS` plays along: what a leg does is said only when that call's phone has been rung, under the name
that it was given now.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

MARKER = "9999999"
FOLLOWS = "follows"
CHUNK_BYTES = 1 << 16
RING_S_MAX = 20.0
END = b"\r\n\r\n"
TALK = re.compile(rb"UserEvent: ACDTalk\r\nLeg: (\S+)\r\nCall: (\S+)\r\n")
LAST_WORD = (
    "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: ACDWait\r\nCall: marker\r\nEntry: 8001\r\n"
    f"Number: {MARKER}\r\n"
    "Name:\r\nGroup:\r\nTier:\r\nCredit:\r\nNeeds:\r\nAgent:\r\nAgentWait:\r\nSince: 1763760000000\r\nRound:\r\n"
    "Token: {token}\r\n\r\n"
)


class Player:
    """One connection."""

    def __init__(self, peer: socket.socket, stream: bytes, token: str, run: str) -> None:
        self._peer, self._stream = peer, stream
        self._recorded = token, run
        self._token, self._run = token, run
        self._follows = False
        self._legs: dict[bytes, bytes] = {}
        """Call -> the leg that rings for it now."""
        self._rung = threading.Condition()
        self._writing = threading.Lock()

    def serve(self) -> None:
        """Until the other side goes."""
        self._say(b"Asterisk Call Manager/11.0.0\r\n")
        rest = b""
        try:
            while chunk := self._peer.recv(CHUNK_BYTES):
                *actions, rest = (rest + chunk).split(END)
                for action in actions:
                    self._answer(action, dict(line.split(": ", 1) for line in action.decode().split("\r\n")))
        except OSError:
            return

    def _answer(self, text: bytes, action: dict[str, str]) -> None:
        action_id, kind = action["ActionID"], action["Action"]
        self._say(f"Response: Success\r\nActionID: {action_id}\r\nMessage: as you like\r\n\r\n".encode())
        if kind == "Login":
            self._follows = action["Username"] == FOLLOWS
        elif action.get("Variable") == "ACD_TOKEN":
            self._token, self._run = action["Value"], action_id.partition("/")[0]
        elif kind == "Originate":
            self._ring(text, action_id.encode())
        elif kind == "Status":
            done = f"Event: StatusComplete\r\nActionID: {action_id}\r\nEventList: Complete\r\nItems: 0\r\n\r\n"
            self._say(done.encode())
        if kind == "Status" or action_id == "go":
            threading.Thread(target=self._play, daemon=True).start()

    def _ring(self, text: bytes, leg: bytes) -> None:
        call = text.partition(b"ACD_CALLER=")[2].partition(b"\r\n")[0]
        with self._rung:
            self._legs[call] = leg
            self._rung.notify()

    def _play(self) -> None:
        stream = self._stream
        for old, new in zip(self._recorded, (self._token, self._run)):
            stream = stream.replace(old.encode(), new.encode())
        for chunk in self._following(stream) if self._follows else _in_chunks(stream):
            self._say(chunk)
        self._say(LAST_WORD.format(token=self._token).encode())

    def _following(self, stream: bytes) -> Iterator[bytes]:
        """As much at a time as can be said without waiting for a ring."""
        calls = dict(TALK.findall(stream))
        named = re.compile(rb"acd-" + self._run.encode() + rb"-[0-9a-f]{8}")
        said: list[bytes] = []
        for message in stream.split(END)[:-1]:
            leg = named.search(message)
            if leg is not None and leg[0] in calls:
                call = calls[leg[0]]
                if call not in self._legs:
                    yield b"".join(said)
                    said.clear()
                    self._wait_for(call)
                message = message.replace(leg[0], self._legs[call])
            said += message, END
        yield b"".join(said)

    def _wait_for(self, call: bytes) -> None:
        with self._rung:
            if not self._rung.wait_for(lambda: call in self._legs, RING_S_MAX):
                raise TimeoutError(f"nobody is rung for {call.decode()}")

    def _say(self, data: bytes) -> None:
        with self._writing:
            self._peer.sendall(data)


def _in_chunks(stream: bytes) -> Iterator[bytes]:
    """Whole messages at a time, so that an answer may come between."""
    at = 0
    while at < len(stream):
        end = stream.rfind(END, at, at + CHUNK_BYTES) + len(END)
        yield stream[at:end]
        at = end


def main() -> None:
    stream = Path(sys.argv[1]).read_bytes()
    stream = stream[: stream.rfind(END) + len(END)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            peer, _ = listener.accept()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with peer:
                Player(peer, stream, *sys.argv[2:4]).serve()


if __name__ == "__main__":
    main()
