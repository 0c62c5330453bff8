"""Who may log in: proved by the password alone, in the same time whether the user is there or not."""

from __future__ import annotations

from typing import Any

import pytest

from acd.settings import parse
from acd.web import accounts
from acd.web.accounts import Accounts, hashed


@pytest.fixture
def people() -> Accounts:
    table: dict[str, Any] = {
        "adapter": "simulator",
        "groups": [{"id": "desk"}],
        "agents": [{"id": "ann", "name": "安娜", "device": "PJSIP/ann", "password_hash": hashed("芝麻 开门")}],
        "supervisors": [{"id": "sue", "password_hash": hashed("")}],
    }
    return Accounts(parse(table, "the test"))


async def test_the_right_password_gives_the_account(people: Accounts) -> None:
    ann = await people.prove("ann", "芝麻 开门")
    assert ann is not None
    assert (ann.user, ann.name, ann.role) == ("ann", "安娜", "agent")
    sue = await people.prove("sue", "")
    assert sue is not None
    assert sue.role == "supervisor"


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("ann", "wrong"),
        ("ann", ""),
        ("ann", "芝麻 开门 "),
        ("Ann", "芝麻 开门"),
        ("nobody", "nobody"),
        ("", ""),
        ("ann\0", "芝麻 开门"),
    ],
)
async def test_anything_else_gives_nothing(people: Accounts, user: str, password: str) -> None:
    """Not even the password of the stand-in for users who aren't there."""
    assert await people.prove(user, password) is None


async def test_a_user_who_is_not_there_costs_the_same_work(people: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification with the same parameters: time doesn't tell who has an account."""
    proofs: list[str] = []
    verify = accounts._verify
    monkeypatch.setattr(accounts, "_verify", lambda proof, word: proofs.append(proof) or verify(proof, word))
    await people.prove("ann", "x")
    await people.prove("nobody", "x")
    there, not_there = (proof.split("$")[1:4] for proof in proofs)
    assert there == not_there
    assert there[0] == "argon2id"


async def test_a_hash_that_is_damaged_lets_nobody_in() -> None:
    table: dict[str, Any] = {
        "adapter": "simulator",
        "groups": [{"id": "desk"}],
        "supervisors": [{"id": "sue", "password_hash": "$argon2id$v=19$damaged"}],
    }
    assert await Accounts(parse(table, "the test")).prove("sue", "") is None


def test_a_hash_is_salted_and_holds_no_password() -> None:
    assert hashed("sesame") != hashed("sesame")
    assert "sesame" not in hashed("sesame")
