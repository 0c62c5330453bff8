"""The command `acd`: what it prints, and the codes it ends with."""

from __future__ import annotations

from pathlib import Path

import argon2
import pytest
from click.testing import CliRunner, Result

from acd import __version__, asterisk_config, cli
from acd.agent_client import LogInRefused
from acd.errors import ImpossibleTransition, JournalDamaged, SettingsError
from acd.shipped import config_folder

GOOD = 'adapter = "simulator"\n[[groups]]\nid = "desk"\n'


def acd(*words: str | Path, text: str = "") -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words], input=text)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "acd.toml"
    path.write_text(GOOD)
    return path


def test_it_tells_its_version() -> None:
    assert acd("--version").output == f"acd, version {__version__}\n"


def test_every_command_explains_itself() -> None:
    for name in cli.main.commands:
        assert acd(name, "--help").exit_code == 0
        assert cli.main.commands[name].help


def test_check_says_what_a_good_configuration_holds(config: Path) -> None:
    result = acd("check", config)
    assert result.exit_code == 0
    assert result.output.startswith(f"{config}: good. 1 groups, 0 entry points, 0 agents, 0 supervisors")


@pytest.mark.parametrize("example", sorted(config_folder().glob("*.toml")), ids=lambda path: path.name)
def test_check_finds_every_example_good(example: Path) -> None:
    assert acd("check", example).exit_code == 0


@pytest.mark.parametrize("command", [["check"], ["serve", "-c"], ["demo", "-c"]])
def test_a_bad_configuration_is_told_on_standard_error_with_code_2(config: Path, command: list[str]) -> None:
    config.write_text(GOOD.replace("groups", "group"))
    result = acd(*command, config)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{config}: groups: is missing",
        f"{config}: group: there is no such key; look for a misspelling",
    ]


@pytest.mark.parametrize("command", [["check"], ["serve", "-c"]])
def test_a_configuration_that_is_not_there_is_told(tmp_path: Path, command: list[str]) -> None:
    result = acd(*command, tmp_path / "no.toml")
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path}/no.toml: can't be read: No such file or directory\n")


def test_a_hash_is_printed_for_a_password_typed_twice_and_unseen() -> None:
    result = acd("hash-password", text="sesame\nsesame\n")
    assert result.exit_code == 0
    assert "sesame" not in result.output
    assert argon2.PasswordHasher().verify(result.stdout.splitlines()[-1], "sesame")


def test_a_password_typed_differently_is_asked_for_again() -> None:
    result = acd("hash-password", text="sesame\nsesma\nsesame\nsesame\n")
    assert result.exit_code == 0
    assert "do not match" in result.output


@pytest.mark.parametrize("name", asterisk_config.NAMES)
def test_asterisk_config_prints_a_file_as_it_is(name: str) -> None:
    if not (config_folder() / "asterisk" / name).exists():
        pytest.skip(f"{name} is not there")
    result = acd("asterisk-config", name)
    assert result.exit_code == 0
    assert result.stdout.rstrip("\n") == asterisk_config.text(name).rstrip("\n")


def test_asterisk_config_without_a_name_says_what_to_do() -> None:
    assert acd("asterisk-config").stdout == asterisk_config.instructions() + "\n"


def test_asterisk_config_of_another_name_says_which_there_are() -> None:
    result = acd("asterisk-config", "../../etc/passwd")
    assert result.exit_code == 2
    assert "manager-acd.conf" in result.stderr


def test_an_agent_who_is_not_let_in_is_told_why_in_one_line() -> None:
    result = acd("agent", "--url", "http://127.0.0.1/", "--user", "ann", "--password", "x")
    assert result.exit_code == 2
    assert result.stderr == "'http://127.0.0.1/' is no address of a server; it looks like ws://127.0.0.1:8080/ws\n"


# --- how it ends ----------------------------------------------------------------------------------------------


def nested(error: BaseException, depth: int) -> BaseException:
    return BaseExceptionGroup("a nursery", [nested(error, depth - 1)]) if depth else error


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("kind", [SettingsError, LogInRefused])
def test_what_the_operator_can_mend_is_one_line_and_code_2(
    kind: type[Exception], depth: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many nurseries it came through."""

    async def job() -> None:
        raise nested(kind("the port is taken"), depth)

    with pytest.raises(SystemExit) as caught:
        cli._run(job)
    assert caught.value.code == 2
    assert capsys.readouterr().err == "the port is taken\n"


@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("kind", [ImpossibleTransition, JournalDamaged, RuntimeError])
def test_what_only_we_can_mend_keeps_its_traceback(kind: type[Exception], depth: int) -> None:
    async def job() -> None:
        raise nested(kind("a bug"), depth)

    with pytest.raises((kind, ExceptionGroup)):
        cli._run(job)


def test_an_interrupt_is_no_error() -> None:
    async def job() -> None:
        raise nested(KeyboardInterrupt(), 1)

    with pytest.raises(SystemExit) as caught:
        cli._run(job)
    assert caught.value.code == 130
