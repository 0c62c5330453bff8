"""Who may log in: proved by the password alone, in the same time whether the user is there or not."""

from __future__ import annotations

from typing import Any

import pytest

from acd.settings import Settings, parse
from acd.web import accounts
from acd.web.accounts import Accounts, hashed


def settings(**others: Any) -> Settings:
    table: dict[str, Any] = {
        "adapter": "simulator",
        "groups": [{"id": "desk"}],
        "agents": [{"id": "ann", "name": "安娜", "device": "PJSIP/ann", "password_hash": hashed("芝麻 开门")}],
        "supervisors": [{"id": "sue", "password_hash": hashed("")}],
    }
    return parse(table | others, "the test")


@pytest.fixture
def people() -> Accounts:
    return Accounts(settings())


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


# --- other settings -------------------------------------------------------------------------------------------


async def test_other_settings_count_when_they_are_let_hold(people: Accounts) -> None:
    follow = people.prepared(settings(agents=[], supervisors=[{"id": "lee", "password_hash": hashed("x")}]))
    assert await people.prove("ann", "芝麻 开门") is not None
    assert await people.prove("lee", "x") is None
    follow()
    assert await people.prove("ann", "芝麻 开门") is None
    assert await people.prove("lee", "x") is not None
    assert people.holds("lee", "supervisor")
    assert not people.holds("lee", "agent")
    assert not people.holds("sue", "supervisor")


async def test_a_proof_is_not_good_for_an_account_that_changes_meanwhile(
    people: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = people.prepared(settings(supervisors=[{"id": "sue", "password_hash": hashed("another")}]))
    verify = accounts._verify

    def slow(proof: str, word: str) -> bool:
        right = verify(proof, word)
        follow()
        return right

    monkeypatch.setattr(accounts, "_verify", slow)
    assert await people.prove("sue", "") is None
