"""The least that can drive a queue over AMI: panoramisk, one list of callers, one list of phones, no rules at all.

    python -m benchmarks.bare_script --host 127.0.0.1 --secret S PJSIP/1001 PJSIP/1002 ...

It is the yardstick of the dispatch benchmark: what Asterisk, the loopback and panoramisk cost by themselves. Its calls
flow as the daemon's do (a UserEvent says who waits, Originate rings the phone, the answered leg fetches the caller), by
the dialplan in benchmarks/sides.py. It prints "ready" when it is linked and runs until it is ended.
"""

import argparse
import asyncio
import itertools
from collections import deque
from collections.abc import Iterable
from typing import Any

from panoramisk.manager import Manager

USER = "bare"
RING_MS = 20_000


class BareScript:
    """First come, first served by whoever is idle longest; a phone that doesn't answer is lost for good."""

    def __init__(self, devices: Iterable[str]) -> None:
        self.idle = deque(devices)
        self.waiting: deque[tuple[str, str]] = deque()
        """Each call and its caller's number."""
        self._numbers = itertools.count(1)

    def on_event(self, manager: Any, event: Any) -> None:
        """A caller waits, or a phone is free again."""
        if event.userevent == "BareWait":
            self.waiting.append((event.call, event.number))
        elif event.userevent == "BareFree":
            self.idle.append(event.device)
        while self.idle and self.waiting:
            manager.send_action(self._originate(self.idle.popleft(), *self.waiting.popleft()), as_list=False)

    def _originate(self, device: str, call: str, number: str) -> dict[str, Any]:
        leg = f"bare-{next(self._numbers)}"
        return {
            "Action": "Originate",
            "ActionID": leg,
            "ChannelId": leg,
            "Channel": device,
            "Context": "bare-fetch",
            "Exten": "s",
            "Priority": "1",
            "Async": "true",
            "CallerID": f"<{number}>",
            "Timeout": str(RING_MS),
            "Variable": [
                f"BARE_CALLER={call}",
                f"BARE_DEVICE={device}",
                "CHANNEL(hangup_handler_push)=bare-free\\,s\\,1",
            ],
        }


async def main(host: str, port: int, secret: str, devices: Iterable[str]) -> None:
    """Link and run until cancelled."""
    manager = Manager(host=host, port=port, username=USER, secret=secret, encoding="utf8")
    manager.register_event("UserEvent", BareScript(devices).on_event)
    await manager.connect()
    answer = await manager.send_action({"Action": "Ping"}, as_list=False)
    if not answer.success:
        raise SystemExit(f"Asterisk refuses the bare script: {answer}")
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A queue over AMI without any rules")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5038)
    parser.add_argument("--secret", required=True)
    parser.add_argument("devices", nargs="+")
    asyncio.run(main(**vars(parser.parse_args())))
