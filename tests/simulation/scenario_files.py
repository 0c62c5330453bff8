"""Small scenarios as files: one desk in the morning, busy enough that rules matter, and short."""

from acd.web.accounts import hashed
from simulator.scenarios import load

DESK = """
title = "A desk <for> tests"
about = "One desk & one skill, from nine to eleven."
begins = 2026-03-02T00:00:00
zone = "Europe/Berlin"
replications = {replications}
{more}
[[demand]]
entry = "8001"
calls_per_h = {{ "00:00" = 0, "09:00" = 120, "11:00" = 0 }}
[people]
talk_s = {{ exponential = 170 }}
wrap_up_s = {{ exponential = 10 }}
patience_s = {{ exponential = 120 }}
retry_probability = 0
break_every_s = "never"
miss_probability = 0
reject_probability = 0
[[crews]]
id = "crew"
agents = {agents}
skills = {{ desk = 5 }}
[[groups]]
id = "desk"
needs = {{ desk = {need} }}
{group}
[[entry_points]]
number = "8001"
group = "desk"
{promises}
{faults}
"""

PROMISE = """
[[promises]]
figure = "service_level"
within_s = 20
at_least = {at_least}
"""

CONFIGURATION = """
adapter = "simulator"
[[groups]]
id = "desk"
{group}
[[entry_points]]
number = "8001"
group = "desk"
[[agents]]
id = "somebody"
device = "PJSIP/1"
password_hash = "{password}"
"""


def write_desk(path, agents=8, replications=4, need=1, group="", promises="", faults="", more=""):
    """The file, written."""
    values = {
        "agents": agents,
        "replications": replications,
        "need": need,
        "group": group,
        "promises": promises,
        "faults": faults,
    }
    path.write_text(DESK.format(**values, more=more), encoding="utf-8")
    return path


def write_configuration(path, group=""):
    """A daemon's, with the desk's groups and entry points and other people."""
    path.write_text(CONFIGURATION.format(group=group, password=hashed("x")), encoding="utf-8")
    return path


def desk(tmp_path, **values):
    """The scenario."""
    return load(write_desk(tmp_path / "desk.toml", **values))
