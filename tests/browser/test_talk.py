"""Call control and listening on the page, against a stub: which buttons there are, and what they ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from acd.notices import ConsultEnd
from acd.protocol import call_control, views
from acd.protocol.talk_views import (
    AboutView,
    ConsultView,
    InterceptedView,
    MonitorView,
    RecordingView,
    TalkView,
    TransferredView,
)
from tests.browser.conftest import OpenPage
from tests.browser.stub import LONG_AGO_MS, Stub, agent, call, now_ms, snapshot

pytestmark = pytest.mark.browser

GROUPS = [
    views.GroupView(id="desk", name="Front desk", recording="on-demand"),
    views.GroupView(id="night", name="Night desk", recording="all"),
]
BOB = ConsultView(call="a+1", to="agent:1002", name="Bob Chen", answered=False, party=None, party_name="")
ANSWERED = BOB.model_copy(update={"answered": True, "party": "1002", "party_name": "Bob Chen"})
FOUND = views.DirectoryView(
    agents=[
        views.DirectoryAgent(id="1002", name="Bob Chen", state="ready"),
        views.DirectoryAgent(id="1003", name="Cy", state="talking"),
        views.DirectoryAgent(id="1004", name="Di", state="not-ready"),
    ],
    groups=[views.DirectoryGroup(id="night", name="Night desk")],
    left_out=7,
)


def mine(state: str = "talking", live: views.CallView | None = None, **more: Any) -> Callable[[], views.Snapshot]:
    """What Ann's page is told at log-in."""
    calls = [live] if live else []
    own = agent("1001", state, call=live.call if live else None, **more)
    names = [views.AgentEntry(id="1001", name="Ann")]
    return lambda: snapshot([own], calls, user="1001", role="agent", groups=GROUPS, names=names)


def talk(stage: str = "connected", **more: Any) -> views.CallView:
    since = now_ms() - LONG_AGO_MS
    return call("a", state="talking", agent="1001", talking_since=since, waiting_since=since, stage=stage, **more)


def changed(stage: str, consult: ConsultView | None = None, ended: str | None = None) -> TalkView:
    return TalkView(call="a", agent="1001", stage=stage, consult=consult, ended=ended)


def buttons(page: Page) -> list[str]:
    return page.locator(".talk-buttons button").all_inner_texts()


def shows(page: Page, *names: str) -> None:
    expect(page.locator(".talk-buttons button")).to_have_text([*names])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def asks(stub: Stub, kind: type, **fields: Any) -> None:
    """The page has asked for this at last."""
    stub.wait(lambda: type(stub.asked[-1]) is kind)
    told = stub.asked[-1].model_dump()
    assert {name: told[name] for name in fields} == fields


# --- which buttons there are --------------------------------------------------------------------------------------

CONNECTED = ["Hold", "Consult…", "Transfer…", "Keypad", "Record"]
STAGES: dict[str, tuple[views.CallView, list[str], str]] = {
    "connected": (talk(), CONNECTED, "Release the call"),
    "held": (talk("held"), ["Retrieve", "Consult…", "Transfer…", "Record"], "Release the call"),
    "consulting": (talk("consulting", consult=BOB), ["Back to the caller", "Record"], "End the consult"),
    "answered": (
        talk("consulting", consult=ANSWERED),
        ["Transfer", "Conference", "Back to the caller", "Record"],
        "End the consult",
    ),
    "a number": (
        talk("consulting", consult=ANSWERED.model_copy(update={"to": "number:0571", "name": "", "party": None})),
        ["Transfer", "Conference", "Back to the caller", "Keypad", "Record"],
        "End the consult",
    ),
    "conference": (
        talk("conference", consult=ANSWERED),
        ["Transfer", "Let Bob Chen 1002 go", "Keypad", "Record"],
        "Leave the conference",
    ),
    "recorded": (talk(recording="on"), [*CONNECTED[:-1], "Pause recording", "Stop recording"], "Release the call"),
    "paused": (talk(recording="paused"), [*CONNECTED[:-1], "Resume recording", "Stop recording"], "Release the call"),
    "all": (talk(group="night", recording="on"), [*CONNECTED[:-1], "Pause recording"], "Release the call"),
    "dialling": (talk(kind="outgoing", number="0571"), [], "Stop calling"),
    "outgoing": (talk(kind="outgoing"), CONNECTED, "Release the call"),
    "consulted": (talk(kind="consult"), [], "Leave the consult"),
}


@pytest.mark.parametrize("name", STAGES)
def test_a_talk_offers_what_its_stage_allows(name: str, stub: Stub, open_page: OpenPage) -> None:
    live, expected, release = STAGES[name]
    stub.snapshot = mine(live=live)
    page = open_page(stub.login)
    expect(page.locator(".big.danger")).to_have_text(release)
    assert buttons(page) == expected
    expect(page.locator(".dial-panel")).to_be_hidden()


@pytest.mark.parametrize(("state", "may_dial"), [("ready", True), ("not-ready", True), ("wrap-up", True)])
def test_without_a_call_a_number_can_be_dialled(state: str, may_dial: bool, stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(state)
    page = open_page(stub.login)
    expect(page.locator(".dial-panel")).to_be_visible(visible=may_dial)
    expect(page.locator(".talk")).to_be_hidden()


def test_what_rings_is_answered_with_a_click(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine("ringing", call("a", state="offered", agent="1001"))
    page = open_page(stub.login)
    press(page, "Answer")
    asks(stub, call_control.AnswerCall)
    assert buttons(page) == ["Answer"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_button_that_ends_a_call_never_moves(width: int, stub: Stub, open_page: OpenPage) -> None:
    """However the talk is arranged: a second click must not hit something else."""
    stub.snapshot = mine(live=talk(recording="on"))
    page = open_page(stub.login, width=width)
    release = page.locator(".big.danger")
    shows(page, *CONNECTED[:-1], "Pause recording", "Stop recording")
    before = release.bounding_box()
    stub.push(changed("held"))
    expect(page.locator(".stage-word")).to_have_text("On hold")
    assert release.bounding_box() == before
    stub.push(changed("consulting", BOB))
    expect(release).to_have_text("End the consult")
    assert release.bounding_box() == before
    stub.push(
        TransferredView(call="a", agent="1001", to="agent:1002", name="", attended=True), agent("1001", "wrap-up")
    )
    ready = page.locator(".big.go-ready")
    expect(ready).to_have_text("Wrap-up done, ready")
    after = ready.bounding_box()
    assert before
    assert after
    assert after["y"] == before["y"]


# --- a whole consult ----------------------------------------------------------------------------------------------


def test_a_consult_is_chosen_followed_and_completed(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot, stub.directory = mine(live=talk()), FOUND
    page = open_page(stub.login)
    press(page, "Consult…")
    dialog = page.get_by_role("dialog", name="Consult whom?")
    expect(dialog.get_by_role("button")).to_have_text(
        [
            "Bob Chen 1002Ready",
            "Cy 1003Talking",
            "Di 1004Not ready",
            "Night desk",
            "Cancel",
        ]
    )
    expect(dialog.get_by_role("button", name="Cy")).to_be_disabled()
    expect(dialog).to_contain_text("7 more: write a part of the name or id")
    dialog.get_by_role("button", name="Bob Chen").click()
    asks(stub, call_control.Consult, to="agent:1002")
    expect(dialog).to_be_hidden()
    stub.push(changed("consulting", BOB))
    expect(page.locator(".stage-word")).to_have_text("Consulting Bob Chen 1002: no answer yet")
    expect(page.locator(".stage-time")).to_have_text("0:00")
    stub.push(changed("consulting", ANSWERED))
    expect(page.locator(".stage-word")).to_have_text("Consulting Bob Chen 1002")
    press(page, "Conference")
    asks(stub, call_control.Conference)
    stub.push(changed("conference", ANSWERED))
    expect(page.locator(".stage-word")).to_have_text("Conference with Bob Chen 1002")
    press(page, "Transfer")
    asks(stub, call_control.Transfer, to=None)
    stub.push(
        TransferredView(call="a", agent="1001", to="agent:1002", name="Bob Chen", attended=True),
        agent("1001", "wrap-up", call="a"),
    )
    expect(page.locator(".past-call")).to_contain_text("transferred")
    expect(page.locator(".card-number")).to_have_text("555a")
    expect(page.locator(".talk")).to_be_hidden()


@pytest.mark.parametrize("why", ConsultEnd)
def test_why_a_consult_is_over_is_said(why: ConsultEnd, stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk("consulting", consult=ANSWERED))
    page = open_page(stub.login)
    shows(page, "Transfer", "Conference", "Back to the caller", "Record")
    stub.push(changed("connected", None, why))
    shows(page, *CONNECTED)
    expect(page.locator(".ended")).to_have_text(f"The consult of Bob Chen 1002 is over: {ENDS[why]}")
    expect(page.locator("#spoken")).to_contain_text(ENDS[why])


ENDS = {
    ConsultEnd.RECONNECTED: "by your word",
    ConsultEnd.LEFT: "hung up",
    ConsultEnd.UNANSWERED: "no answer",
    ConsultEnd.REJECTED: "rejected",
    ConsultEnd.BUSY: "busy",
    ConsultEnd.UNREACHABLE: "out of reach",
    ConsultEnd.NOBODY: "nobody of that group is logged in any more",
}


def test_hold_says_since_when(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk())
    page = open_page(stub.login, clock=True)
    press(page, "Hold")
    asks(stub, call_control.Hold)
    stub.push(changed("held"))
    stage = page.locator(".stage")
    expect(stage).to_contain_text("On hold")
    page.clock.run_for(5_000)
    expect(page.locator(".stage-time")).to_have_text("0:05")
    press(page, "Retrieve")
    asks(stub, call_control.Retrieve)


def test_a_page_that_comes_in_the_middle_shows_since_when(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk("held", stage_since=now_ms() - 7_000))
    page = open_page(stub.login, clock=True)
    expect(page.locator(".stage-time")).to_have_text("0:07")
    page.clock.run_for(2_000)
    expect(page.locator(".stage-time")).to_have_text("0:09")


def test_the_choice_is_made_by_keys_alone(stub: Stub, open_page: OpenPage) -> None:
    """And the focus is back where it was; a refusal is shown where one chose."""
    stub.snapshot, stub.directory = mine(live=talk()), FOUND
    page = open_page(stub.login)
    expect(page.locator(".talk-buttons button")).to_have_count(5)
    page.get_by_role("button", name="Transfer…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("0571-8888 (1)")
    expect(dialog.locator(".choice").first).to_have_text("Call 057188881")
    stub.refusal = views.Problem(code="bad-target", message="no")
    page.keyboard.press("Enter")
    asks(stub, call_control.Transfer)
    assert str(stub.asked[-1].to) == "number:057188881"  # type: ignore[union-attr]
    expect(dialog.locator(".problem")).to_have_text("The call can't go there.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("button", name="Bob Chen")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Transfer…")).to_be_focused()


def test_other_places_are_typed_as_they_are_written(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot, stub.directory = mine(live=talk()), FOUND
    page = open_page(stub.login)
    press(page, "Transfer…")
    page.get_by_role("searchbox").fill("voicemail:sales")
    page.get_by_role("button", name="voicemail sales").click()
    asks(stub, call_control.Transfer)
    assert str(stub.asked[-1].to) == "voicemail:sales"  # type: ignore[union-attr]


def test_the_choice_goes_with_the_call(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot, stub.directory = mine(live=talk()), FOUND
    page = open_page(stub.login)
    press(page, "Consult…")
    expect(page.get_by_role("dialog")).to_be_visible()
    stub.push(
        views.FinishedView(
            call="a", group="desk", agent="1001", outcome="released-by-caller", waited_ms=1, talked_ms=1
        ),
        agent("1001", "wrap-up", call="a"),
    )
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_keypad_sends_each_key_by_mouse_and_by_keyboard(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk())
    page = open_page(stub.login)
    keypad = page.get_by_role("button", name="Keypad")
    expect(keypad).to_have_attribute("aria-expanded", "false")
    keypad.click()
    expect(keypad).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="5", exact=True).click()
    asks(stub, call_control.SendDigits, digits="5")
    page.keyboard.press("#")
    asks(stub, call_control.SendDigits, digits="#")
    expect(page.locator(".keys-sent")).to_have_text("Sent: 5#")
    stub.push(changed("held"))
    expect(page.locator(".keypad")).to_be_hidden()


def test_what_is_recorded_is_shown_and_why_it_can_t_be(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk())
    page = open_page(stub.login)
    press(page, "Record")
    asks(stub, call_control.Record, word="start")
    told = RecordingView(call="a", agent="1001", state="on", path="a.wav", why="")
    stub.push(told)
    sign = page.locator(".recording")
    expect(sign).to_have_text("recording")
    press(page, "Pause recording")
    asks(stub, call_control.Record, word="pause")
    stub.push(told.model_copy(update={"state": "paused"}))
    expect(sign).to_have_text("recording paused")
    stub.push(told.model_copy(update={"state": "off", "why": "disk full"}))
    expect(sign).to_have_text("The recording failed: disk full")
    shows(page, *CONNECTED)


def test_nothing_tells_the_agent_that_a_supervisor_listens(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk())
    page = open_page(stub.login)
    shows(page, *CONNECTED)
    expect(page.locator("#listening")).to_be_hidden()


def test_a_refusal_is_said_beside_the_buttons(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot, stub.refusal = mine(live=talk()), views.Problem(code="not-now", message="no")
    page = open_page(stub.login)
    press(page, "Hold")
    expect(page.locator(".talk .problem")).to_have_text("Not possible in the present state.")


# --- the other sides ----------------------------------------------------------------------------------------------

ABOUT = AboutView(call="z", by="1005", by_name="Zoe", group="night", caller_number="13800000001", caller_name="李娜")


def asked_offer() -> views.OfferView:
    return views.OfferView(
        kind="consult",
        about=ABOUT,
        call="a",
        offer=1,
        agent="1001",
        group="night",
        entry="",
        caller_number="13800000001",
        caller_name="Zoe",
        waited_ms=0,
        ring_ms=15_000,
    )


def test_who_is_consulted_sees_by_whom_and_about_whose_call_and_gets_it(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine("ready")
    page = open_page(stub.login)
    expect(page.locator(".my-word")).to_have_text("Ready")
    stub.push(asked_offer(), agent("1001", "ringing", call="a"))
    card = page.locator(".call-card")
    expect(card).to_contain_text("Consult: a colleague asks you")
    expect(card.locator(".card-number")).to_have_text("Zoe")
    expect(card.locator(".card-facts")).to_contain_text("13800000001 李娜")
    stub.push(
        views.ConnectedView(kind="consult", about=ABOUT, call="a", agent="1001", group="night", waited_ms=900),
        agent("1001", "talking", call="a"),
    )
    expect(card).to_contain_text("You are consulted by")
    mine_in_it = ConsultView(call="a", to="agent:1001", name="Ann", answered=True, party="1001", party_name="Ann")
    stub.push(TalkView(call="z", agent="1005", stage="conference", consult=mine_in_it, ended=None))
    expect(page.locator(".stage-word")).to_have_text("The caller takes part")
    stub.push(
        views.FinishedView(
            call="a", group="night", agent="1001", outcome="transferred", waited_ms=1, talked_ms=1, kind="consult"
        ),
        views.ConnectedView(
            entry="8001",
            caller_number="13800000001",
            caller_name="李娜",
            call="z",
            agent="1001",
            group="night",
            waited_ms=42_000,
        ),
        agent("1001", "talking", call="z"),
    )
    expect(card.locator(".card-number")).to_have_text("13800000001")
    expect(card.locator(".card-name")).to_have_text("李娜")
    expect(card.locator(".card-facts")).to_contain_text("0:42")
    expect(page.locator(".past-call")).to_have_count(0)
    shows(page, "Hold", "Consult…", "Transfer…", "Keypad")


def test_a_call_that_a_supervisor_takes_is_over_for_the_agent(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine(live=talk())
    page = open_page(stub.login)
    shows(page, *CONNECTED)
    stub.push(InterceptedView(call="a", agent="1001", by="super"), agent("1001", "wrap-up", call="a"))
    expect(page.locator(".past-call")).to_contain_text("taken by a supervisor")


def test_a_number_is_dialled_and_why_it_was_not_reached_is_said(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = mine("not-ready")
    page = open_page(stub.login)
    form = page.locator(".dial-panel")
    expect(form.get_by_role("button", name="Call")).to_be_disabled()
    form.get_by_label("Number").fill("0571 8888-8888")
    form.get_by_label("As a call of").select_option("night")
    page.keyboard.press("Tab")
    form.get_by_role("button", name="Call").click()
    asks(stub, call_control.Dial, number="057188888888", group="night")
    offer = asked_offer().model_copy(
        update={"kind": "outgoing", "about": None, "number": "057188888888", "caller_number": "057188888888"}
    )
    stub.push(offer, agent("1001", "ringing", call="a"))
    expect(page.locator(".call-card")).to_contain_text("Pick up your phone to call")
    expect(page.locator(".big.danger")).to_have_text("Stop calling")
    expect(form).to_be_hidden()
    stub.push(
        views.FinishedView(
            call="a",
            group="night",
            agent="1001",
            outcome="not-reached",
            waited_ms=1,
            talked_ms=0,
            kind="outgoing",
            why="busy",
        ),
        agent("1001", "not-ready", reason="break"),
    )
    expect(form.locator(".problem")).to_have_text("057188888888 was not reached (busy).")
    expect(page.locator(".past-call")).to_contain_text("outgoing")


# --- the supervisor -----------------------------------------------------------------------------------------------


def card(page: Page, id_: str) -> Locator:
    return page.locator(f'button.agent[data-agent="{id_}"]')


def monitor(mode: str = "listen", state: str = "on", by: str = "super", why: str | None = None) -> MonitorView:
    return MonitorView(monitor="m1", by=by, agent="1001", call="a", mode=mode, state=state, why=why)


def watched(stage: str = "connected", monitors: list[MonitorView] | None = None) -> Callable[[], views.Snapshot]:
    agents = [agent("1001", "talking", call="a"), agent("1002", "talking", call="b"), agent("1003")]
    calls = [talk(stage), talk().model_copy(update={"call": "b", "agent": "1002"})]
    return lambda: snapshot(agents, calls, monitors=monitors or [])


def choices(page: Page, id_: str) -> list[str]:
    card(page, id_).click()
    texts = page.get_by_role("dialog").get_by_role("button").all_inner_texts()
    page.keyboard.press("Escape")
    return texts


LISTEN = ["Listen", "Whisper to the agent", "Barge in: all hear you"]


def test_a_supervisor_listens_whispers_and_ends(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = watched()
    page = open_page(stub.login)
    strip = page.locator("#listening")
    assert choices(page, "1001")[:4] == [*LISTEN, "Intercept: take the caller"]
    assert "Listen" not in choices(page, "1003")
    card(page, "1001").click()
    press(page, "Listen")
    asks(stub, call_control.Monitor, agent="1001", mode="listen")
    stub.push(monitor(state="ringing"))
    expect(strip).to_contain_text("Your phone rings: pick up to listen to Agent 1001 1001")
    stub.push(monitor())
    expect(strip).to_contain_text("You listen to Agent 1001 1001")
    expect(card(page, "1001")).to_contain_text("super: Listen")
    expect(strip.get_by_role("button", name="Listen")).to_have_attribute("aria-pressed", "true")
    strip.get_by_role("button", name="Whisper").click()
    asks(stub, call_control.Monitor, agent="1001", mode="whisper")
    stub.push(monitor("whisper"))
    expect(strip).to_contain_text("the caller does not hear you")
    assert choices(page, "1001")[:4] == [
        LISTEN[0],
        LISTEN[2],
        "Intercept: take the caller",
        "Stop listening to Agent 1001 1001",
    ]
    assert choices(page, "1002")[0] == "Stop listening to Agent 1001 1001"
    strip.get_by_role("button", name="End").click()
    asks(stub, call_control.EndMonitor)
    stub.push(monitor("whisper", "over"))
    expect(strip).to_be_hidden()


def test_an_interception_is_asked_about_first(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = watched("held")
    page = open_page(stub.login)
    expect(card(page, "1001")).to_contain_text("on hold")
    card(page, "1001").click()
    press(page, "Intercept: take the caller")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Take the call with 555a from the agent?")
    press(page, "Intercept: take the caller")
    asks(stub, call_control.Monitor, agent="1001", mode="intercept")
    stub.push(
        InterceptedView(call="a", agent="1001", by="super"),
        monitor("intercept"),
        agent("1001", "wrap-up", call="a"),
    )
    strip = page.locator("#listening")
    expect(strip).to_contain_text("You talk with the caller of Agent 1001 1001")
    expect(strip.get_by_role("button")).to_have_text(["End"])
    expect(page.locator("#feed")).to_contain_text("super took the call of 555a from Agent 1001 1001")


@pytest.mark.parametrize("stage", ["consulting", "conference"])
def test_a_talk_in_a_consult_is_not_intercepted(stage: str, stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = watched(stage)
    page = open_page(stub.login)
    assert choices(page, "1001")[:4] == [*LISTEN, "Force not ready after the call"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("not-yours", "None of your groups: you may not do this here."),
        ("no-device", "You have no phone in the configuration to listen with."),
    ],
)
def test_a_refusal_is_said_at_the_agents_card(code: str, said: str, stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot, stub.refusal = watched(), views.Problem(code=code, message="no")
    page = open_page(stub.login)
    card(page, "1001").click()
    press(page, "Listen")
    expect(card(page, "1001")).to_contain_text(said)


def test_a_phone_that_never_came_is_told_to_its_supervisor(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = watched(monitors=[monitor(state="ringing")])
    page = open_page(stub.login)
    expect(page.locator("#listening")).to_contain_text("Your phone rings")
    stub.push(monitor(state="over", why="unanswered"))
    expect(page.locator("#listening")).to_be_hidden()
    expect(page.locator("#feed")).to_contain_text(
        "Your phone did not come into the talk of Agent 1001 1001 (no answer)"
    )


def test_the_board_follows_a_transfer_and_counts_callers_alone(stub: Stub, open_page: OpenPage) -> None:
    stub.snapshot = watched()
    page = open_page(stub.login)
    desk = page.locator("#groups tr").first.locator("td")
    expect(desk).to_have_text(["0", "–", "2", "0", "0"])
    consult = call("a+1", kind="consult", about=AboutView(**(ABOUT.model_dump() | {"call": "a", "by": "1001"})))
    stub.push(
        consult,
        changed("consulting", BOB),
        asked_offer().model_copy(update={"call": "a+1", "agent": "1003", "group": "desk"}),
        agent("1003", "ringing", call="a+1"),
    )
    expect(card(page, "1001")).to_contain_text("consults Bob Chen 1002")
    expect(card(page, "1003")).to_contain_text("Zoe")
    expect(page.locator("#waiting .call")).to_have_count(0)
    expect(desk).to_have_text(["0", "–", "2", "0", "0"])
    stub.push(
        views.ConnectedView(kind="consult", call="a+1", agent="1003", group="desk", waited_ms=1),
        agent("1003", "talking", call="a+1"),
    )
    expect(card(page, "1003")).to_have_attribute("data-state", "talking")
    expect(desk).to_have_text(["0", "–", "2", "0", "0"])
    stub.push(
        TransferredView(call="a", agent="1001", to="agent:1003", name="", attended=True),
        views.FinishedView(
            call="a+1", group="desk", agent="1003", outcome="transferred", waited_ms=1, talked_ms=1, kind="consult"
        ),
        views.ConnectedView(call="a", agent="1003", group="desk", waited_ms=1),
        agent("1003", "talking", call="a"),
        agent("1001", "wrap-up", call="a"),
    )
    expect(card(page, "1003")).to_contain_text("555a")
    expect(page.locator("#feed")).to_contain_text("Agent 1001 1001 transferred the call of 555a to 1003")
    expect(desk).to_have_text(["0", "–", "2", "0", "0"])
