"""Checks of what the user of the manager interface may do: all that is needed, and no more. Pure.

`ListCommands` names the actions that this very user may ask for, each with the classes that allow it.
"""

import re
from collections.abc import Iterator, Mapping

from acd.cti_adapters.asterisk.rights import DANGEROUS, NEEDED_ACTIONS, WRITE_CLASSES
from acd.doctor import questions
from acd.doctor.case import Case, records
from acd.doctor.findings import Finding, ok, problem, skipped, warning
from acd.doctor.heard import Heard

FOR_RECORDINGS = ("StopMixMonitor",)
"""Not there without app_mixmonitor, which nobody else needs."""
PRIVILEGE = re.compile(r"\(Priv: ([\w,<>]+)\)\s*$")


def allowed(heard: Heard) -> Mapping[str, frozenset[str]]:
    """Action -> the classes that allow it; none where everybody may."""
    told = heard.reply(questions.COMMANDS).response or {}
    found = {name: PRIVILEGE.search(text) for name, text in told.items()}
    return {
        name: frozenset(match[1].split(",")) - {"<none>", "all"} for name, match in found.items() if match is not None
    }


def enough(case: Case, heard: Heard) -> Iterator[Finding]:
    may = allowed(heard)
    needed = [name for name in NEEDED_ACTIONS if name not in FOR_RECORDINGS or records(case.settings)]
    missing = tuple(sorted(name for name in needed if name not in may))
    classes = tuple(sorted({each for name in missing for each in NEEDED_ACTIONS[name][:1]}))
    if not may:
        yield skipped("rights", "rights.unknown")
    elif missing:
        yield problem("rights", "rights.few", user=case.asterisk.user, missing=missing, classes=classes)
    else:
        yield ok("rights", "rights", user=case.asterisk.user, n=len(needed))


def too_many(case: Case, heard: Heard) -> Iterator[Finding]:
    """Who learns the secret can do no more with it than Switchyard."""
    beyond = {name for name, classes in allowed(heard).items() if classes and not classes & WRITE_CLASSES}
    worst_first = tuple([name for name in DANGEROUS if name in beyond] + sorted(beyond - set(DANGEROUS)))
    if beyond:
        needed = ",".join(sorted(WRITE_CLASSES))
        yield warning("more-rights", "rights.many", user=case.asterisk.user, beyond=worst_first, needed=needed)
    elif allowed(heard):
        yield ok("more-rights", "rights.no-more", user=case.asterisk.user)
    else:
        yield skipped("more-rights", "rights.unknown")
