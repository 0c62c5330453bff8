"""Who may log in, as what, and the proof of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import argon2
import trio

from acd.settings import Settings

Role = Literal["agent", "supervisor"]

# An agent's password guards a headset, and 5,000 agents may return in one minute after an outage: 8 MiB and one
# pass cost about 5 ms of one core each, several times RFC 9106's least and still minutes less for that morning.
_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
_NOBODY = _HASHER.hash("nobody")


@dataclass(frozen=True, slots=True)
class Account:
    user: str
    name: str
    role: Role
    password_hash: str


def hashed(password: str) -> str:
    """What stands for `password` in a configuration file."""
    return _HASHER.hash(password)


class Accounts:
    """The users of a configuration."""

    def __init__(self, settings: Settings) -> None:
        self._by_user = _accounts(settings)
        self._limiter = trio.CapacityLimiter(2)

    def prepared(self, settings: Settings) -> Callable[[], None]:
        """What lets the users of `settings` take the place of those there are; it may be prepared in a thread."""
        by_user = _accounts(settings)

        def follow() -> None:
            self._by_user = by_user

        return follow

    def holds(self, user: str, role: Role) -> bool:
        """Whether there is such an account."""
        account = self._by_user.get(user)
        return account is not None and account.role == role

    async def prove(self, user: str, password: str) -> Account | None:
        """The account of `user` if the password is right. Takes the same time for a user who is not there."""
        account = self._by_user.get(user)
        proof = account.password_hash if account else _NOBODY
        right = await trio.to_thread.run_sync(_verify, proof, password, limiter=self._limiter)
        return account if right and self._by_user.get(user) == account else None  # it may have changed meanwhile


def _accounts(settings: Settings) -> dict[str, Account]:
    agents = [Account(a.id, a.name, "agent", a.password_hash.get_secret_value()) for a in settings.agents]
    others = [Account(s.id, s.name, "supervisor", s.password_hash.get_secret_value()) for s in settings.supervisors]
    return {account.user: account for account in (*agents, *others)}


def _verify(proof: str, password: str) -> bool:
    try:
        return _HASHER.verify(proof, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
