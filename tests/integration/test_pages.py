"""What a browser, a load balancer and Prometheus get from the one port."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from acd import events as ev
from acd.web import pages
from acd.web.pages import page_files
from tests.integration.running import Acd, running


async def test_alive_says_so_whatever_the_pbx_does(tmp_path: Path) -> None:
    async with running(tmp_path, found=False) as acd:
        assert (await acd.get("/healthz"))[0] == 200


async def test_ready_means_that_calls_can_be_routed_and_else_says_why_not(tmp_path: Path) -> None:
    async with running(tmp_path, found=False) as acd, acd.client("sue") as sue:
        assert await text(acd, "/readyz") == (503, "not linked yet\n")
        acd.pbx.tell(ev.PbxFound())
        await sue.sees("pbx", why_lost=None)
        assert await text(acd, "/readyz") == (200, "ready\n")
        acd.pbx.tell(ev.PbxLost("电缆断了"))
        await sue.sees("pbx", why_lost="电缆断了")
        assert await text(acd, "/readyz") == (503, "电缆断了\n")


async def test_of_several_pbxs_one_is_enough_and_those_lost_are_named(tmp_path: Path) -> None:
    pbxs = [
        {"name": name, "secret": "x", "trunks": {other: "PJSIP/{phone}@to"}}
        for name, other in (("north", "south"), ("south", "north"))
    ]
    async with (
        running(tmp_path, found=False, adapter="asterisk", pbx=pbxs) as acd,
        acd.client("ann") as ann,
        acd.client("sue") as sue,
    ):
        acd.pbx.tell(ev.PbxFound("north"))
        acd.pbx.tell(ev.PbxLost("断了", "south"))
        for client in (ann, sue):
            await client.sees("pbx", why_lost=None, lost=[{"name": "south", "why": "断了"}])
        assert await text(acd, "/readyz") == (200, "ready; south can't be reached: 断了\n")
        metrics = (await acd.get("/metrics"))[2].decode()
        assert 'acd_ami_connected{pbx="north"} 1.0\nacd_ami_connected{pbx="south"} 0.0\n' in metrics
        async with acd.stranger() as bob:
            await bob.log_in("bob")
            assert (await bob.sees("snapshot"))["pbx"]["lost"] == [{"name": "south", "why": "断了"}]
        acd.pbx.tell(ev.PbxLost("火灾", "north"))
        await ann.sees("pbx", why_lost="火灾", lost=[])
        assert await text(acd, "/readyz") == (503, "火灾\n")


async def text(acd: Acd, path: str) -> tuple[int, str]:
    status, headers, body = await acd.get(path)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    return status, body.decode()


async def test_a_path_with_nothing_says_what_there_is(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        for path in ("/nowhere", "/page/../index.html", "/page/%2e%2e/server.py", "/page/", "//", "/metrics/"):
            status, words = await text(acd, path)
            assert status == 404
            assert words == "there is nothing at this path; there is: /, /healthz, /metrics, /readyz, /ws\n"


async def test_every_file_of_the_page_is_served_with_its_type_and_a_tight_policy(tmp_path: Path) -> None:
    """No script, style or connection from elsewhere, no frame around it, nothing guessed, nothing kept unasked."""
    async with running(tmp_path) as acd:
        assert "/page/index.html" in page_files()
        for path, (_, content_type, content) in page_files().items():
            status, headers, body = await acd.get(path)
            assert (status, headers["content-type"], body) == (200, content_type, content)
            assert headers["content-length"] == str(len(content))
            assert headers["content-security-policy"].startswith("default-src 'self'; frame-ancestors 'none'")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-cache"
            assert headers["connection"] == "close"
            assert "server" not in headers, "nobody needs to know the version of a library"


async def test_a_query_does_not_change_the_page(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        assert (await acd.get("/?lang=zh"))[2] == (await acd.get("/"))[2]


async def test_head_is_answered_without_a_body(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        status, headers, body = await acd.get("/", "HEAD")
        assert (status, body) == (200, b"")
        assert int(headers["content-length"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_nothing_is_changed_by_a_plain_request(tmp_path: Path, method: str) -> None:
    async with running(tmp_path) as acd:
        status, headers, body = await acd.get("/", method)
        assert (status, headers["allow"], body) == (405, "GET, HEAD", b"only GET and HEAD are answered here\n")


async def test_the_sockets_path_tells_a_browser_that_it_is_no_page(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        status, _, body = await acd.get("/ws")
        assert status == 426
        assert b"WebSocket" in body


# --- metrics --------------------------------------------------------------------------------------------------


class Scrape(dict[tuple[str, tuple[tuple[str, str], ...]], float]):
    """A page of metrics: `page("acd_agents", state="ready")`."""

    def __call__(self, name: str, **labels: str) -> float:
        return self[name, tuple(sorted(labels.items()))]


async def scrape(acd: Acd) -> Scrape:
    status, headers, body = await acd.get("/metrics")
    assert status == 200
    assert headers["content-type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(body.decode()))
    assert all(family.documentation for family in families)
    return Scrape(
        {(each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples}
    )


async def test_every_series_is_there_before_anything_happens(tmp_path: Path) -> None:
    """A counter that appears with its first event hides that event from rate() and increase()."""
    async with running(tmp_path, found=False) as acd:
        page = await scrape(acd)
    assert page("acd_ami_connected") == 0
    for name in ("offered_total", "answered_total", "abandoned_total"):
        assert page(f"acd_calls_{name}", group="desk") == 0
    assert page("acd_calls_refused_total") == 0
    assert page("acd_waiting_calls", group="desk") == 0
    assert page("acd_oldest_wait_seconds", group="desk") == 0
    assert page("acd_answer_wait_seconds_count", group="desk") == 0
    assert page("acd_handle_seconds_count", group="desk") == 0
    assert page("acd_agents", state="logged-out") == 2
    for state in ("not-ready", "ready", "ringing", "talking", "wrap-up"):
        assert page("acd_agents", state=state) == 0
    for how in ("unanswered", "rejected", "failed", "withdrawn"):
        assert page("acd_offers_ended_total", how=how) == 0


async def test_the_figures_follow_calls_and_agents(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await ann.does("ready")
        acd.pbx.call("c1")
        await sue.sees("agent", state="ringing")
        acd.pbx.call("c2")
        await sue.sees("call", call="c2")
        page = await scrape(acd)
        assert page("acd_ami_connected") == 1
        assert page("acd_client_sessions") == 2
        assert page("acd_inbox_events") == 0
        assert page("acd_waiting_calls", group="desk") == 2, "one waits, one rings"
        assert 0 <= page("acd_oldest_wait_seconds", group="desk") < 5
        assert page("acd_calls_offered_total", group="desk") == 2
        assert page("acd_agents", state="ringing") == 1
        assert page("acd_dispatch_seconds_count") == 1

        acd.pbx.accept("c1")
        acd.pbx.tell(ev.CallerLeft("c2"))
        await sue.sees("finished", call="c2")
        page = await scrape(acd)
        assert page("acd_calls_answered_total", group="desk") == 1
        assert page("acd_calls_abandoned_total", group="desk") == 1
        assert page("acd_answer_wait_seconds_count", group="desk") == 1
        assert page("acd_waiting_calls", group="desk") == 0
        assert page("acd_agents", state="talking") == 1
        assert page("acd_handle_seconds_count", group="desk") == 0, "wrap-up belongs to it"

        acd.pbx.tell(ev.CallerLeft("c1"))
        await sue.sees("agent", state="wrap-up")
        await ann.does("not_ready", reason="lunch")
        acd.pbx.tell(ev.CallArrived("c3", "999"))
        acd.pbx.tell(ev.PbxLost("out"))
        await sue.sees("pbx", why_lost="out")
        page = await scrape(acd)
        assert page("acd_handle_seconds_count", group="desk") == 1
        assert page("acd_agents", state="not-ready") == 1
        assert page("acd_agents", state="talking") == 0
        assert page("acd_calls_refused_total") == 1
        assert page("acd_ami_connected") == 0
        assert page("acd_events_total", event="CallArrived") == 3
        assert page("acd_decision_seconds_count") > 8


async def test_a_returned_call_is_counted_as_offered_once(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.does("ready")
        acd.pbx.call("c1")
        await acd.pbx.offered("c1")
        acd.pbx.tell(ev.OfferFailed(acd.pbx.commands[-1].offer, ev.OfferFailure.UNREACHABLE))
        await ann.sees("agent", state="not-ready", reason="device-unavailable")
        page = await scrape(acd)
        assert page("acd_calls_offered_total", group="desk") == 1
        assert page("acd_offers_ended_total", how="failed") == 1
        assert page("acd_waiting_calls", group="desk") == 1


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
async def test_a_fault_in_a_source_is_an_answer_500_and_no_end(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def buggy(_self: object, _path: str) -> None:
        raise ZeroDivisionError

    async with running(tmp_path) as acd:
        with monkeypatch.context() as patch:
            patch.setattr(pages.Pages, "_answer", buggy)
            assert (await acd.get(path))[0] == 500
        assert (await acd.get(path))[0] == 200
