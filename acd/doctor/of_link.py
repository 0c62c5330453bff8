"""Checks of the way to Asterisk, and of what it is. Pure."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from acd.doctor import questions
from acd.doctor.case import Case
from acd.doctor.findings import Finding, ok, problem, skipped, warning
from acd.doctor.heard import Heard, Reach

VERSION_MIN = 16
AHEAD_S_WARNING, AHEAD_S_PROBLEM = 1.0, 5.0


def reach(case: Case, heard: Heard) -> Iterator[Finding]:
    at, reached = case.asterisk, heard.reached
    values = {"host": at.host, "port": at.port, "text": reached.text, "seconds": f"{at.answer_s_max:g}"}
    values["table"] = case.table
    if reached.how is Reach.OK:
        yield ok("reach", "reach", **values)
    else:
        yield problem("reach", f"reach.{reached.how}", **values)


def encryption(case: Case, heard: Heard) -> Iterator[Finding]:
    """The manager interface is spoken in the clear: that is for one machine, or for a tunnel."""
    at = case.asterisk
    if is_loopback(at.host) or is_loopback(heard.reached.our_address):
        yield ok("encryption", "encryption", host=at.host)
    else:
        yield warning("encryption", "encryption.none", host=at.host, port=at.port)


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays within this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def login(case: Case, heard: Heard) -> Iterator[Finding]:
    at = case.asterisk
    values = {"user": at.user, "text": heard.login.text, "address": heard.reached.our_address or at.host}
    if heard.reached.how is not Reach.OK:
        yield skipped("login", "no-reach")
    elif heard.login.ok:
        yield ok("login", "login", **values)
    elif heard.login.response is None:
        yield problem("login", "login.silent", **values, seconds=f"{at.answer_s_max:g}")
    else:
        yield problem("login", "login.refused", **values)


def version(_case: Case, heard: Heard) -> Iterator[Finding]:
    told = heard.reply(questions.SETTINGS).header("AsteriskVersion")
    release = re.match(r"(?:certified/|certified-)?(\d+)\.", told)
    if release is None:
        yield skipped("version", "version.unknown", version=told or "?")
    elif int(release[1]) < VERSION_MIN:
        yield problem("version", "version.old", version=told, least=VERSION_MIN)
    else:
        yield ok("version", "version", version=told)


def clock(_case: Case, heard: Heard) -> Iterator[Finding]:
    """Waits of callers who came while we were away are told by Asterisk's clock."""
    ahead = heard.clock_ahead_s
    if ahead is None:
        yield skipped("clock", "clock.unknown")
        return
    values = {"off": f"{abs(ahead):.1f}"}
    key = "clock.ahead" if ahead > 0 else "clock.behind"
    if abs(ahead) > AHEAD_S_PROBLEM:
        yield problem("clock", key, **values)
    elif abs(ahead) > AHEAD_S_WARNING:
        yield warning("clock", key, **values)
    else:
        yield ok("clock", "clock", off=f"{abs(ahead):.3f}")
