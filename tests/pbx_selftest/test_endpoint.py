"""A SIP socket without a server behind it: what is lost is sent again, what comes twice counts once."""

import time

import trio
import trio.testing

from tests.pbx.dialog import Dialog
from tests.pbx.endpoint import SipEndpoint
from tests.pbx.sip import SipMessage


async def test_a_request_is_sent_again_until_answered(nursery: trio.Nursery) -> None:
    """The far side is deaf at first; the copy that comes later is answered, and stamped by the kernel."""
    far = SipEndpoint(nursery, "127.0.0.1", 0, ("127.0.0.1", 9))
    near = SipEndpoint(nursery, "127.0.0.1", 0, ("127.0.0.1", far.port))
    far.server = ("127.0.0.1", near.port)
    far.unplugged = True
    for endpoint in (near, far):
        nursery.start_soon(endpoint.run)
    answered = trio.Event()
    arrivals: list[float] = []

    def on_response(response: SipMessage, at: float) -> None:
        arrivals.append(at)
        answered.set()

    began = time.monotonic()
    near.request(lambda: _dialog(near).request("OPTIONS"), on_response)
    await trio.testing.wait_all_tasks_blocked(0.05)
    far.unplugged = False
    with trio.fail_after(3):
        await answered.wait()
    assert far.options_seen == 1
    assert began < arrivals[0] <= time.monotonic()


async def test_a_repeated_request_gets_the_same_answer(nursery: trio.Nursery) -> None:
    """The same INVITE twice is one call, and the second copy is answered from memory."""
    far = SipEndpoint(nursery, "127.0.0.1", 0, ("127.0.0.1", 9))
    near = SipEndpoint(nursery, "127.0.0.1", 0, ("127.0.0.1", far.port))
    far.server = ("127.0.0.1", near.port)
    calls: list[SipMessage] = []

    def on_invite(invite: SipMessage, at: float) -> None:
        calls.append(invite)
        far.respond(invite, 486, to_tag="t")

    far.on_invite = on_invite
    for endpoint in (near, far):
        nursery.start_soon(endpoint.run)
    answered = trio.Event()
    statuses: list[int] = []

    def on_response(response: SipMessage, at: float) -> None:
        statuses.append(response.status)
        answered.set()

    invite = near.request(lambda: _dialog(near).request("INVITE"), on_response)
    near.send(invite)
    with trio.fail_after(3):
        await answered.wait()
    await trio.testing.wait_all_tasks_blocked(0.05)
    assert (len(calls), statuses) == (1, [486])


def _dialog(endpoint: SipEndpoint) -> Dialog:
    return Dialog("c", "<sip:a@h>;tag=1", "<sip:b@h>", "sip:b@h", endpoint.here, f"sip:a@{endpoint.here}")
