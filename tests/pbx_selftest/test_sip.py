"""SIP messages: what is sent can be read, what is read can be trusted to be what was sent."""

import pytest

from tests.pbx.dialog import Dialog, ack_of_refusal, cancel_of
from tests.pbx.sip import (
    DigestAnswers,
    SipMessage,
    SipSyntaxError,
    parse_message,
    parse_party,
    party_header,
    response_to,
)

INVITE = (
    b"INVITE sip:1001@127.0.0.9:5062 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKabc\r\n"
    b'f: "\xe5\xbc\xa0\xe4\xb8\x89" <sip:13800000001@127.0.0.1>;tag=far\r\n'
    b"To: <sip:1001@127.0.0.9>\r\n"
    b"i: call-1\r\nCSeq: 7 INVITE\r\nm: <sip:asterisk@127.0.0.1:5060>\r\n"
    b"Subject: two\r\n  lines\r\nl: 4\r\n\r\nv=0\nrest"
)


def test_a_request_is_taken_apart() -> None:
    """Start line, compact names, folded lines and the body's length are understood."""
    message = parse_message(INVITE)
    assert (message.method, message.uri, message.status) == ("INVITE", "sip:1001@127.0.0.9:5062", 0)
    assert (message.call_id, message.cseq, message.branch) == ("call-1", (7, "INVITE"), "z9hG4bKabc")
    assert message.header("Subject") == "two lines"
    assert message.body == b"v=0\n"


def test_rendering_survives_parsing() -> None:
    """A message written out and read again is the same message, rubbish bytes included."""
    message = SipMessage("OPTIONS sip:x SIP/2.0", [("From", "\udcff"), ("CSeq", "1 OPTIONS")], b"body")
    assert parse_message(message.render()) == message


@pytest.mark.parametrize("data", [b"", b"hello", b"INVITE sip:x HTTP/1.1\r\n\r\n", b"BYE sip:x SIP/2.0\r\nbad\r\n\r\n"])
def test_bytes_that_are_no_sip_are_refused(data: bytes) -> None:
    """The error quotes what came."""
    with pytest.raises(SipSyntaxError):
        parse_message(data)


@pytest.mark.parametrize(
    ("header", "display", "user", "tag"),
    [
        ('"张三" <sip:138@h>;tag=t1', "张三", "138", "t1"),
        ('"a \\"b\\" <c>" <sip:138@h>', 'a "b" <c>', "138", ""),
        ("Ana <sip:138@h:5060;user=phone>;tag=t2", "Ana", "138", "t2"),
        ("<sip:5%0d%0a@h>", "", "5%0d%0a", ""),
        ("sip:138@h;tag=t3", "", "138", "t3"),
        ("<sip:h>", "", "", ""),
    ],
)
def test_a_party_is_taken_apart(header: str, display: str, user: str, tag: str) -> None:
    """Display name, user and tag; the user's %-escapes stay as they are."""
    party = parse_party(header)
    assert (party.display, party.user, party.tag) == (display, user, tag)


def test_a_party_with_quotes_survives() -> None:
    """What party_header writes, parse_party reads."""
    assert parse_party(party_header('a "b" \\', "sip:1@h", "t")).display == 'a "b" \\'


def test_a_response_repeats_what_it_must() -> None:
    """Via, From, Call-ID and CSeq are the request's; To gains the tag only where there is none."""
    response = response_to(parse_message(INVITE), 486, "near")
    assert (response.status, response.method, response.branch) == (486, "INVITE", "z9hG4bKabc")
    assert parse_party(response.header("To")).tag == "near"
    assert parse_party(response_to(parse_message(INVITE), 200).header("To")).tag == ""


def test_the_digest_of_the_standards_own_example() -> None:
    """RFC 2617 without qop has one right answer, known by heart by every phone."""
    digest = DigestAnswers("Mufasa", "Circle Of Life")
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    digest.learn(SipMessage("SIP/2.0 401 Unauthorized", [("WWW-Authenticate", challenge)]))
    signed = digest.signed(SipMessage("GET /dir/index.html SIP/2.0"))
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in signed.header("Authorization")


def test_without_a_challenge_nothing_is_signed() -> None:
    """A request goes out plain until somebody asks."""
    message = SipMessage("BYE sip:x SIP/2.0")
    assert DigestAnswers("1001", "x").signed(message) is message


def test_cancel_and_ack_belong_to_the_invites_transaction() -> None:
    """Same branch and number as the INVITE; the ACK of a 200 has a branch of its own."""
    dialog = Dialog("c", "<sip:a@h>;tag=1", "<sip:b@h>", "sip:b@h", "127.0.0.1:1", "sip:a@127.0.0.1:1")
    invite = dialog.request("INVITE")
    refusal = response_to(invite, 486, "t")
    for message in (cancel_of(invite), ack_of_refusal(invite, refusal)):
        assert (message.branch, message.cseq[0]) == (invite.branch, invite.cseq[0])
    assert dialog.ack(refusal).branch != invite.branch
    assert dialog.request("BYE").cseq == (2, "BYE")
