"""The table of rights names every action that we ask for, and the shipped account gives what it says and no more."""

from __future__ import annotations

import re
from pathlib import Path

import acd.cti_adapters.asterisk
from acd.cti_adapters.asterisk.rights import NEEDED_ACTIONS, NEEDED_EVENTS, READ_CLASSES, WRITE_CLASSES
from acd.cti_adapters.asterisk.words import WANTED_EVENTS
from acd.shipped import config_folder

FOLDER = Path(acd.cti_adapters.asterisk.__file__).parent
ASKED = re.compile(r'"Action": "(\w+)"')
ANSWERED_IN_LISTS = {"Status", "StatusComplete"}
"""Events that come only to who has asked, and need no right to be heard."""


def given(kind: str) -> set[str]:
    text = (config_folder() / "asterisk/manager-acd.conf").read_text()
    [classes] = re.findall(rf"^{kind} = (\S+)$", text, re.MULTILINE)
    return set(classes.split(","))


def test_every_action_of_ours_is_in_the_table_and_no_other() -> None:
    asked = {name for path in FOLDER.glob("*.py") for name in ASKED.findall(path.read_text())}
    assert asked - {"Login"} == set(NEEDED_ACTIONS)


def test_every_event_that_we_want_is_in_the_table_or_comes_in_a_list() -> None:
    assert set(WANTED_EVENTS) - ANSWERED_IN_LISTS == set(NEEDED_EVENTS)


def test_the_shipped_account_has_the_tables_rights() -> None:
    assert given("write") == WRITE_CLASSES
    assert given("read") == READ_CLASSES


def test_the_shipped_filter_lets_the_tables_events_through_and_no_other() -> None:
    text = (config_folder() / "asterisk/manager-acd.conf").read_text()
    assert set(re.findall(r"^eventfilter\(action\(include\),name\((\w+)\)", text, re.MULTILINE)) == set(NEEDED_EVENTS)
    assert set(re.findall(r"^eventfilter = \^Event: (\w+)", text, re.MULTILINE)) == set(NEEDED_EVENTS), "old Asterisks"
