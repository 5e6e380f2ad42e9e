"""The talk of a show as people have it: replies and mentions, questions, polls, hearts, and moderators who keep order."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import holds
from tests.e2e.control_room import open_desk
from tests.e2e.site import Site
from tests.e2e.talking import PHONE, Show, accessible, line, moderate, say, sees
from tests.e2e.test_on_air import PATIENCE_MS, browser

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

POLL_MS = 15_000


async def test_viewers_talk_ask_vote_and_send_hearts(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    vera = await show.viewer("Vera")
    ivan = await show.viewer("Ivan", viewport=PHONE, has_touch=True)
    await expect(vera.get_by_test_id("viewers")).to_have_attribute("data-count", "3", timeout=PATIENCE_MS)

    await reply_and_mention(vera, ivan)
    await ask_and_answer(show.host, vera, ivan)
    await poll(show.host, vera, ivan)
    await hearts(vera, ivan)
    for page in (show.host, vera, ivan):
        await accessible(page)
    assert show.problems == []


async def reply_and_mention(vera: Page, ivan: Page) -> None:
    """A tap offers the reply on a phone; a name is chosen with the keyboard; nothing of it is markup."""
    await line(ivan, "Vera is here").tap()
    await line(ivan, "Vera is here").get_by_test_id("chat-reply").tap()
    await expect(ivan.get_by_test_id("replying")).to_contain_text("Vera is here")
    await say(ivan, "Hello <b>you</b>")
    await sees(vera, "Hello <b>you</b>")
    await expect(line(vera, "Hello <b>you</b>").get_by_test_id("chat-quote")).to_contain_text("Vera is here")
    await expect(line(vera, "Hello <b>you</b>")).to_have_class("chat-line chat-line-to-me")
    await expect(ivan.get_by_test_id("replying")).to_have_count(0)

    await vera.get_by_test_id("chat-input").press_sequentially("Hi @iv")
    await expect(vera.get_by_test_id("mention")).to_have_text(["@Ivan"])
    await vera.keyboard.press("Enter")
    await vera.get_by_test_id("chat-emoji").click()
    await vera.get_by_test_id("emoji-picker").get_by_text("🔥").click()
    await expect(vera.get_by_test_id("chat-input")).to_have_value("Hi @Ivan 🔥")
    await vera.get_by_test_id("chat-send").click()
    await sees(ivan, "Hi @Ivan 🔥")
    await expect(line(ivan, "Hi @Ivan 🔥").locator(".chat-mention-me")).to_have_text("@Ivan")
    await expect(line(vera, "Hi @Ivan 🔥").locator(".chat-mention-me")).to_have_count(0)


async def ask_and_answer(host: Page, vera: Page, ivan: Page) -> None:
    """Asked on a phone, voted for on a desktop, put on air and answered in the studio."""
    await ivan.get_by_test_id("open-questions").tap()
    await ivan.get_by_test_id("question-text").fill("Is it food safe?")
    await ivan.get_by_test_id("question-ask").tap()
    await vera.get_by_test_id("tab-questions").click()
    asked = vera.get_by_test_id("question")
    await expect(asked).to_contain_text("Is it food safe?", timeout=PATIENCE_MS)
    await asked.get_by_test_id("question-vote").click()
    await expect(asked.get_by_test_id("question-vote")).to_have_attribute("aria-pressed", "true")
    await expect(ivan.get_by_test_id("question")).to_have_attribute("data-votes", "1", timeout=PATIENCE_MS)

    await host.get_by_test_id("tab-questions").click()
    await host.get_by_test_id("question-live").click()
    await expect(vera.get_by_test_id("live-question")).to_contain_text("Is it food safe?", timeout=PATIENCE_MS)
    await accessible(ivan)
    await ivan.get_by_test_id("questions-sheet").get_by_test_id("close").tap()
    await expect(ivan.get_by_test_id("live-question")).to_be_visible()
    await host.get_by_test_id("question-answered").click()
    await expect(vera.get_by_test_id("live-question")).to_have_count(0, timeout=PATIENCE_MS)
    await expect(asked).to_have_attribute("data-status", "answered")
    await expect(asked).to_contain_text("Answered at")
    await vera.get_by_test_id("tab-chat").click()
    await host.get_by_test_id("tab-chat").click()


async def poll(host: Page, vera: Page, ivan: Page) -> None:
    """One vote each, hidden until the server's clock ends it; a reload remembers what was voted for."""
    await open_desk(host, "polls")
    await host.get_by_test_id("poll-new").click()
    await host.get_by_test_id("poll-question").fill("Which glaze next?")
    await host.get_by_test_id("poll-open").click()
    await expect(host.get_by_test_id("poll-form").get_by_role("alert")).to_be_visible()
    for number, text in enumerate(("Sea blue", "Moss")):
        await host.get_by_test_id(f"poll-answer-{number}").fill(text)
    await host.get_by_test_id("poll-span").select_option(str(POLL_MS // 1000))
    await host.get_by_test_id("poll-hide").check()
    await host.get_by_test_id("poll-open").click()

    await vera.get_by_test_id("poll-option-1").click(timeout=PATIENCE_MS)
    await expect(vera.get_by_test_id("poll-bars")).to_have_attribute("data-hidden", "true")
    await ivan.get_by_test_id("poll-option-1").tap()
    await expect(host.get_by_test_id("desk-poll")).to_have_attribute("data-total", "2", timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("poll-bar-1")).to_have_attribute("data-count", "2")
    await vera.reload()
    await expect(vera.get_by_test_id("poll")).to_have_attribute("data-mine", "1", timeout=PATIENCE_MS)
    for viewer in (vera, ivan):
        await expect(viewer.get_by_test_id("poll")).to_have_attribute("data-status", "closed", timeout=POLL_MS + PATIENCE_MS)
        await expect(viewer.get_by_test_id("poll-bar-1")).to_have_attribute("data-count", "2")
    await accessible(ivan)
    await vera.get_by_test_id("poll-away").click()
    await expect(vera.get_by_test_id("poll")).to_have_count(0)


async def hearts(vera: Page, ivan: Page) -> None:
    """Taps of one fly over the other's video, and all of them are counted."""
    await vera.evaluate("""() => {
      window.flown = 0;
      new MutationObserver((all) => all.forEach(({addedNodes}) => (window.flown += addedNodes.length)))
        .observe(document.querySelector("[data-testid=flying]"), {childList: true});
    }""")
    for _ in range(3):
        await ivan.get_by_test_id("react").tap()
    await expect(vera.get_by_test_id("react")).to_have_attribute("data-total", "3", timeout=PATIENCE_MS)
    await holds(vera, "() => window.flown === 3")


@pytest.mark.reference
async def test_moderators_keep_order(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    vera = await show.viewer("Vera")
    troll = await show.viewer("Troll", viewport=PHONE)
    moderator = await appointed(show)

    await restrain(moderator, troll, [vera, troll, show.host])
    await pin(show.host, vera)
    await slow_mode(moderator, vera)
    await approve_first(moderator, vera, troll)
    await recorded(moderator)
    await accessible(moderator)
    await accessible(troll)
    await block(show.host, troll)
    assert show.problems == []


async def restrain(moderator: Page, troll: Page, everybody: list[Page]) -> None:
    """A message goes from every screen; a muted person is told so where they write, and may write again when it is lifted."""
    await say(troll, "nonsense")
    await sees(moderator, "nonsense")
    await moderate(moderator, "nonsense", "remove")
    for page in everybody:
        await sees(page, "nonsense", 0)
    await moderate(moderator, "Troll is here", "mute-5")
    await say(troll, "more of it")
    await expect(troll.get_by_test_id("composer-state")).to_have_attribute("data-why", "muted", timeout=PATIENCE_MS)
    await expect(troll.get_by_test_id("chat-input")).to_be_disabled()
    await moderator.get_by_test_id("tab-people").click()
    await expect(moderator.get_by_test_id("sanction-row")).to_contain_text("Troll", timeout=PATIENCE_MS)
    await moderator.get_by_test_id("sanction-lift").click()
    await expect(troll.get_by_test_id("chat-input")).to_be_enabled(timeout=PATIENCE_MS)


async def recorded(moderator: Page) -> None:
    """The log has it all."""
    await moderator.get_by_test_id("tab-log").click()
    for action in ("remove_messages", "mute", "lift", "settings", "approve", "reject"):
        row = moderator.locator(f"[data-testid=audit-row][data-action={action}]").first
        await expect(row).to_be_visible(timeout=PATIENCE_MS)


async def block(host: Page, troll: Page) -> None:
    """Out of the show after the second press, and the page says so."""
    await line(host, "Troll is here").hover()
    await line(host, "Troll is here").get_by_test_id("chat-menu").click()
    await host.get_by_test_id("menu-block").click()
    await host.get_by_test_id("menu-block").click()
    await expect(troll.get_by_test_id("missing")).to_contain_text("does not want you", timeout=PATIENCE_MS)


async def appointed(show: Show) -> Page:
    """Somebody who made an account, was refused, spoke, and was appointed beside the message."""
    moderator = await show.visit(f"/moderate/{show.show_id}")
    await moderator.get_by_test_id("door-other").click()
    for name, value in (("name", "Max"), ("email", "max@example.test"), ("password", "correct horse battery")):
        await moderator.get_by_test_id(f"door-{name}").fill(value)
    await moderator.get_by_test_id("door-submit").click()
    await expect(moderator.get_by_test_id("refused")).to_be_visible(timeout=PATIENCE_MS)
    await accessible(moderator)
    await moderator.get_by_role("link", name="To the show").click()
    await say(moderator, "I can help")
    await sees(show.host, "I can help")
    await moderate(show.host, "I can help", "appoint")
    await moderator.goto(f"{show.site.url}/moderate/{show.show_id}")
    await expect(moderator.get_by_test_id("desk")).to_be_visible(timeout=PATIENCE_MS)
    assert await moderator.get_by_test_id("sales").count() == 0
    return moderator


async def pin(host: Page, vera: Page) -> None:
    """A pinned message is above everybody's chat until it is taken away."""
    await moderate(host, "Vera is here", "pin")
    await expect(vera.get_by_test_id("pinned-message")).to_contain_text("Vera is here", timeout=PATIENCE_MS)
    await host.get_by_test_id("chat-unpin").click()
    await expect(vera.get_by_test_id("pinned-message")).to_have_count(0, timeout=PATIENCE_MS)


async def slow_mode(moderator: Page, vera: Page) -> None:
    """The rule is said before, the wait after a message; switched off, both are gone."""
    await moderator.get_by_test_id("tab-rules").click()
    await moderator.get_by_test_id("rule-slow-mode").select_option("60")
    await expect(vera.get_by_test_id("composer-rule")).to_contain_text("1 min", timeout=PATIENCE_MS)
    await say(vera, "slowly")
    await expect(vera.get_by_test_id("chat-wait")).to_be_visible(timeout=PATIENCE_MS)
    await vera.get_by_test_id("chat-input").fill("too soon")
    await expect(vera.get_by_test_id("chat-send")).to_be_disabled()
    await moderator.get_by_test_id("rule-slow-mode").select_option("0")
    await expect(vera.get_by_test_id("chat-send")).to_be_enabled(timeout=PATIENCE_MS)
    await vera.get_by_test_id("chat-input").fill("")


async def approve_first(moderator: Page, vera: Page, troll: Page) -> None:
    """A held message is seen by its author, marked; approved, by everybody, in its place; rejected, by nobody else."""
    await moderator.get_by_test_id("rule-approve_first").check()
    await expect(vera.get_by_test_id("composer-rule")).to_be_visible(timeout=PATIENCE_MS)
    for text in ("May I?", "And this?"):
        await say(vera, text)
        await expect(line(vera, text)).to_have_attribute("data-held", "true", timeout=PATIENCE_MS)
        await expect(moderator.get_by_test_id("held-row").filter(has_text=text)).to_be_visible(timeout=PATIENCE_MS)
    await sees(troll, "May I?", 0)
    await moderator.get_by_test_id("held-row").filter(has_text="May I?").get_by_test_id("held-approve").click()
    await sees(troll, "May I?")
    await expect(line(vera, "May I?")).to_have_attribute("data-held", "false", timeout=PATIENCE_MS)
    await moderator.get_by_test_id("held-row").filter(has_text="And this?").get_by_test_id("held-reject").click()
    await expect(moderator.get_by_test_id("held-row")).to_have_count(0, timeout=PATIENCE_MS)
    await sees(troll, "And this?", 0)
    await moderator.get_by_test_id("rule-approve_first").uncheck()
    await expect(vera.get_by_test_id("composer-rule")).to_have_count(0, timeout=PATIENCE_MS)
