"""A bad configuration is told by file, key, value and what is allowed; a good one becomes the core's rules."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from acd.errors import SettingsError
from acd.rules import AgentRecord, EntryPoint, SkillGroup, VipClass
from acd.settings import load, parse
from acd.shipped import config_folder

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$Zm9yIHRoZSB0ZXN0cyBvbmx5"

GOOD: dict[str, Any] = {
    "adapter": "asterisk",
    "asterisk": {"secret": "geheim"},
    "groups": [{"id": "desk", "needs": {"german": 3}, "ring_s": 12.5, "wrap_up_s": 0}, {"id": "night"}],
    "entry_points": [{"number": "12306", "group": "desk", "needs": {"vip": 1}, "tier": 2, "credit_s": 1.5}],
    "vip_classes": [{"name": "gold", "tier": 9, "numbers": ["+49301", "+49302"]}],
    "agents": [{"id": "1001", "name": "张伟", "device": "PJSIP/1001", "skills": {"german": 5}, "password_hash": HASH}],
    "supervisors": [{"id": "sue", "password_hash": HASH}],
}


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """The good table with one thing changed; `to` None: without it."""
    table = deepcopy(GOOD)
    place: Any = table
    for key in path[:-1]:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
    if to is None:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == len(place):
        place.append(to)
    else:
        place[path[-1]] = to
    return table


def words(table: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse(table, "acd.toml")
    return str(caught.value).splitlines()


def several(*pbxs: dict[str, Any]) -> dict[str, Any]:
    """The good table with these PBXs instead of the one."""
    table = changed("asterisk", to=None)
    table["pbx"] = [{"secret": "geheim"} | pbx for pbx in pbxs]
    return table


AGENT = GOOD["agents"][0]
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no adapter": (changed("adapter", to=None), "adapter: is missing"),
    "an unknown adapter": (
        changed("adapter", to="freeswitch"),
        "adapter: Input should be 'asterisk' or 'simulator' (it is 'freeswitch')",
    ),
    "a misspelt table": (changed("agent", to=[]), "agent: there is no such key; look for a misspelling"),
    "a misspelt key": (
        changed("groups", 0, "ring_seconds", to=3),
        "groups.0.ring_seconds: there is no such key; look for a misspelling",
    ),
    "asterisk without its table": (
        changed("asterisk", to=None),
        'adapter is "asterisk", but there is no [asterisk] table with at least a secret',
    ),
    "one asterisk and several": (
        changed("pbx", to=[{"name": "a", "secret": "x"}]),
        "there is an [asterisk] table beside [[pbx]]: one Asterisk is an [asterisk], of several each is a [[pbx]]",
    ),
    "a pbx twice": (
        several({"name": "a"}, {"name": "a"}),
        "pbx: name 'a' is given twice; each must be there once",
    ),
    "a pbx that doesn't reach another": (
        several({"name": "a"}, {"name": "b", "trunks": {"a": "PJSIP/{phone}@a"}}),
        "pbx.0.trunks has no 'b': how phones there are rung, such as \"PJSIP/{phone}@to-b\"",
    ),
    "a trunk to nowhere": (
        several({"name": "a", "trunks": {"c": "PJSIP/{phone}@c"}}),
        "pbx.0.trunks.c: there is no other [[pbx]] of that name; there are: none",
    ),
    "an agent at an unknown pbx": (
        changed("agents", 0, "pbx", to="b"),
        "agents.0.pbx is 'b', which is no [[pbx]]'s name; there are: none",
    ),
    "no secret": (changed("asterisk", "secret", to=None), "asterisk.secret: is missing"),
    "no groups": (
        changed("groups", to=[]),
        "groups: Tuple should have at least 1 item after validation, not 0",
    ),
    "a group that rings no time": (
        changed("groups", 0, "ring_s", to=0),
        "groups.0.ring_s: Input should be greater than or equal to 1 (it is 0)",
    ),
    "a number as text": (
        changed("groups", 0, "ring_s", to="15"),
        "groups.0.ring_s: Input should be a valid number (it is '15')",
    ),
    "a number that is none": (
        changed("groups", 0, "wrap_up_s", to=float("nan")),
        "groups.0.wrap_up_s: Input should be a finite number (it is nan)",
    ),
    "a truth for a number": (
        changed("server", "port", to=True),
        "server.port: Input should be a valid integer (it is True)",
    ),
    "a port too high": (
        changed("server", "port", to=65_536),
        "server.port: Input should be less than or equal to 65535 (it is 65536)",
    ),
    "an unknown log level": (
        changed("server", "log_level", to="loud"),
        "server.log_level: Input should be 'debug', 'info', 'warning' or 'error' (it is 'loud')",
    ),
    "a level above 10": (
        changed("agents", 0, "skills", "german", to=11),
        "agents.0.skills.german: Input should be less than or equal to 10 (it is 11)",
    ),
    "a level of 0": (
        changed("groups", 0, "needs", "german", to=0),
        "groups.0.needs.german: Input should be greater than or equal to 1 (it is 0)",
    ),
    "a level in parts": (
        changed("groups", 0, "needs", "german", to=1.5),
        "groups.0.needs.german: Input should be a valid integer (it is 1.5)",
    ),
    "an id with a blank": (
        changed("groups", 1, "id", to="night shift"),
        "groups.1.id: String should match pattern '^[A-Za-z0-9_.@-]+$' (it is 'night shift')",
    ),
    "an id with a line end": (
        changed("groups", 1, "id", to="night\n"),
        "groups.1.id: String should match pattern '^[A-Za-z0-9_.@-]+$' (it is 'night\\n')",
    ),
    "a name with a control character": (
        changed("agents", 0, "name", to="Eve\r\nAction: Hangup"),
        "agents.0.name: String should match pattern '^[^\\x00-\\x1f\\x7f]*$' (it is 'Eve\\r\\nAction: Hangup')",
    ),
    "a device that dials more": (
        changed("agents", 0, "device", to="PJSIP/1&PJSIP/2"),
        'agents.0.device: Input should be the phone as Asterisk calls it, such as "PJSIP/1001", or "number:DIGITS" '
        "(it is 'PJSIP/1&PJSIP/2')",
    ),
    "a device that is no number": (
        changed("agents", 0, "device", to="number:0571,1"),
        'agents.0.device: Input should be the phone as Asterisk calls it, such as "PJSIP/1001", or "number:DIGITS" '
        "(it is 'number:0571,1')",
    ),
    "an agent without a device": (changed("agents", 0, "device", to=None), "agents.0.device: is missing"),
    "an agent without a password": (
        changed("agents", 0, "password_hash", to=None),
        "agents.0.password_hash: is missing",
    ),
    "a password for a hash": (
        changed("agents", 0, "password_hash", to="correct horse battery staple"),
        "agents.0.password_hash: this is no hash of a password; `acd hash-password` makes one",
    ),
    "a group twice": (
        changed("groups", 2, to={"id": "desk"}),
        "groups: id 'desk' is given twice; each must be there once",
    ),
    "a number twice": (
        changed("entry_points", 1, to={"number": "12306", "group": "night"}),
        "entry_points: number '12306' is given twice; each must be there once",
    ),
    "a customer in two classes": (
        changed("vip_classes", 1, to={"name": "silver", "numbers": ["+49301"]}),
        "vip_classes: numbers '+49301' is given twice; each must be there once",
    ),
    "an agent twice": (
        changed("agents", 1, to=AGENT | {"device": "PJSIP/2"}),
        "agents and supervisors: id '1001' is given twice; each must be there once",
    ),
    "a device twice": (
        changed("agents", 1, to=AGENT | {"id": "1002"}),
        "agents and supervisors: device 'PJSIP/1001' is given twice; each must be there once",
    ),
    "an agent who is a supervisor": (
        changed("supervisors", 0, "id", to="1001"),
        "agents and supervisors: id '1001' is given twice; each must be there once",
    ),
    "an entry to no group": (
        changed("entry_points", 0, "group", to="dask"),
        "entry_points.0.group is 'dask', which is no group's id; there are: desk, night",
    ),
    "an entry's number with letters": (
        changed("entry_points", 0, "number", to="sales"),
        "entry_points.0.number: String should match pattern '^[0-9+*#]+$' (it is 'sales')",
    ),
    "no reasons": (
        changed("routing", "not_ready_reasons", to=[]),
        "routing.not_ready_reasons: Tuple should have at least 1 item after validation, not 0",
    ),
    "a reason of ours": (
        changed("routing", "not_ready_reasons", to=["lunch", "forced"]),
        "routing.not_ready_reasons: 'forced' is a reason that Switchyard itself gives; the agents need another word",
    ),
    "a reason twice": (
        changed("routing", "not_ready_reasons", to=["lunch", "lunch"]),
        "routing.not_ready_reasons: 'lunch' is given twice",
    ),
    "a grace below zero": (
        changed("routing", "client_grace_s", to=-1),
        "routing.client_grace_s: Input should be greater than or equal to 0 (it is -1)",
    ),
    "an array of tables for a table": (
        changed("asterisk", to=[{"secret": "geheim"}]),
        "asterisk: Input should be a valid dictionary or instance of AsteriskSettings",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_in_one_line(name: str) -> None:
    table, expected = BAD[name]
    assert words(table) == [f"acd.toml: {expected}"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    table = changed("groups", 0, "ring_s", to=0)
    table["server"] = {"port": -1, "prot": 1}
    assert len(words(table)) == 3


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asterisk", "secret"), ["geheim"]),
        (("asterisk", "secret"), 4711_4711),
        (("asterisk", "secert"), "geheim"),
        (("asterisk",), [{"secret": "geheim"}]),
        (("asterisk",), {"secret": "geheim", "port": 0}),
        (("agents", 0, "password_hash"), "geheim"),
        (("agents", 0, "password_hash"), {"value": "geheim"}),
        (("agents", 0, "password"), "geheim"),
        (("agents",), {"id": "1", "password_hash": "geheim"}),
        (("supervisors", 0, "password_hash"), 4711_4711),
    ],
)
def test_a_secret_is_never_shown(path: tuple[str | int, ...], value: Any) -> None:
    told = "\n".join(words(changed(*path, to=value)))
    assert "geheim" not in told
    assert "47114711" not in told


def test_settings_can_be_printed_without_their_secrets() -> None:
    shown = repr(parse(GOOD, "acd.toml"))
    assert "1001" in shown
    assert "geheim" not in shown
    assert HASH not in shown


def test_settings_give_back_the_table_they_were_read_from() -> None:
    """Secrets included, and the caller's own: what is done to it changes nothing here."""
    table = deepcopy(GOOD)
    settings = parse(table, "acd.toml")
    table["groups"].clear()
    settings.table()["agents"].clear()
    assert settings.table() == GOOD
    assert parse(settings.table(), "acd.toml") == settings


def test_a_good_table_becomes_the_rules_of_routing() -> None:
    """Seconds become whole milliseconds, a VIP class its customers' numbers, names stay whole."""
    rules = parse(GOOD, "acd.toml").rules()
    assert rules.groups == {
        "desk": SkillGroup("desk", "", (("german", 3),), 12_500, 0),
        "night": SkillGroup("night", "", (), 15_000, 30_000),
    }
    assert rules.entries == {"12306": EntryPoint("12306", "desk", (("vip", 1),), 2, 1_500)}
    assert rules.vips == {"+49301": VipClass("gold", 9, 0), "+49302": VipClass("gold", 9, 0)}
    assert rules.agents == {"1001": AgentRecord("1001", "PJSIP/1001", "张伟", (("german", 5),))}
    assert rules.not_ready_reasons == ("break", "lunch", "training")
    assert rules.client_grace_ms == 30_000


@pytest.mark.parametrize(
    "device", ["PJSIP/1001", "PJSIP/0571@trunk", "Local/1@own/n", "number:057188888888", "number:+86"]
)
def test_an_agent_may_have_any_phone(device: str) -> None:
    """One that must be confirmed, if the file says so."""
    table = deepcopy(GOOD)
    table["agents"][0] |= {"device": device, "confirm": True}
    assert parse(table, "acd.toml").rules().agents["1001"] == AgentRecord(
        "1001", device, "张伟", (("german", 5),), confirm=True
    )


@pytest.mark.parametrize("path", sorted(config_folder().glob("*.toml")), ids=lambda path: path.name)
def test_every_example_is_a_good_configuration(path: Path) -> None:
    assert load(path).groups


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert _load_error(tmp_path / "no.toml") == f"{tmp_path}/no.toml: can't be read: No such file or directory"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert _load_error(tmp_path) == f"{tmp_path}: can't be read: Is a directory"


def test_what_is_not_toml_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "acd.toml"
    path.write_text('adapter = "asterisk"\n[server\n')
    assert _load_error(path).startswith(f"{path}: is not TOML: ")
    assert "line 2" in _load_error(path)


def test_what_is_not_utf_8_is_told_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "acd.toml"
    path.write_bytes('name = "张'.encode("gb18030"))
    assert _load_error(path) == f"{path}: is not UTF-8 text: byte 8 is 0xd5"


def _load_error(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value)


def test_of_several_pbxs_the_first_is_that_of_who_names_none() -> None:
    """A device is known by its PBX: the same one may be at each."""
    table = several(
        {"name": "a", "trunks": {"b": "PJSIP/{phone}@b"}}, {"name": "b", "trunks": {"a": "PJSIP/{phone}@a"}}
    )
    table["agents"] = [AGENT, AGENT | {"id": "1002", "pbx": "b"}]
    agents = parse(table, "acd.toml").rules().agents
    assert [(agent.pbx, agent.device) for agent in agents.values()] == [("a", "a:PJSIP/1001"), ("b", "b:PJSIP/1001")]
