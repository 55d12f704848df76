"""The main screens, read by axe: who cannot see or use a mouse can work with the console and the chat too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from agent_console.operations import prepare
from tests.end_to_end.conftest import Jieli
from tests.end_to_end.test_relay import SOON, go_online, open_chat, say, sign_in

pytestmark = [pytest.mark.rasa, pytest.mark.browser, pytest.mark.timeout(240)]

AXE = prepare.WEB / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, one line each."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.add_script_tag(path=AXE)
    # Half-faded colours of an animation are nobody's colours.
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.fixture
def pages(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """A customer's and an agent's page; axe may run in both although their policy allows no foreign script."""
    contexts = [
        browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", bypass_csp=True)
        for width, height in ((390, 844), (1440, 900))
    ]
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def test_the_main_screens_have_no_violation(jieli: Jieli, pages: tuple[Page, Page]) -> None:
    chat, console = pages
    console.goto(f"{jieli.here.desk_url}/console/sign-in")
    expect(console.get_by_test_id("login")).to_be_visible(timeout=SOON)
    assert violations(console) == []
    sign_in(console, jieli, "dawei")
    go_online(console)

    open_chat(chat, jieli, "c1009")
    assert violations(chat) == []
    say(chat, "七天无理由退货运费谁出")
    expect(chat.get_by_test_id("helpful").last).to_be_visible(timeout=SOON)
    assert violations(chat) == []
    say(chat, "转人工")
    expect(chat.get_by_test_id("queue")).to_be_visible(timeout=SOON)
    assert violations(chat) == []

    console.get_by_test_id("list-waiting").click()
    console.locator("[data-row]").first.click()
    expect(console.get_by_test_id("handoff-card")).to_be_visible(timeout=SOON)
    assert violations(console) == []
    console.get_by_test_id("claim").click()
    expect(console.get_by_test_id("close")).to_be_visible(timeout=SOON)
    console.get_by_test_id("composer").press_sequentially("/")
    expect(console.get_by_test_id("canned-menu")).to_be_visible(timeout=SOON)
    assert violations(console) == []
    console.get_by_test_id("composer").fill("明天保证能到")
    expect(console.get_by_test_id("send-warnings")).to_be_visible(timeout=SOON)
    assert violations(console) == []
    console.get_by_test_id("composer").fill("")

    console.get_by_test_id("alerts").click()
    expect(console.get_by_test_id("alerts-panel")).to_be_visible(timeout=SOON)
    assert violations(console) == []
    console.keyboard.press("Escape")
    for tab in ("replies", "phrases", "groups", "people"):
        console.goto(f"{jieli.here.desk_url}/console/settings/{tab}")
        expect(console.get_by_test_id(f"settings-{tab}")).to_have_attribute("aria-current", "page", timeout=SOON)
        console.wait_for_load_state("networkidle")
        assert violations(console) == []


def test_the_knowledge_pages_have_no_violation(jieli: Jieli, pages: tuple[Page, Page]) -> None:
    _, console = pages
    sign_in(console, jieli, "yating")
    console.locator("[data-testid^=entry-]").nth(2).click()
    expect(console.get_by_test_id("entry-editor")).to_be_visible(timeout=SOON)

    assert violations(console) == []
