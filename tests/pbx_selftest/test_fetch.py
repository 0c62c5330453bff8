"""Getting an Asterisk: what is asked of which archive, and what is said when there is none."""

from pathlib import Path

import pytest

from tests.pbx import fetch
from tests.pbx.fetch import Archive, asterisk_tree
from tests.pbx.tree import PbxUnavailable


def test_the_machines_own_key_ring_is_used_if_it_is_named() -> None:
    """apt prints the format's own word where an entry names no key ring."""
    assert Archive("http://a/debian", "sid", "main", "/k.gpg").source_line() == (
        "deb [signed-by=/k.gpg] http://a/debian sid main\n"
    )
    assert Archive("http://a/debian", "sid", "main", "$(SIGNED_BY)").source_line() == "deb http://a/debian sid main\n"


def test_without_an_archive_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is left on disk, and the text names the way out."""
    monkeypatch.setattr(fetch, "_archives", lambda version: iter(()))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(PbxUnavailable, match="install asterisk"):
        asterisk_tree(22, tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []


def test_without_apt_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of another family is told to bring its own."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(PbxUnavailable, match="no apt-get"):
        asterisk_tree(22, tmp_path / "tree")


def test_a_machine_with_two_archives_is_asked_at_the_surest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The security archive comes last, other vendors' never."""
    listing = (
        "http://m/debian-security/|Debian|bookworm-security|\n"
        "http://m/debian/|Debian|bookworm|/k.gpg\n"
        "http://x/cloud/|Vendor|stable|\n"
    )
    monkeypatch.setattr(fetch, "_run", lambda command: _Outcome(listing))
    asked = [(archive.uri, archive.suite) for archive in fetch._archives(22)]
    assert asked[:2] == [("http://m/debian/", "forky"), ("http://m/debian/", "sid")]
    assert {uri for uri, _ in asked} == {"http://m/debian/", "http://m/debian-security/"}


class _Outcome:
    def __init__(self, stdout: str) -> None:
        self.stdout = stdout
