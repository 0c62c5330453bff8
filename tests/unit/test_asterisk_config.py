"""What `acd asterisk-config` tells fits the files that are shipped."""

from __future__ import annotations

import re

import pytest

from acd import asterisk_config
from acd.shipped import config_folder


@pytest.mark.parametrize("name", asterisk_config.NAMES)
def test_every_file_is_there_and_explains_itself_at_its_top(name: str) -> None:
    text = asterisk_config.text(name)
    assert text.startswith(";")
    assert len(text.splitlines()[0]) > 10


def test_the_instructions_include_and_copy_the_files_that_are_there() -> None:
    told = asterisk_config.instructions()
    included = re.findall(r'#include "switchyard/(\S+)"', told)
    assert included
    copied = {path.name for path in (config_folder() / "asterisk").glob("*-acd.conf")}
    assert set(included) <= copied, "what is included has been copied before"
    assert str(config_folder() / "asterisk") in told


def test_the_context_that_calls_are_sent_to_is_in_the_dialplan() -> None:
    context = re.search(r"Goto\(([\w-]+),\$\{EXTEN\},1\)", asterisk_config.instructions())
    assert context is not None
    assert f"[{context[1]}]" in asterisk_config.text("extensions-acd.conf")
