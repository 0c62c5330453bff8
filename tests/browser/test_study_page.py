"""The report of a study in a real browser: all is there, by day and by night, and nothing is asked of anybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from simulator.study.comparing import Comparison
from simulator.study.page import page_of_comparison, page_of_study
from simulator.study.words import Words
from tests.unit.simulator.study.making import a_scenario, a_study, counts

pytestmark = pytest.mark.browser

MANY = [counts(80, 60, 20), counts(90, 81, 10), counts(70, 63, 20)]
A4_PX = 702
"""The width of such a sheet less its margins."""
PLOTS = ["service_level", "mean_wait_s", "queue", "agents", "waits"]


def opened(chromium: Browser, path: Path, scheme: str = "light") -> tuple[Page, list[str]]:
    """The page, and all that it asked for or complained of besides itself."""
    heard: list[str] = []
    page = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}).new_page()  # type: ignore[arg-type]
    page.on("request", lambda request: None if request.url == path.as_uri() else heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(error.message))
    page.goto(path.as_uri())
    return page, heard


def ground(page: Page) -> str:
    """What everything stands on."""
    return str(page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor"))


OUTSIDE = """plots => plots.flatMap(plot => {
  const box = plot.getBoundingClientRect();
  const leaves = r =>
    r.left < box.left - 2 || r.right > box.right + 2 || r.top < box.top - 2 || r.bottom > box.bottom + 2;
  const texts = [...plot.querySelectorAll("text")];
  return texts.filter(text => leaves(text.getBoundingClientRect())).map(text => text.textContent);
})"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    study = a_study(a_scenario(tmp_path), MANY)
    (tmp_path / "report.html").write_text(page_of_study(study, Words("zh")), encoding="utf-8")
    return tmp_path / "report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_plots_are_there_and_nothing_is_asked_for(chromium: Browser, report: Path, scheme: str) -> None:
    page, heard = opened(chromium, report, scheme)
    assert page.locator("figure").evaluate_all("all => all.map(each => each.dataset.plot)") == PLOTS
    for plot in page.locator("figure svg").all():
        box = plot.bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 100
        assert plot.locator("text").count() > 4
    assert heard == []
    page.context.close()


def test_plots_follow_the_colours_of_the_page(chromium: Browser, report: Path) -> None:
    """Text and curves are light on dark, and dark on light."""
    seen = {}
    for scheme in ("light", "dark"):
        page, _ = opened(chromium, report, scheme)
        text = page.locator("figure svg text").first
        seen[scheme] = [text.evaluate("e => getComputedStyle(e).fill"), ground(page)]
        page.context.close()
    assert seen == {
        "light": ["rgb(23, 32, 44)", "rgb(255, 255, 255)"],
        "dark": ["rgb(232, 237, 244)", "rgb(14, 19, 26)"],
    }


def test_on_paper_it_is_dark_on_light(chromium: Browser, report: Path) -> None:
    page, _ = opened(chromium, report, "dark")
    page.emulate_media(media="print")
    assert ground(page) == "rgb(255, 255, 255)"
    assert page.locator("figure svg text").first.evaluate("e => getComputedStyle(e).fill") == "rgb(0, 0, 0)"
    page.set_viewport_size({"width": A4_PX, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_PX, "nothing is cut off"
    page.context.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(chromium: Browser, report: Path) -> None:
    """Wide tables roll by themselves."""
    page, _ = opened(chromium, report)
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.context.close()


def test_no_label_leaves_its_plot(chromium: Browser, report: Path) -> None:
    page, _ = opened(chromium, report)
    assert page.locator("figure svg").evaluate_all(OUTSIDE) == []
    page.context.close()


def test_a_comparison_has_its_plots_too(chromium: Browser, tmp_path: Path) -> None:
    study = a_study(a_scenario(tmp_path), MANY)
    path = tmp_path / "comparison.html"
    path.write_text(page_of_comparison(Comparison("", study, study), Words("en")), encoding="utf-8")
    page, heard = opened(chromium, path)
    plots = page.locator("figure").evaluate_all("all => all.map(each => each.dataset.plot)")
    assert plots == [*PLOTS[:3], "agents", "agents", "waits", "waits"]
    assert heard == []
    page.context.close()
