"""The files that come with Switchyard are found in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd import shipped


def test_in_a_checkout_they_stand_beside_the_package() -> None:
    assert (shipped.config_folder() / "demo.toml").is_file()
    assert (shipped.config_folder() / "asterisk").is_dir()


def test_in_an_installed_package_they_stand_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acd" / "config").mkdir(parents=True)
    (tmp_path / "config").mkdir()
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "acd")
    assert shipped.config_folder() == tmp_path / "acd" / "config"
