"""All checks, in the order in which they are told. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from acd.doctor import of_calls, of_dialplan, of_link, of_machine, of_rights
from acd.doctor.case import Case
from acd.doctor.findings import Finding, skipped
from acd.doctor.heard import Heard, Reach

HERE: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    of_machine.config,
    of_machine.file_mode,
    of_machine.secret,
    of_machine.passwords,
    of_machine.journal,
    of_machine.web,
    of_machine.hours,
)
"""Of this machine."""

LINK: tuple[Callable[[Case, Heard], Iterator[Finding]], ...] = (
    of_link.reach,
    of_link.encryption,
    of_link.login,
)
"""Of the way to Asterisk."""

ASTERISK: dict[str, Callable[[Case, Heard], Iterator[Finding]]] = {
    "version": of_link.version,
    "clock": of_link.clock,
    "rights": of_rights.enough,
    "more-rights": of_rights.too_many,
    "dialplan": of_dialplan.dialplan,
    "entries": of_dialplan.entries,
    "outside": of_dialplan.outside,
    "voicemail": of_dialplan.voicemail,
    "modules": of_dialplan.modules,
    "events": of_calls.events,
    "filter": of_calls.event_filter,
    "music": of_calls.music,
    "prompts": of_calls.sounds,
    "phones": of_calls.phones,
}
"""Of Asterisk itself, by the check's name; they need a login."""

AMONG_SEVERAL: dict[str, Callable[[Case, Heard], Iterator[Finding]]] = {
    "trunks": of_calls.trunks,
}
"""Likewise, where there are several."""


def all_of(case: Case, *others: Case) -> list[Finding]:
    """What every check finds, here and at each PBX; those about what isn't configured say nothing."""
    found = [finding for check in HERE for finding in check(case)]
    for each in (case, *others):
        found += [replace(finding, pbx=each.pbx) for finding in _there(each)]
    return found


def _there(case: Case) -> list[Finding]:
    heard, found = case.heard, list[Finding]()
    if heard is None:
        return [skipped("reach", "reach.simulator")]
    for check in LINK:
        found += check(case, heard)
    for name, check in (ASTERISK | (AMONG_SEVERAL if case.pbx else {})).items():
        if heard.login.ok:
            found += check(case, heard)
        else:
            found.append(skipped(name, "no-login" if heard.reached.how is Reach.OK else "no-reach"))
    return found
