"""A centre that is busy for a while: no call is lost, none is offered twice, journal and CDR agree."""

from pathlib import Path

import pytest

from tests.asterisk.busy import Plan, busy_day
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk

PLAN = Plan(agents=20, calls_per_s=5, for_s=15, talk_s=(1.0, 4.0), patience_s=(1.0, 8.0))


async def test_phones_journal_and_cdr_agree_on_a_busy_day(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The long one, with 200 phones for five minutes, is `make soak`."""
    report = await busy_day(boot_pbx, PLAN, tmp_path)
    assert report.problems == []
    assert report.answered > 30
    assert report.abandoned > 0
