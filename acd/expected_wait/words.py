"""An expected wait, or why there is none, in words a supervisor understands."""

from acd.expected_wait.estimates import Estimate, Withheld

ESTIMATES = {
    "en": "Expected wait from now: about {median}. Of ten such callers one waits less than {low}, one longer than"
    " {high}. (Place {calls}, counting on {agents} agents.)",
    "zh": "预计还要等待约 {median}。十个这样的主叫中，一个少于 {low}，一个超过 {high}。"
    "（排第 {calls}，按 {agents} 名座席计。）",
}
WITHHELD = {
    "en": {
        Withheld.UNKNOWN_CALL: "No expected wait: the call is not here.",
        Withheld.NOT_WAITING: "No expected wait: the call does not wait.",
        Withheld.PBX_LOST: "No expected wait: the PBX is out of reach.",
        Withheld.PERSONAL_AGENT: "No expected wait: the call waits for one agent alone.",
        Withheld.NOBODY_AT_WORK: "No expected wait: nobody at work can take the call.",
        Withheld.TOO_FEW_SEEN: "No expected wait yet: too few calls have been handled lately to know.",
    },
    "zh": {
        Withheld.UNKNOWN_CALL: "无法预计等待时间：没有这个呼叫。",
        Withheld.NOT_WAITING: "无法预计等待时间：该呼叫不在等待。",
        Withheld.PBX_LOST: "无法预计等待时间：交换机中断。",
        Withheld.PERSONAL_AGENT: "无法预计等待时间：该呼叫只等一名座席。",
        Withheld.NOBODY_AT_WORK: "无法预计等待时间：没有可接该呼叫的座席在岗。",
        Withheld.TOO_FEW_SEEN: "暂时无法预计等待时间：近来处理的呼叫太少。",
    },
}


def in_words(expected: Estimate | Withheld, language: str) -> str:
    """One sentence or two in `language`: en or zh."""
    if isinstance(expected, Withheld):
        return WITHHELD[language][expected]
    return ESTIMATES[language].format(
        low=_clock(expected.low_ms),
        median=_clock(expected.median_ms),
        high=_clock(expected.high_ms),
        calls=expected.calls,
        agents=expected.agents,
    )


def _clock(ms: int) -> str:
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02}"
