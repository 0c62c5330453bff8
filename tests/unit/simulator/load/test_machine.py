"""What is read of processes and limits."""

import os

import pytest

from simulator.load.machine import Cores, Usage, cores, has_proc, is_there, raise_file_limit, usage


def test_the_limit_of_files_is_as_high_as_it_may_be() -> None:
    assert raise_file_limit() == raise_file_limit() > 100


@pytest.mark.skipif(not has_proc(), reason="/proc is Linux's")
def test_a_process_has_memory_and_has_used_a_core() -> None:
    now = usage(os.getpid())
    assert now is not None
    assert now.rss_bytes > 1 << 20
    assert now.cpu_s > 0


def test_of_nobody_nothing_is_known() -> None:
    assert usage(None) is None
    assert usage(2**22 + 1) is None


def test_shares_are_of_one_core_and_of_the_time_between() -> None:
    before, now = Usage(1.0, 0.5, 0.1, 0), Usage(6.0, 5.0, 1.1, 100 << 20)
    assert now.since(before, 10) == {"cpu": 50.0, "main": 45.0, "waited": 10.0, "rss_mb": 100.0}


@pytest.mark.skipif(not has_proc(), reason="/proc is Linux's")
def test_all_cores_have_been_busy_and_idle() -> None:
    now = cores()
    assert now is not None
    assert 0 < now.busy < now.all


def test_how_busy_all_cores_were_is_a_share_of_all() -> None:
    told = Cores(1_300, 4_400).since(Cores(1_000, 4_000))
    assert told == {"busy": 75.0, "cores": os.cpu_count()}


def test_between_two_looks_at_one_moment_nothing_was_busy() -> None:
    assert Cores(1, 2).since(Cores(1, 2))["busy"] == 0


def test_a_process_is_there_or_not() -> None:
    assert is_there(os.getpid())
    assert not is_there(2**22 + 1)
    assert not is_there(2**70)
