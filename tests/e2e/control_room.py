"""The way to a desk of the studio's control room, on a desktop and on a phone."""

from playwright.async_api import Page

GROUPS = {
    "run": "run",
    "chat": "chat",
    **dict.fromkeys(("flash", "auctions", "giveaways", "polls", "coupons"), "sell"),
    "guests": "guests",
    **dict.fromkeys(("orders", "stock", "moderation", "links"), "more"),
}
"""Where each desk is in a phone's bar."""


async def open_desk(page: Page, desk: str) -> None:
    """Bring a desk to the front, as a person does: by the rail of a desktop, or by a phone's bar and its tabs."""
    await page.get_by_test_id("room-title").wait_for()
    for testid in (f"nav-{GROUPS[desk]}", f"tab-{desk}"):
        if await page.get_by_test_id(testid).count():
            await page.get_by_test_id(testid).click()
