"""The page against the real daemon with the simulator's callers, phones and agents."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.server import EVIL_NAME, PASSWORD, Server

pytestmark = pytest.mark.browser

TIMER = re.compile(r"\d+:\d\d")
NUMBER = re.compile(r"1\d{10}")


def card(page: Page, agent: str) -> Locator:
    return page.locator(f'button.agent[data-agent="{agent}"]')


def act(page: Page, agent: str, action: str) -> None:
    card(page, agent).click()
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def test_a_wrong_password_is_said_and_the_right_one_opens_the_board(server: Server, open_page: OpenPage) -> None:
    page = open_page(server.address)
    page.get_by_label("User").fill("super")
    page.get_by_label("Password").fill("guessed")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator("#login-problem")).to_have_text("Wrong user or password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator("#groups tr")).to_have_count(2)
    expect(page.locator("#groups")).to_contain_text("Front desk")


def test_the_address_logs_in_and_forgets_the_password(server: Server, open_page: OpenPage) -> None:
    """Nothing of it stays where the next user of this computer finds it; a reload asks again, for the password only."""
    page = open_page(server.login("super"))
    expect(card(page, "1008")).to_be_visible()
    assert page.url == server.address
    kept = page.evaluate("JSON.stringify([sessionStorage, localStorage, document.cookie, history.state])")
    assert PASSWORD not in kept
    page.reload()
    expect(page.get_by_label("User")).to_have_value("super")
    expect(page.get_by_label("Password")).to_be_focused()


def test_the_board_lives(server: Server, open_page: OpenPage) -> None:
    """Calls wait and their waits grow, agents go from state to state, and the totals say so."""
    page = open_page(server.login("super"))
    expect(page.locator("#pbx")).to_have_text("PBX linked")
    waiting = page.locator("#waiting .call").first
    expect(waiting.locator(".caller")).to_have_text(NUMBER)
    expect(waiting.locator(".wait")).to_have_text(TIMER)
    longest = page.locator("#totals .total").nth(1).locator(".total-value")
    before = longest.inner_text()
    expect(longest).not_to_have_text(before)
    tom = card(page, "1002")
    for state in ("talking", "ringing", "talking"):
        expect(tom).to_have_attribute("data-state", state)
    expect(tom.locator(".agent-aside")).to_have_text(NUMBER)
    expect(page.locator("#groups tr").first.locator("td").nth(3)).not_to_have_text("0")


def test_names_that_are_markup_are_text(server: Server, open_page: OpenPage) -> None:
    page = open_page(server.login("super"))
    expect(card(page, "1003").locator(".agent-name")).to_have_text(EVIL_NAME)
    expect(page.locator("#groups .name").nth(1)).to_have_text(EVIL_NAME)
    assert page.evaluate("window.pwned") is None


def test_a_supervisor_forces_an_agent(server: Server, open_page: OpenPage) -> None:
    """Not ready and ready again: the card says the state and who forced it, and so do the newest events."""
    page = open_page(server.login("super"))
    ida = card(page, "1008")
    expect(ida).to_have_attribute("data-state", "ready")
    act(page, "1008", "Force not ready")
    expect(ida).to_have_attribute("data-state", "not-ready")
    expect(ida).to_contain_text("forced by super")
    expect(page.locator("#feed")).to_contain_text("Idle Ida 1008: Not ready, forced by super")
    act(page, "1008", "Force ready")
    expect(ida).to_have_attribute("data-state", "ready")


def test_the_screen_speaks_chinese(server: Server, open_page: OpenPage) -> None:
    """By the browser's language, or by choice, which is remembered."""
    page = open_page(server.login("super"), locale="zh-CN")
    totals = page.locator("#totals .total-name")
    expect(totals).to_have_text(["等待呼叫", "最长等待", "示闲", "振铃", "通话", "话后处理", "示忙", "签出"])
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.get_by_role("button", name="切换到英文").click()
    expect(totals.nth(2)).to_have_text("Ready")
    page.reload()
    expect(page.locator("#login-submit")).to_have_text("Log in")


def test_an_agents_day(server: Server, open_page: OpenPage) -> None:
    """Ready, a call rings with all there is to know, talk, wrap-up, a break, and out."""
    page = open_page(server.login("1001"))
    word, call = page.locator(".my-word"), page.locator(".call-card")
    expect(word).to_have_text("Not ready")
    page.get_by_role("button", name="Ready", exact=True).click()
    expect(word).to_have_text("Ringing")
    expect(call.locator(".card-number")).to_have_text(NUMBER)
    expect(call).to_contain_text("Front desk")
    expect(call.locator(".card-left")).to_have_text(re.compile(r"rings \d+ s more"))
    number = call.locator(".card-number").inner_text()
    expect(word).to_have_text("Talking")
    page.get_by_role("button", name="lunch").click()
    expect(page.locator(".my-pending")).to_have_text("After this call: Not ready (lunch)")
    page.get_by_role("button", name="Release the call").click()
    expect(word).to_have_text("Wrap-up")
    expect(call.locator(".card-number")).to_have_text(number)
    expect(page.locator(".past-call").first).to_contain_text(number)
    page.get_by_role("button", name="break").click()
    expect(word).to_have_text("Not ready")
    expect(page.locator(".my-detail")).to_have_text("break")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#login-problem")).to_have_text("You have logged out.")


def test_an_agent_sees_who_forced(server: Server, open_page: OpenPage) -> None:
    mine, board = open_page(server.login("1001")), open_page(server.login("super"))
    expect(mine.locator(".my-word")).to_have_text("Not ready")
    act(board, "1001", "Force not ready")
    expect(mine.locator(".my-detail")).to_have_text("forced by super")
    act(board, "1001", "Force log out")
    expect(mine.locator("#login-problem")).to_have_text("super has logged you out.")


def test_a_second_page_may_take_over_and_the_first_says_so(server: Server, open_page: OpenPage) -> None:
    first = open_page(server.login("super"))
    expect(card(first, "1008")).to_be_visible()
    second = open_page(server.login("super"))
    second.get_by_role("button", name="Log in here and end the other session").click()
    expect(card(second, "1008")).to_be_visible()
    expect(first.locator("#banner-taken-over")).to_contain_text("logged in somewhere else")


def test_a_lost_server_is_said_and_found_again(own_server: Server, open_page: OpenPage) -> None:
    """What is on the screen stays there, marked stale, until the server is back and tells anew."""
    page = open_page(own_server.login("super"))
    expect(card(page, "1008")).to_have_attribute("data-state", "ready")
    own_server.stop()
    banner = page.locator("#banner-lost")
    expect(banner).to_contain_text("What you see is stale")
    expect(card(page, "1008")).to_be_visible()
    act(page, "1008", "Force not ready")
    expect(card(page, "1008")).to_contain_text("The connection was lost")
    own_server.start()
    expect(banner).to_have_count(0)
    expect(page.locator("#spoken")).to_contain_text("current again")
    expect(card(page, "1008")).to_have_attribute("data-state", "ready")


# --- other settings -------------------------------------------------------------------------------------------


def test_a_reload_is_seen_on_the_page(own_server: Server, open_page: OpenPage) -> None:
    """Without a new log-in: a group's name, a group more, an agent's name, the agents' reasons."""
    page, mine = open_page(own_server.login("super")), open_page(own_server.login("1001"))
    expect(page.locator("#groups .name").first).to_have_text("Front desk")
    expect(mine.get_by_role("button", name="lunch")).to_be_visible()
    own_server.reload('name = "Front desk"', 'name = "Reception"\n[[groups]]\nid = "day"\nname = "Day desk"')
    expect(page.locator("#groups .name").first).to_have_text("Reception")
    own_server.reload('name = "Idle Ida"', 'name = "Ida Idle"')
    expect(card(page, "1008")).to_contain_text("Ida Idle")
    expect(page.locator("#feed")).to_contain_text("Configuration changed by SIGHUP")
    own_server.reload('["break", "lunch"]', '["break", "training"]')
    expect(mine.get_by_role("button", name="training")).to_be_visible()
    expect(mine.get_by_role("button", name="lunch")).to_have_count(0)


def test_an_agent_who_is_removed_is_told_so_and_gone_from_the_board(own_server: Server, open_page: OpenPage) -> None:
    page, mine = open_page(own_server.login("super")), open_page(own_server.login("1001"))
    expect(mine.locator(".my-word")).to_have_text("Not ready")
    config = own_server.config.read_text(encoding="utf-8")
    tables = config.partition("[[agents]]")[2].partition("[[agents]]")
    own_server.reload(f"[[agents]]{tables[0]}", "")
    expect(mine.locator("#login-problem")).to_have_text("Your account is no longer in the configuration.")
    expect(card(page, "1001")).to_have_count(0)


def test_why_is_answered_by_the_journal_and_the_live_state(server: Server, open_page: OpenPage) -> None:
    page = open_page(server.login("super"))
    page.locator("#waiting .call").first.get_by_role("button").click()
    text = page.get_by_role("dialog").locator("pre")
    expect(text).to_contain_text("As it is now")
    expect(text).to_contain_text(re.compile(r"Came to 800[12] for"))
