"""Pytest fixtures for a real Asterisk: `from tests.pbx.fixtures import boot_pbx, pbx_tree` in a conftest.

    async def test_it(boot_pbx: BootPbx) -> None:
        async with boot_pbx(PbxSettings(phones=2)) as pbx, telephones(pbx) as sip: ...

PBX_VERSION=16 in the environment runs the same tests on the oldest Asterisk that is supported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.pbx.asterisk import AsteriskServer, running_asterisk
from tests.pbx.fetch import asterisk_tree
from tests.pbx.settings import PbxSettings
from tests.pbx.tree import AsteriskTree, PbxUnavailable

BootPbx = Callable[[PbxSettings], AbstractAsyncContextManager[AsteriskServer]]


@pytest.fixture(scope="session")
def pbx_tree() -> AsteriskTree:
    """The Asterisk of this run, fetched if need be. Without one: a failure in CI, elsewhere a skip."""
    try:
        return asterisk_tree(int(os.environ.get("PBX_VERSION", "22")))
    except PbxUnavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"no Asterisk: {error}", pytrace=False)
        pytest.skip(f"no Asterisk: {error}")


@pytest.fixture
def boot_pbx(pbx_tree: AsteriskTree) -> BootPbx:
    """Boot an Asterisk of one's own: `async with boot_pbx(PbxSettings(...)) as pbx`."""
    return lambda settings: running_asterisk(pbx_tree, settings)
