"""Each check of the doctor's, with what Asterisk might have said and what might be seen here."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from acd.cti_adapters.asterisk.actions import DIALPLAN_VERSION
from acd.doctor import questions
from acd.doctor.case import POSITION_SOUNDS, Case, Machine, prompts
from acd.doctor.checks import ASTERISK, all_of
from acd.doctor.command import TABLES, as_json
from acd.doctor.findings import Finding, Verdict, ok, problem, skipped, warning, worst
from acd.doctor.heard import Heard, Reach, Reached, Reply, Trial
from acd.doctor.of_dialplan import entered
from acd.doctor.patterns import takes
from acd.doctor.table import lines
from acd.explain.words import Words
from acd.settings import parse

HASH = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$aGFzaA"
PATH = Path("acd.toml")
COMMANDS = {
    "Hangup": "(Priv: system,call,all)",
    "Originate": "(Priv: originate,all)",
    "Ping": "(Priv: <none>)",
    "Redirect": "(Priv: call,all)",
    "Setvar": "(Priv: call,all)",
    "ShowDialPlan": "(Priv: config,reporting,all)",
    "DeviceStateList": "(Priv: call,reporting,all)",
    "Getvar": "(Priv: call,reporting,all)",
    "Status": "(Priv: system,call,reporting,all)",
    "StopMixMonitor": "(Priv: system,call,all)",
}


def line(context: str, extension: str, application: str = "NoOp", data: str = "") -> dict[str, str]:
    return {"Context": context, "Extension": extension, "Application": application, "AppData": data}


OURS = [line("acd-wait", DIALPLAN_VERSION), line("acd-doctor", "s")]
WAY_IN = line("from-trunk", "_8XXX", "Goto", "acd-entry,${EXTEN},1")


def listed(*items: dict[str, str]) -> Reply:
    return Reply({"Response": "Success"}, list(items), is_over=True)


def value(text: str) -> Reply:
    return Reply({"Response": "Success", "Value": text}, is_over=True)


def refused(text: str = "Permission denied") -> Reply:
    return Reply({"Response": "Error", "Message": text}, is_over=True)


def trial(*steps: str, music_s: float = 1.0, **others: Any) -> Trial:
    words = {step: {} for step in steps} | (
        {"functions": {"ByCallerId": "1", "ByChannel": "1", "ByGlobal": "1"}} if "functions" in steps else {}
    )
    if "extras" in steps:
        words["extras"] = {"ByChanSpy": "1", "ByMixMonitor": "1", "ByEnv": "1"}
    at = dict.fromkeys(steps, 10.0)
    return Trial(words, at | ({"music": 10.0 + music_s} if "music" in steps else {}), **{"responded": True, **others})


def healthy(**others: Any) -> Heard:
    """What a good Asterisk says; `others` instead."""
    replies = {
        questions.SETTINGS: Reply({"Response": "Success", "AsteriskVersion": "22.10.1"}, is_over=True),
        questions.COMMANDS: Reply({"Response": "Success", **COMMANDS}, is_over=True),
        questions.DIALPLAN: listed(*OURS, WAY_IN),
        questions.BRIDGES: listed({"BridgeTechnology": "simple_bridge"}),
        questions.DEVICE_STATES: value("INVALID"),
        **{expression: value(text) for expression, text in questions.FUNCTIONS.values()},
        questions.device_state("PJSIP/1001"): value("NOT_INUSE"),
        questions.device_state("PJSIP/1002"): value("INUSE"),
        questions.DATA_FOLDER: value("/var/lib/asterisk"),
    }
    return Heard(
        reached=others.pop("reached", Reached(Reach.OK, "Asterisk Call Manager/11.0.0", "127.0.0.1", is_here=True)),
        login=others.pop("login", Reply({"Response": "Success"}, is_over=True)),
        clock_ahead_s=others.pop("clock_ahead_s", 0.001),
        trial=others.pop("trial", trial(*questions.STEPS)),
        replies=replies | others.pop("replies", {}),
    )


def case(heard: Heard | None = None, machine: Machine | None = None, **tables: Any) -> Case:
    table: dict[str, Any] = {
        "adapter": "asterisk",
        "asterisk": {"secret": "a-good-one"},
        "groups": [{"id": "desk"}],
        "entry_points": [{"number": "8001", "group": "desk"}],
        "agents": [{"id": n, "device": f"PJSIP/{n}", "password_hash": HASH} for n in ("1001", "1002")],
    }
    return Case(PATH, parse(table | tables, "x"), machine or Machine(), heard or healthy())


def found(check: str, of: Case) -> list[tuple[Verdict, str]]:
    return [(each.verdict, each.key) for each in all_of(of) if each.check == check]


def the_words(check: str, of: Case) -> str:
    [finding] = (each for each in all_of(of) if each.check == check)
    words = Words("en", tables=TABLES)
    return f"{finding.found(words)} -> {finding.advice(words)}"


OK, SKIPPED, WARNING, PROBLEM = Verdict.OK, Verdict.SKIPPED, Verdict.WARNING, Verdict.PROBLEM


def test_all_is_well_where_all_is_well() -> None:
    findings = all_of(case())
    assert {each.verdict for each in findings} == {OK}, findings
    assert {each.check for each in findings} >= set(ASTERISK) - {"outside", "voicemail", "prompts"}


def test_without_asterisk_only_this_machine_is_looked_at() -> None:
    simulated = replace(case(adapter="simulator"), heard=None)
    assert found("reach", simulated) == [(SKIPPED, "reach.simulator")]
    assert found("config", simulated) == [(OK, "config")]


def test_without_a_login_each_check_says_that_it_was_not_made() -> None:
    for heard, key in (
        (healthy(login=refused()), "no-login"),
        (healthy(reached=Reached(Reach.REFUSED), login=Reply()), "no-reach"),
    ):
        assert all(found(check, case(heard)) == [(SKIPPED, key)] for check in ASTERISK)


# --- this machine ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "machine", "expected"),
    [
        ("file-mode", Machine(mode=0o640), (OK, "file-mode")),
        ("file-mode", Machine(mode=0o644), (WARNING, "file-mode.open")),
        ("file-mode", Machine(mode=0o604), (WARNING, "file-mode.open")),
        ("journal", Machine(journal_writable=False), (PROBLEM, "journal.closed")),
        ("journal", Machine(journal_free_bytes=200 << 20), (OK, "journal")),
        ("journal", Machine(journal_free_bytes=(200 << 20) - 1), (PROBLEM, "journal.full")),
        ("web", Machine(web="ours"), (OK, "web.ours")),
        ("web", Machine(web="somebody"), (PROBLEM, "web.somebody")),
        ("web", Machine(web="unavailable", web_why="denied"), (PROBLEM, "web.unavailable")),
        ("passwords", Machine(example_hashes=frozenset({HASH})), (WARNING, "passwords.example")),
        ("hours", Machine(zones={"Asia/Shanghai": "2026-01-01 08:00"}), (OK, "hours")),
    ],
)
def test_this_machine(check: str, machine: Machine, expected: tuple[Verdict, str]) -> None:
    assert found(check, case(machine=machine)) == [expected]


def test_room_for_fewer_than_three_segments_is_a_warning() -> None:
    machine = Machine(journal_free_bytes=2999 << 20)
    assert found("journal", case(machine=machine, server={"journal_mb_max": 1000})) == [(WARNING, "journal.tight")]


def test_the_examples_secret() -> None:
    of = case(asterisk={"secret": "change-this-secret"})
    assert found("secret", of) == [(WARNING, "secret.example")]
    assert "change-this-secret" not in the_words("secret", of)


def test_an_example_secret_nobody_else_may_read_is_told_of_no_file_without_one() -> None:
    """A simulator's configuration holds nothing to keep."""
    of = replace(case(machine=Machine(mode=0o644), adapter="simulator", asterisk=None), heard=None)
    assert found("file-mode", of) == [(OK, "file-mode")]
    assert found("secret", of) == []


# --- the way to Asterisk --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [each for each in Reach if each is not Reach.OK])
def test_asterisk_is_not_reached(how: Reach) -> None:
    of = case(healthy(reached=Reached(how, "x"), login=Reply()))
    assert found("reach", of) == [(PROBLEM, f"reach.{how}")]
    assert "127.0.0.1" in the_words("reach", of)
    assert the_words("reach", of).split(" -> ")[1]


def test_no_answer_to_the_login_is_not_a_refusal() -> None:
    assert found("login", case(healthy(login=Reply()))) == [(PROBLEM, "login.silent")]
    assert found("login", case(healthy(login=refused("Authentication failed")))) == [(PROBLEM, "login.refused")]


@pytest.mark.parametrize(
    ("host", "ours", "verdict"),
    [
        ("127.3.4.5", "", OK),
        ("localhost", "", OK),
        ("::1", "", OK),
        ("pbx", "127.0.0.1", OK),
        ("10.0.0.9", "", WARNING),
    ],
)
def test_what_leaves_the_machine_goes_in_the_clear(host: str, ours: str, verdict: Verdict) -> None:
    of = case(healthy(reached=Reached(Reach.OK, "", ours)), asterisk={"secret": "x", "host": host})
    assert [each for each, _ in found("encryption", of)] == [verdict]


@pytest.mark.parametrize(
    ("told", "verdict"),
    [("22.10.1+dfsg", OK), ("16.0.0", OK), ("certified/18.9-cert1", OK), ("13.38.3", PROBLEM), ("GIT-master", SKIPPED)],
)
def test_versions(told: str, verdict: Verdict) -> None:
    reply = Reply({"Response": "Success", "AsteriskVersion": told}, is_over=True)
    of = case(healthy(replies={questions.SETTINGS: reply}))
    assert [each for each, _ in found("version", of)] == [verdict]


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (0.9, (OK, "clock")),
        (-1.1, (WARNING, "clock.behind")),
        (1.1, (WARNING, "clock.ahead")),
        (5.1, (PROBLEM, "clock.ahead")),
        (-5.1, (PROBLEM, "clock.behind")),
        (None, (SKIPPED, "clock.unknown")),
    ],
)
def test_clocks(ahead: float | None, expected: tuple[Verdict, str]) -> None:
    assert found("clock", case(healthy(clock_ahead_s=ahead))) == [expected]


def test_asterisks_clock_is_compared_with_the_middle_of_question_and_answer() -> None:
    assert questions.clock_ahead_s("1000.25", 999.0) == 1.25
    assert questions.clock_ahead_s("", 999.0) is None


# --- rights ---------------------------------------------------------------------------------------------------------


def commands(**others: str) -> Heard:
    return healthy(replies={questions.COMMANDS: Reply({"Response": "Success", **COMMANDS, **others}, is_over=True)})


@pytest.mark.parametrize("action", sorted(COMMANDS))
def test_an_action_that_is_not_allowed_is_named(action: str) -> None:
    may = {name: text for name, text in COMMANDS.items() if name != action}
    heard = healthy(replies={questions.COMMANDS: Reply({"Response": "Success", **may}, is_over=True)})
    of = case(heard, groups=[{"id": "desk", "recording": "all"}])
    assert found("rights", of) == [(PROBLEM, "rights.few")]
    assert f"may not do: {action} ->" in the_words("rights", of)
    if action == "StopMixMonitor":
        assert found("rights", case(heard)) == [(OK, "rights")], "nobody is recorded"


def test_rights_beyond_are_named_the_worst_first() -> None:
    heard = commands(AGI="(Priv: agi,all)", UpdateConfig="(Priv: config,all)", Command="(Priv: command,all)")
    assert found("more-rights", case(heard)) == [(WARNING, "rights.many")]
    assert "than Switchyard needs: Command, UpdateConfig, AGI ->" in the_words("more-rights", case(heard))
    assert found("rights", case(heard)) == [(OK, "rights")]


def test_what_comes_with_the_needed_rights_is_not_beyond() -> None:
    heard = commands(CoreStatus="(Priv: system,reporting,all)", QueueStatus="(Priv: <none>)")
    assert found("more-rights", case(heard)) == [(OK, "rights.no-more")]


def test_a_list_that_asterisk_does_not_give() -> None:
    heard = healthy(replies={questions.COMMANDS: refused()})
    assert found("rights", case(heard)) == found("more-rights", case(heard)) == [(SKIPPED, "rights.unknown")]


# --- the dialplan ---------------------------------------------------------------------------------------------------


def dialplan(*items: dict[str, str]) -> Heard:
    return healthy(replies={questions.DIALPLAN: listed(*items)})


def test_our_dialplan() -> None:
    assert found("dialplan", case(dialplan(WAY_IN))) == [(PROBLEM, "dialplan.missing")]
    assert found("dialplan", case(dialplan(OURS[0]))) == [(WARNING, "dialplan.aged")]
    assert found("dialplan", case(dialplan(line("acd-wait", "s")))) == [(PROBLEM, "dialplan.other")]
    old = dialplan(line("acd-wait", "s"), line("acd-wait", "version-1"))
    assert "it is version-1" in the_words("dialplan", case(old))
    denied = healthy(replies={questions.DIALPLAN: refused()})
    assert found("dialplan", case(denied)) == [(SKIPPED, "dialplan.unknown")]
    endless = healthy(replies={questions.DIALPLAN: replace(listed(*OURS), is_over=False)})
    assert found("dialplan", case(endless)) == [(SKIPPED, "dialplan.unknown")]


@pytest.mark.parametrize(
    ("way", "verdict"),
    [
        (line("in", "8001", "Goto", "acd-entry,${EXTEN},1"), OK),
        (line("in", "_80[0-4]X", "Goto", "acd-entry,${EXTEN},1"), OK),
        (line("in", "s", "Goto", "acd-entry,8001,1"), OK),
        (line("in", "s", "GotoIf", "$[${X}]?acd-entry,8001,1:out,s,1"), OK),
        (line("in", "s", "Set", "ACD_ENTRY=8001"), OK),
        (line("in", "_9XXX", "Goto", "acd-entry,${EXTEN},1"), WARNING),
        (line("in", "s", "Goto", "acd-entry,8002,1"), WARNING),
        (line("acd-start", "8001", "Goto", "acd-entry,${EXTEN},1"), WARNING),
        (line("in", "_9XXX", "Goto", "acd-entry,${EXTEN:1},1"), SKIPPED),
    ],
)
def test_ways_in(way: dict[str, str], verdict: Verdict) -> None:
    assert [each for each, _ in found("entries", case(dialplan(*OURS, way)))] == [verdict]


@pytest.mark.parametrize(
    ("extension", "number", "takes_it"),
    [
        ("8001", "8001", True),
        ("8001", "8002", False),
        ("_8XXX", "8001", True),
        ("_8XXX", "80010", False),
        ("_NZX", "210", True),
        ("_NZX", "110", False),
        ("_[1-37].", "3", False),
        ("_[1-37].", "78", True),
        ("_8!", "8", True),
        ("_8-0-X", "805", True),
        ("_+49X.", "+49301", True),
    ],
)
def test_patterns(extension: str, number: str, takes_it: bool) -> None:
    assert takes(extension, number) is takes_it


def test_places_outside() -> None:
    desk = {"id": "desk", "calls_max": 1, "when_full": "number:0571", "when_nobody": "voicemail:sales"}
    told = {
        questions.outside("0571"): value("0"),
        questions.own_box("sales"): value("0"),
        questions.box_exists("sales"): value("0"),
    }
    of = case(healthy(replies=told), groups=[desk])
    assert found("outside", of) == [(PROBLEM, "outside.lost")]
    assert found("voicemail", of) == [(PROBLEM, "voicemail.lost")]
    there = {questions.outside("0571"): value("1"), questions.box_exists("sales"): value("1")}
    of = case(healthy(replies=told | there), groups=[desk])
    assert (found("outside", of), found("voicemail", of)) == ([(OK, "outside")], [(OK, "voicemail")])
    of = case(healthy(), groups=[desk])
    assert found("outside", of) == [(SKIPPED, "outside.unknown")]
    assert found("voicemail", of) == [(SKIPPED, "voicemail.unknown")]


# --- modules and calls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", questions.FUNCTIONS)
def test_a_function_that_gives_nothing_is_a_module_missing(module: str) -> None:
    expression, _ = questions.FUNCTIONS[module]
    of = case(healthy(replies={expression: value("")}))
    assert found("modules", of) == [(PROBLEM, "modules.missing")]
    assert f"not loaded: {module} ->" in the_words("modules", of)


@pytest.mark.parametrize("place", range(1, len(questions.STEPS)))
def test_the_trial_call_ends_where_a_module_is_missing(place: int) -> None:
    of = case(healthy(trial=trial(*questions.STEPS[:place])))
    assert found("modules", of) == [(PROBLEM, "modules.missing")]


def test_functions_of_the_trial_call() -> None:
    heard = healthy()
    heard.trial.steps["functions"] = {"ByCallerId": "1", "ByChannel": "0", "ByGlobal": ""}
    assert "not loaded: func_channel, func_global ->" in the_words("modules", case(heard))


@pytest.mark.parametrize(
    ("header", "module", "needs_it"),
    [
        ("ByChanSpy", "app_chanspy", {"supervisors": [{"id": "lead", "device": "PJSIP/1900", "password_hash": HASH}]}),
        ("ByMixMonitor", "app_mixmonitor", {"groups": [{"id": "desk", "recording": "on-demand"}]}),
        ("ByEnv", "func_env", {"groups": [{"id": "desk", "recording": "all"}]}),
    ],
)
def test_modules_that_only_some_need(header: str, module: str, needs_it: dict[str, Any]) -> None:
    heard = healthy()
    heard.trial.steps["extras"][header] = "0"
    assert found("modules", case(heard)) == [(OK, "modules")]
    assert f"not loaded: {module} ->" in the_words("modules", case(heard, **needs_it))


def test_no_bridge() -> None:
    assert "bridge_simple" in the_words("modules", case(healthy(replies={questions.BRIDGES: listed()})))


@pytest.mark.parametrize(
    ("tried", "events", "held_back"),
    [
        (trial(), (PROBLEM, "events.no-word"), (OK, "filter")),
        (trial(responded=False), (PROBLEM, "events.none"), (SKIPPED, "filter.untried")),
        (trial(*questions.STEPS, responded=False), (PROBLEM, "events.no-response"), (OK, "filter")),
        (trial(*questions.STEPS, events=Counter(Hangup=2)), (OK, "events"), (WARNING, "filter.none")),
    ],
)
def test_events(tried: Trial, events: tuple[Verdict, str], held_back: tuple[Verdict, str]) -> None:
    of = case(healthy(trial=tried))
    assert (found("events", of), found("filter", of)) == ([events], [held_back])


def test_without_the_right_to_call_events_are_not_blamed() -> None:
    may = {name: text for name, text in COMMANDS.items() if name != "Originate"}
    replies = {questions.COMMANDS: Reply({"Response": "Success", **may}, is_over=True)}
    of = case(healthy(trial=Trial(), replies=replies))
    assert found("events", of) == [(SKIPPED, "events.untried")]
    assert found("music", of) == [(SKIPPED, "music.untried")]


def test_without_our_dialplan_only_the_end_of_a_call_can_be_heard() -> None:
    of = case(healthy(trial=trial(), replies={questions.DIALPLAN: listed(WAY_IN)}))
    assert found("events", of) == [(SKIPPED, "events.no-context")]


def test_music() -> None:
    assert found("music", case(healthy(trial=trial(*questions.STEPS, music_s=0.01)))) == [(PROBLEM, "music.none")]


def test_sounds_of_told_positions_are_looked_for() -> None:
    machine = Machine(sounds=dict.fromkeys(POSITION_SOUNDS, False))
    of = case(machine=machine, groups=[{"id": "desk", "tell_position_s": 30}])
    assert "queue-thereare" in the_words("prompts", of)
    assert prompts(of.settings) == POSITION_SOUNDS


def test_prompts() -> None:
    groups = [{"id": "desk", "steps": [{"after_s": 1, "prompt": "hold-on"}]}]
    assert found("prompts", case(groups=groups)) == [(SKIPPED, "prompts.unseen")]
    for there, verdict in ((True, OK), (False, WARNING)):
        of = case(machine=Machine(sounds={"hold-on": there}), groups=groups)
        assert [each for each, _ in found("prompts", of)] == [verdict]


def test_phones() -> None:
    """Those unknown and those away are told apart, each with whose it is, and how many of how many."""
    away = {questions.device_state("PJSIP/1001"): value("UNAVAILABLE")}
    assert found("phones", case(healthy(replies=away))) == [(WARNING, "phones.away")]
    both = away | {questions.device_state("PJSIP/1002"): value("INVALID")}
    assert found("phones", case(healthy(replies=both))) == [(PROBLEM, "phones.nobody"), (WARNING, "phones.away")]
    silent = {questions.DEVICE_STATES: value("")}
    assert found("phones", case(healthy(replies=silent))) == [(SKIPPED, "phones.unknown")]


def test_many_phones_are_told_in_one_line() -> None:
    agents = [{"id": f"{n}", "device": f"PJSIP/{n}", "password_hash": HASH} for n in range(2000, 2500)]
    states = {questions.device_state(f"PJSIP/{n}"): value("UNAVAILABLE") for n in range(2000, 2500)}
    told = the_words("phones", case(healthy(replies=states), agents=agents))
    assert "500 of 500: PJSIP/2000 (2000)" in told
    assert "490 more" in told
    assert len(told) < 400


def test_a_supervisors_phone_counts() -> None:
    supervisors = [{"id": "lead", "device": "PJSIP/1900", "password_hash": HASH}]
    heard = healthy(replies={questions.device_state("PJSIP/1900"): value("INVALID")})
    assert "PJSIP/1900 (lead)" in the_words("phones", case(heard, supervisors=supervisors))


# --- several PBXs ---------------------------------------------------------------------------------------------------

NORTH = {"name": "north", "secret": "a-good-one", "trunks": {"south": "PJSIP/{phone}@to-south"}}
SOUTH = {"name": "south", "secret": "a-good-one", "trunks": {"north": "PJSIP/{phone}@to-north"}}
TO_SOUTH = questions.device_state("PJSIP/to-south")
FROM_PBX = line("acd-from-pbx", "_XX")


def at_north(heard: Heard | None = None, agents: dict[str, str | None] | None = None, **others: Any) -> Case:
    """What was heard at the north, with its trunk; `agents` with the PBX of their phones."""
    homes = agents or {"1001": None, "2001": "south"}
    people = [{"id": n, "device": f"PJSIP/{n}", "pbx": home, "password_hash": HASH} for n, home in homes.items()]
    good = healthy(replies={TO_SOUTH: value("NOT_INUSE"), questions.DIALPLAN: listed(*OURS, FROM_PBX, WAY_IN)})
    of = case(heard or good, asterisk=None, pbx=[NORTH, SOUTH], agents=people, **others)
    return replace(of, pbx="north")


def among(heard: dict[str, Reply]) -> Heard:
    way_in = {questions.DIALPLAN: listed(*OURS, FROM_PBX, WAY_IN)}
    return healthy(replies={TO_SOUTH: value("NOT_INUSE")} | way_in | heard)


def test_each_of_several_is_looked_at_and_named() -> None:
    north, south = at_north(), replace(at_north(healthy(reached=Reached(Reach.REFUSED), login=Reply())), pbx="south")
    findings = all_of(north, south)
    assert {each.verdict for each in findings if each.pbx in ("", "north")} == {OK}
    assert [(each.verdict, each.pbx) for each in findings if each.check == "reach"] == [
        (OK, "north"),
        (PROBLEM, "south"),
    ]
    assert [(each.verdict, each.pbx) for each in findings if each.check == "trunks"] == [
        (OK, "north"),
        (SKIPPED, "south"),
    ]
    assert [each.pbx for each in findings if each.check == "journal"] == [""], "this machine is looked at once"
    told = [click.unstyle(each) for each in lines(findings, Words("en", tables=TABLES))]
    assert [each for each in told if each in ("north", "south")] == ["north", "south"]
    assert told.index("north") < told.index("south")
    data = json.loads(as_json(findings, Words("en", tables=TABLES)))
    assert {each["pbx"] for each in data["checks"]} == {"", "north", "south"}


def test_only_the_phones_at_a_pbx_are_asked_for_there() -> None:
    settings = at_north().settings
    asked = [questions.device_state(f"PJSIP/{n}") for n in ("1001", "2001", "to-south", "to-north")]
    assert [each in questions.expressions(settings, "north") for each in asked] == [True, False, True, False]
    assert [each in questions.expressions(settings, "south") for each in asked] == [False, True, False, True]
    away = among({questions.device_state("PJSIP/1001"): value("UNAVAILABLE")})
    assert "not reachable: PJSIP/1001 (1001) ->" in the_words("phones", at_north(away))
    assert found("phones", at_north(agents={"2001": "south"})) == []


def test_a_number_is_no_phone_to_be_asked_for() -> None:
    agents = [{"id": "1001", "device": "number:0571", "password_hash": HASH}]
    assert not [each for each in questions.expressions(case(agents=agents).settings) if "0571" in each]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("NOT_INUSE", (OK, "trunks")),
        ("INVALID", (PROBLEM, "trunks.nobody")),
        ("UNAVAILABLE", (WARNING, "trunks.away")),
    ],
)
def test_trunks(state: str, expected: tuple[Verdict, str]) -> None:
    of = at_north(among({TO_SOUTH: value(state)}))
    assert found("trunks", of) == [expected]
    assert ("PJSIP/to-south (south)" in the_words("trunks", of)) is (state != "NOT_INUSE")


def test_trunks_that_cannot_be_asked_for() -> None:
    assert found("trunks", at_north(among({questions.DEVICE_STATES: value("")}))) == [(SKIPPED, "phones.unknown")]


def test_several_need_more_of_the_dialplan() -> None:
    of = at_north(among({questions.DIALPLAN: listed(*OURS, WAY_IN)}))
    assert found("dialplan", of) == [(PROBLEM, "dialplan.alone")]
    assert "extensions-acd-pbxs.conf" in the_words("dialplan", of)


def test_an_entry_point_needs_a_way_in_at_one_of_them() -> None:
    of = at_north(among({questions.DIALPLAN: listed(*OURS, FROM_PBX)}))
    assert found("entries", of) == [(WARNING, "entries.lost")]
    assert found("entries", replace(of, entered_elsewhere=frozenset({"8001"}))) == [(OK, "entries.elsewhere")]
    assert entered(of.settings, among({})) == {"8001"}


def test_what_is_wrong_with_a_link_names_its_table() -> None:
    of = at_north(healthy(reached=Reached(Reach.FAILED, "x"), login=Reply()))
    assert "[[pbx]] north" in the_words("reach", of)
    of = replace(
        of, settings=parse(of.settings.table() | {"pbx": [NORTH, SOUTH | {"secret": "change-this-secret-too"}]}, "x")
    )
    assert "into [[pbx]] south secret of acd.toml" in the_words("secret", of)


# --- how it is said -------------------------------------------------------------------------------------------------

SAID: list[Finding] = [
    ok("config", "config", path="x", groups=1, agents=2, adapter="asterisk"),
    skipped("rights", "no-login"),
]


def test_one_line_each_and_the_advice_beneath() -> None:
    findings = [*SAID, warning("secret", "secret.example", path="acd.toml", tables=("[asterisk]",))]
    told = list(lines(findings, Words("en", tables=TABLES)))
    assert len(told) == 3 + 1 + 2
    assert told[3].lstrip().startswith("-> Put another one into [asterisk] secret of acd.toml")
    assert told[-1] == "Nothing stands in the way; look at the warnings."


def test_columns_stand_under_each_other_in_chinese() -> None:
    first, second, *_ = lines(SAID, Words("zh", tables=TABLES))
    assert first.startswith("\x1b[32m正常  \x1b[0m  配置文件  x")
    assert second.startswith("\x1b[36m未检查\x1b[0m  所需权限  ")


@pytest.mark.parametrize("language", TABLES)
def test_a_narrow_terminal_breaks_what_is_long_and_loses_nothing(language: str) -> None:
    words, findings = (
        Words(language, tables=TABLES),
        [problem("login", "login.refused", user="u", text="x", address="::1")],
    )
    whole, narrow = list(lines(findings, words)), list(lines(findings, words, 70))
    assert len(narrow) > len(whole)
    assert "".join("".join(narrow).split()) == "".join("".join(whole).split())
    plain = [click.unstyle(each) for each in narrow]
    assert all(sum(1 if sign < "\u1100" else 2 for sign in each) <= 70 for each in plain), plain
    assert all(each.startswith(" " * 11) for each in plain[2:-2])


def test_a_phone_that_is_dialled_by_way_of_an_endpoint_is_asked_for_there() -> None:
    told = {"PJSIP/1001": "PJSIP/1001", "PJSIP/0571@trunk": "PJSIP/trunk", "PJSIP/1001/sip:a@b": "PJSIP/1001"}
    told |= {"SIP/1001": "SIP/1001", "Local/5@in": "Local/5@in"}
    for device, asked in told.items():
        assert questions.device_state(device) == f"DEVICE_STATE({asked})"


def test_json_has_every_check_with_its_words() -> None:
    told = json.loads(as_json([*SAID, problem("music", "music.none")], Words("en", tables=TABLES)))
    assert told["verdict"] == "problem"
    assert [each["check"] for each in told["checks"]] == ["config", "rights", "music"]
    assert told["checks"][2]["do"].startswith("In musiconhold.conf")


def test_the_worst_counts() -> None:
    assert worst([]) is OK
    assert worst(SAID) is SKIPPED
    assert worst([*SAID, warning("a", "b"), problem("a", "b")]) is PROBLEM
