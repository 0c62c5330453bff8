"""A SIP dialog as one side sees it: who, where, and the next sequence number. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.pbx.sip import SipMessage, new_branch, parse_party

USER_AGENT = "Switchyard test phone"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY, REFER"


@dataclass(slots=True)
class Dialog:
    """What every request of a call has in common.

    `near` and `far` are whole From and To values with their tags, `target` is the URI that requests go to,
    `here` is our own `address:port`, `contact` the URI at which we are reached.
    """

    call_id: str
    near: str
    far: str
    target: str
    here: str
    contact: str
    cseq: int = 0
    routes: list[str] = field(default_factory=list)

    def request(self, method: str, body: bytes = b"", extra: tuple[tuple[str, str], ...] = ()) -> SipMessage:
        """The next request of the dialog, with a sequence number and a branch of its own."""
        self.cseq += 1
        message = self._message(method, self.cseq)
        message.headers += [("Contact", f"<{self.contact}>"), ("Allow", ALLOW), ("User-Agent", USER_AGENT), *extra]
        if body:
            message.headers.append(("Content-Type", "application/sdp"))
            message.body = body
        return message

    def ack(self, response: SipMessage) -> SipMessage:
        """The ACK of a 2xx: a transaction of its own, with the INVITE's sequence number."""
        return self._message("ACK", response.cseq[0])

    def learn(self, message: SipMessage) -> None:
        """Take the far side's contact and its route from a 2xx of ours or an INVITE of theirs."""
        contact = message.header("Contact")
        if contact:
            self.target = parse_party(contact).uri

    def _message(self, method: str, cseq: int) -> SipMessage:
        routes = [("Route", route) for route in self.routes]
        headers = [
            ("Via", f"SIP/2.0/UDP {self.here};rport;branch={new_branch()}"),
            ("Max-Forwards", "70"),
            *routes,
            ("From", self.near),
            ("To", self.far),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        return SipMessage(f"{method} {self.target} SIP/2.0", headers)


def cancel_of(invite: SipMessage) -> SipMessage:
    """The CANCEL of an INVITE that has no final response yet: the same transaction by its branch."""
    return _same_transaction(invite, "CANCEL", invite.header("To"))


def ack_of_refusal(invite: SipMessage, response: SipMessage) -> SipMessage:
    """The ACK of a final response of 300 and more: part of the INVITE's own transaction."""
    return _same_transaction(invite, "ACK", response.header("To"))


def _same_transaction(invite: SipMessage, method: str, to: str) -> SipMessage:
    headers = [
        ("Via", invite.header("Via")),
        ("Max-Forwards", "70"),
        *(("Route", route) for route in invite.all_headers("Route")),
        ("From", invite.header("From")),
        ("To", to),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq[0]} {method}"),
    ]
    return SipMessage(f"{method} {invite.uri} SIP/2.0", headers)
