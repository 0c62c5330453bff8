"""Words: every sentence of an explanation in one language, filled in; and how names, times and lists are written."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from acd.explain.chinese import CHINESE
from acd.explain.english import ENGLISH
from acd.explain.facts import Named
from acd.ids import Instant

TABLES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
LANGUAGES = tuple(TABLES)


class Words:
    """The words of one language; clock times are those of `zone`, or of this machine's.

    Others than an explanation's come from other `tables`.
    """

    def __init__(
        self, language: str, zone: tzinfo | None = None, tables: Mapping[str, Mapping[str, str]] = TABLES
    ) -> None:
        self._table = tables[language]
        self._zone = zone

    def say(self, key: str, **values: object) -> str:
        """The sentence, filled in. Of "one|many" it is the first when `n` is 1."""
        text = self._table[key]
        if "|" in text:
            one, many = text.split("|")
            text = one if values.get("n") == 1 else many
        return text.format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._table

    def term(self, family: str, word: str) -> str:
        """What a word of ours is called; one that isn't ours (a configured reason) is said as it is."""
        return self._table.get(f"{family}.{word}", word)

    def sentences(self, *parts: str) -> str:
        """One after another; empty ones are left out."""
        return self._table["between-sentences"].join(part for part in parts if part)

    def many(self, parts: Iterable[str]) -> str:
        return self._table["comma"].join(parts)

    def named(self, who: Named) -> str:
        return f"{who.id} {who.name}".strip() if who.name != who.id else who.id

    def group(self, group: Named) -> str:
        """People know a group by its name."""
        return self.say("group" if group.name else "group.id", name=group.name, id=group.id)

    def clock(self, at: Instant) -> str:
        return f"{self._local(at):%H:%M:%S}"

    def day(self, at: Instant) -> str:
        return f"{self._local(at):%Y-%m-%d}"

    def _local(self, at: Instant) -> datetime:
        return datetime.fromtimestamp(at / 1000, self._zone)


def span(ms: int) -> str:
    """Minutes and seconds, hours before them if there are any: 4:12, 1:02:03."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def number(of: float) -> str:
    """Without what says nothing: 1, 1.5."""
    return f"{of:g}"
