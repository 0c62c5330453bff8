"""Call control on the page against the real daemon, whose simulated phones do as they are told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.server import Server

pytestmark = pytest.mark.browser

NUMBER = re.compile(r"1\d{10}")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def word(page: Page) -> Locator:
    return page.locator(".my-word")


def stage(page: Page) -> Locator:
    return page.locator(".stage-word")


def in_talk(server: Server, open_page: OpenPage) -> tuple[Page, str]:
    """Mei Lin's page, and the number with which she talks: what rang was answered with a click."""
    page = open_page(server.login("1001"))
    press(page, "Ready")
    expect(word(page)).to_have_text("Ringing")
    press(page, "Answer")
    expect(word(page)).to_have_text("Talking")
    number = page.locator(".card-number")
    expect(number).to_have_text(NUMBER)
    return page, number.inner_text()


def consult(page: Page, whom: str) -> None:
    press(page, "Consult…")
    page.get_by_role("searchbox").fill(whom)
    page.get_by_role("dialog").get_by_role("button", name=whom).first.click()


def test_a_call_is_given_to_a_colleague_after_a_consult(patient_server: Server, open_page: OpenPage) -> None:
    """By clicking alone; the colleague sees who asks, about whose call, and has the caller in the end."""
    ida = open_page(patient_server.login("1008"))
    page, number = in_talk(patient_server, open_page)
    consult(page, "Idle Ida")
    expect(stage(page)).to_have_text("Consulting Idle Ida 1008: no answer yet")
    expect(ida.locator(".call-card")).to_contain_text("Consult: a colleague asks you")
    expect(ida.locator(".card-number")).to_have_text("Mei Lin")
    expect(ida.locator(".card-facts")).to_contain_text(number)
    press(ida, "Answer")
    expect(stage(page)).to_have_text("Consulting Idle Ida 1008")
    press(page, "Conference")
    expect(stage(page)).to_have_text("Conference with Idle Ida 1008")
    expect(stage(ida)).to_have_text("The caller takes part")
    press(page, "Transfer")
    expect(word(page)).to_have_text("Wrap-up")
    expect(page.locator(".past-call").first).to_contain_text("transferred")
    expect(ida.locator(".card-number")).to_have_text(number)
    expect(ida.get_by_role("button", name="Hold")).to_be_visible()
    press(ida, "Hold")
    expect(stage(ida)).to_have_text("On hold")


def test_a_colleague_is_asked_and_let_go_again(patient_server: Server, open_page: OpenPage) -> None:
    page, number = in_talk(patient_server, open_page)
    consult(page, "Idle Ida")
    expect(stage(page)).to_have_text("Consulting Idle Ida 1008")
    press(page, "Back to the caller")
    expect(page.locator(".ended")).to_have_text("The consult of Idle Ida 1008 is over: by your word")
    expect(page.locator(".card-number")).to_have_text(number)
    press(page, "Release the call")
    expect(word(page)).to_have_text("Wrap-up")


def test_hold_and_retrieve_and_a_recording(patient_server: Server, open_page: OpenPage) -> None:
    """A page that comes anew meanwhile shows the same."""
    page, number = in_talk(patient_server, open_page)
    press(page, "Hold")
    expect(stage(page)).to_have_text("On hold")
    expect(page.locator(".stage-time")).to_have_text(re.compile(r"0:0[1-9]"))
    again = open_page(patient_server.login("1001"))
    press(again, "Log in here and end the other session")
    expect(stage(again)).to_have_text("On hold")
    expect(again.locator(".card-number")).to_have_text(number)
    press(again, "Retrieve")
    press(again, "Record")
    expect(again.locator(".recording")).to_have_text("recording")
    press(again, "Pause recording")
    expect(again.locator(".recording")).to_have_text("recording paused")
    press(again, "Keypad")
    press(again, "7")
    expect(again.locator(".keys-sent")).to_have_text("Sent: 7")


def test_a_call_is_given_away_blindly(patient_server: Server, open_page: OpenPage) -> None:
    page, number = in_talk(patient_server, open_page)
    press(page, "Transfer…")
    page.get_by_role("dialog").get_by_role("button", name="Idle Ida").click()
    expect(word(page)).to_have_text("Wrap-up")
    board = open_page(patient_server.login("super"))
    ida = board.locator('button.agent[data-agent="1008"]')
    expect(ida).to_have_attribute("data-state", "talking")
    expect(ida).to_contain_text(number)


def test_a_number_is_consulted_and_gets_digits(patient_server: Server, open_page: OpenPage) -> None:
    page, _ = in_talk(patient_server, open_page)
    consult(page, "0571")
    expect(stage(page)).to_have_text("Consulting 0571")
    press(page, "Keypad")
    press(page, "5")
    expect(page.locator(".keys-sent")).to_have_text("Sent: 5")
    press(page, "End the consult")
    expect(page.get_by_role("button", name="Hold")).to_be_visible()


def test_a_number_is_dialled_and_the_agent_is_what_she_was_afterwards(
    patient_server: Server, open_page: OpenPage
) -> None:
    page = open_page(patient_server.login("1001"))
    press(page, "break")
    expect(page.locator(".my-detail")).to_have_text("break")
    page.get_by_label("Number", exact=True).fill("0571 88888888")
    page.keyboard.press("Enter")
    card = page.locator(".call-card")
    expect(card).to_contain_text("Pick up your phone to call")
    press(page, "Answer")
    expect(stage(page)).to_have_text("Calling 057188888888…")
    expect(card).to_contain_text("Talking with")
    expect(card.locator(".card-number")).to_have_text("057188888888")
    press(page, "Hold")
    expect(stage(page)).to_have_text("On hold")
    press(page, "Release the call")
    expect(word(page)).to_have_text("Wrap-up")
    expect(page.locator(".past-call").first).to_contain_text("outgoing")


def test_a_supervisor_listens_whispers_and_takes_the_caller(patient_server: Server, open_page: OpenPage) -> None:
    """The agent's page says nothing of it, until the caller is gone."""
    page, number = in_talk(patient_server, open_page)
    before = page.locator(".talk").inner_text()
    board = open_page(patient_server.login("super"))
    card, strip = board.locator('button.agent[data-agent="1001"]'), board.locator("#listening")
    card.click()
    press(board, "Listen")
    expect(strip).to_contain_text("You listen to Mei Lin 1001")
    strip.get_by_role("button", name="Whisper").click()
    expect(strip).to_contain_text("You whisper to Mei Lin 1001")
    assert page.locator(".talk").inner_text() == before
    card.click()
    press(board, "Intercept: take the caller")
    press(board, "Intercept: take the caller")
    expect(strip).to_contain_text("You talk with the caller of Mei Lin 1001")
    expect(word(page)).to_have_text("Wrap-up")
    expect(page.locator(".past-call").first).to_contain_text("taken by a supervisor")
    expect(board.locator("#feed")).to_contain_text(f"super took the call of {number} from Mei Lin 1001")
    strip.get_by_role("button", name="End").click()
    expect(strip).to_be_hidden()


def test_a_refusal_is_said_in_the_words_of_the_page(patient_server: Server, open_page: OpenPage) -> None:
    """The group is there to choose, but nobody who serves it can be reached: the choice stays open."""
    page, _ = in_talk(patient_server, open_page)
    press(page, "Transfer…")
    dialog = page.get_by_role("dialog")
    page.get_by_role("searchbox").fill("entry:9999")
    dialog.get_by_role("button", name="9999").click()
    expect(dialog.locator(".problem")).to_have_text("The call can't go there.")
