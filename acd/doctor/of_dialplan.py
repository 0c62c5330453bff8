"""Checks of Asterisk's dialplan: ours, the user's ways into it, and where it sends calls. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence

from acd.cti_adapters.asterisk.actions import DIALPLAN_CONTEXT, DIALPLAN_VERSION
from acd.cti_adapters.asterisk.ami import Message
from acd.doctor import questions
from acd.doctor.case import Case, places, records
from acd.doctor.findings import Finding, ok, problem, skipped, warning
from acd.doctor.heard import Heard, Reply
from acd.doctor.patterns import takes
from acd.rules import DestinationKind
from acd.settings import Settings

LEADS_IN = re.compile(r"acd-entry\s*,\s*([^,)?:]+)")
"""A jump to our entry, and to which extension of it."""
DIALLED = "${EXTEN}"
BRIDGE = "simple_bridge"
FROM_PBX = "acd-from-pbx"
"""The context of the trunks between several."""


def dialplan(case: Case, heard: Heard) -> Iterator[Finding]:
    reply = heard.reply(questions.DIALPLAN)
    ours = {line.get("Extension", "") for line in reply.items if line.get("Context") == DIALPLAN_CONTEXT}
    other = next((each for each in sorted(ours) if each.startswith("version-")), "")
    if not reply.ok or not reply.is_over:
        yield skipped("dialplan", "dialplan.unknown", text=reply.text)
    elif DIALPLAN_VERSION in ours and case.pbx and not any(line.get("Context") == FROM_PBX for line in reply.items):
        yield problem("dialplan", "dialplan.alone", version=DIALPLAN_VERSION)
    elif DIALPLAN_VERSION in ours and not questions.knows_trial(heard):
        yield warning("dialplan", "dialplan.aged", version=DIALPLAN_VERSION)
    elif DIALPLAN_VERSION in ours:
        yield ok("dialplan", "dialplan", version=DIALPLAN_VERSION)
    elif ours:
        yield problem("dialplan", "dialplan.other", there=other or "?", version=DIALPLAN_VERSION)
    else:
        yield problem("dialplan", "dialplan.missing")


def entries(case: Case, heard: Heard) -> Iterator[Finding]:
    """Whether some extension leads to each entry point. One that the dialplan makes up for a call can't be seen."""
    reply, numbers = heard.reply(questions.DIALPLAN), [each.number for each in case.settings.entry_points]
    here = entered(case.settings, heard)
    if not reply.ok or not reply.is_over:
        yield skipped("entries", "entries.unknown", text=reply.text)
        return
    lost = tuple(number for number in numbers if number not in here | case.entered_elsewhere)
    if lost and any(_is_open(line) for line in _users(reply)):
        yield skipped("entries", "entries.open", lost=lost, n=len(lost))
    elif lost:
        yield warning("entries", "entries.lost", lost=lost, n=len(lost), first=lost[0])
    elif numbers and not here:
        yield ok("entries", "entries.elsewhere")
    else:
        yield ok("entries", "entries", n=len(here))


def entered(settings: Settings, heard: Heard) -> frozenset[str]:
    """The entry points to which some extension leads."""
    lines = _users(heard.reply(questions.DIALPLAN))
    numbers = (each.number for each in settings.entry_points)
    return frozenset(number for number in numbers if any(_leads(line, number) for line in lines))


def _users(dialplan: Reply) -> list[Message]:
    return [line for line in dialplan.items if not line.get("Context", "").startswith("acd-")]


def _leads(line: Message, number: str) -> bool:
    data = line.get("AppData", "")
    named = [target.strip() for target in LEADS_IN.findall(data)]
    if number in named or (DIALLED in named and takes(line.get("Extension", ""), number)):
        return True
    return line.get("Application") == "Set" and data.replace('"', "") == f"ACD_ENTRY={number}"


def _is_open(line: Message) -> bool:
    """Whether this leads to an entry whose name isn't known before a call comes."""
    return any("$" in target and target.strip() != DIALLED for target in LEADS_IN.findall(line.get("AppData", "")))


def outside(case: Case, heard: Heard) -> Iterator[Finding]:
    numbers = places(case.settings, DestinationKind.NUMBER)
    if not numbers:
        return
    told = {number: heard.value(questions.outside(number)) for number in numbers}
    yield from _places("outside", numbers, [number for number in numbers if told[number] == "0"], list(told.values()))


def voicemail(case: Case, heard: Heard) -> Iterator[Finding]:
    boxes = places(case.settings, DestinationKind.VOICEMAIL)
    if not boxes:
        return
    own = {box: heard.value(questions.own_box(box)) for box in boxes}
    lost = [box for box in boxes if own[box] == "0" and heard.value(questions.box_exists(box)) != "1"]
    yield from _places("voicemail", boxes, lost, list(own.values()))


def _places(check: str, names: Sequence[str], lost: Sequence[str], told: Sequence[str]) -> Iterator[Finding]:
    if "" in told:
        yield skipped(check, f"{check}.unknown", n=len(names))
    elif lost:
        yield problem(check, f"{check}.lost", lost=tuple(lost), n=len(lost), first=lost[0])
    else:
        yield ok(check, check, n=len(names))


STEP_MODULES = {
    "word": "app_userevent",
    "condition": "app_exec",
    "functions": "func_callerid",
    "playback": "app_playback",
    "stack": "app_stack",
    "redirect": "app_channelredirect",
    "music": "res_musiconhold",
    "extras": "app_exec",
}
"""Step of the trial call that wasn't reached -> the module that it needs."""
STEP_FUNCTIONS = {"ByCallerId": "func_callerid", "ByChannel": "func_channel", "ByGlobal": "func_global"}
"""Header of the step `functions` that is 1 -> the module that made it so."""
EXTRAS: dict[str, tuple[str, Callable[[Settings], bool]]] = {
    "ByChanSpy": ("app_chanspy", lambda settings: any(each.device is not None for each in settings.supervisors)),
    "ByMixMonitor": ("app_mixmonitor", records),
    "ByEnv": ("func_env", records),
}
"""Header of the step `extras` that is 1 -> the module that made it so, and who needs it."""


def modules(case: Case, heard: Heard) -> Iterator[Finding]:
    """What isn't there can't be asked for directly without a right that nothing else needs: it is tried."""
    trial, tried = heard.trial, bool(heard.trial.steps)
    missing = [*_missing_functions(heard), *_missing_bridge(heard)]
    if tried:
        functions = trial.steps.get("functions", {})
        missing += [module for header, module in STEP_FUNCTIONS.items() if functions and functions.get(header) != "1"]
        missing += _missing_extras(case, heard)
        missing += [STEP_MODULES[step] for step in questions.STEPS if step not in trial.steps][:1]
    if missing:
        yield problem("modules", "modules.missing", missing=tuple(dict.fromkeys(missing)), first=missing[0])
    elif tried:
        yield ok("modules", "modules")
    else:
        yield skipped("modules", "modules.unknown")


def _missing_extras(case: Case, heard: Heard) -> list[str]:
    told = heard.trial.steps.get("extras", {})
    wanted = {header: module for header, (module, is_needed) in EXTRAS.items() if is_needed(case.settings)}
    return [module for header, module in wanted.items() if told and told.get(header) != "1"]


def _missing_functions(heard: Heard) -> list[str]:
    asked = {module: (heard.reply(expression), value) for module, (expression, value) in questions.FUNCTIONS.items()}
    missing = [module for module, (reply, value) in asked.items() if reply.ok and reply.header("Value") != value]
    no_context = "0" in heard.value(questions.FUNCTIONS["func_dialplan"][0])
    return [each for each in missing if not (each == "func_dialplan" and no_context)]


def _missing_bridge(heard: Heard) -> list[str]:
    reply = heard.reply(questions.BRIDGES)
    there = {item.get("BridgeTechnology") for item in reply.items}
    return ["bridge_simple"] if reply.ok and reply.is_over and BRIDGE not in there else []
