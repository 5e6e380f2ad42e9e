"""Every form that is refused: it says why in the person's language, and what was typed is still there."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Error, Locator, Page, Route, expect

from schemas.errors import INVALID_FIELD, UNAVAILABLE
from server.http.problem import problem_response
from tests.e2e.control_room import open_desk
from tests.e2e.site import Site
from tests.e2e.test_accessibility import Shop
from tests.e2e.test_on_air import PATIENCE_MS, browser

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

TYPED = {"email": "anna@example.test", "password": "correct horse battery", "url": "https://example.test/", "number": "3"}
WORDS = {422: "Проверьте, что вы ввели", 503: "Сейчас недоступно", 0: "Нет связи"}
"""Russian of `error-invalid_field`, `error-unavailable` and `error-offline`."""
VALUES = """(form) => [...form.querySelectorAll("input, textarea, select")]
  .map((each) => (each.type === "checkbox" ? each.checked : each.value))"""


@dataclass(frozen=True)
class Form:
    """Where a form is, what is pressed first (test ids), and what of it is typed in a certain way (by name of the field)."""

    who: str
    path: str
    form: str
    desk: str = ""
    press: tuple[str, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()


FORMS = {
    # The giveaway lasts five minutes.
    "gate": Form("stranger", "/watch/{market}", "[data-testid=gate-account]", press=("giveaway-enter",)),
    "login": Form("stranger", "/studio/", "form:has([data-testid=login-email])"),
    "door": Form("stranger", "/moderate/{show}", "form:has([data-testid=door-email])"),
    "show": Form("owner", "/studio/", "form:has([data-testid=show-create])"),
    "poll": Form("owner", "/studio/?show={show}", "[data-testid=poll-form]", "polls", ("poll-new",)),
    "coupon": Form(
        "owner", "/studio/?show={show}", "[data-testid=coupon-form]", "coupons", ("coupon-new",), (("code", "SPRING"),)
    ),
    "auction": Form("owner", "/studio/?show={show}", "[data-testid=auction-form]", "auctions", ("auction-new",)),
    "giveaway": Form("owner", "/studio/?show={show}", "[data-testid=giveaway-form]", "giveaways", ("giveaway-new",)),
    "product": Form("owner", "/shop/new", "[data-testid=product-form]", typed=(("sku", "CUP-1"),)),
    "webhook": Form("owner", "/webhooks/", "[data-testid=hook-form]", press=("hook-new",)),
    "staff": Form("owner", "/staff/", "[data-testid=invite-form]", press=("invite",)),
    "profile": Form("owner", "/account/#settings", "[data-testid=profile]"),
    "address": Form("buyer", "/addresses/", "[data-testid=address-form]", press=("add-address",)),
    "flash sale": Form("owner", "/studio/?show={show}", "[data-testid=flash-form]", "flash", ("flash-new",)),
    "invitation": Form("owner", "/studio/?show={show}", "[data-testid=invites] form", "guests", ("invites-open",)),
    "words": Form("owner", "/studio/?show={show}", "[data-testid=rules] form", "moderation"),
    "delivery": Form("owner", "/studio/?show={show}", "[data-testid=delivery-form]", "orders", ("delivery-open",)),
    "details": Form("owner", "/shop/{product}", "[data-testid=product-details]"),
    "variant": Form("owner", "/shop/{product}", "[data-testid=variant-form]", press=("variant-add",), typed=(("sku", "MUG-2"),)),
    "count": Form("owner", "/shop/{product}", "form:has([data-testid=count-MUG])", press=("stock-edit-MUG",)),
    "price": Form("owner", "/shop/{product}", "form:has([data-testid=price-MUG])", press=("stock-edit-MUG",)),
    "password": Form("owner", "/account/#settings", "[data-testid=password]"),
    "registration": Form("buyer", "/account/#settings", "[data-testid=sign-up]", press=("register",)),
    "parcel": Form("owner", "/order/{order}", "[data-testid=ship-form]"),
    "refund": Form("owner", "/order/{order}", "[data-testid=refund-form]"),
    "withdrawal": Form("owner", "/order/{order}", "[data-testid=withdraw-form]"),
}


async def fill(form: Locator, given: dict[str, str]) -> None:
    """Something in every field that a person sees and that is empty, and another number in those that have one."""
    for number, field in enumerate(await form.locator("input:visible, textarea:visible").all()):
        kind = await field.get_attribute("type") or "text"
        name = (await field.get_attribute("name") or "").partition("-")[0]
        if kind in ("checkbox", "radio", "file", "datetime-local", "range", "search") or (
            kind != "number" and await field.input_value()
        ):
            continue
        await field.fill(given.get(name, TYPED.get(kind, "12" if await field.get_attribute("inputmode") else f"Пример {number}")))


async def refused(page: Page, form: Locator, status: int) -> None:
    """Send it to a server that answers so (0: not at all); look what the form says and keeps."""

    async def answer(route: Route) -> None:
        if route.request.method == "GET":
            await route.continue_()
        elif status == 0:
            await route.abort()
        else:
            response = problem_response(INVALID_FIELD if status == 422 else UNAVAILABLE)
            await route.fulfill(status=status, headers=dict(response.headers), body=bytes(response.body))

    before = await form.evaluate(VALUES)
    await page.route("**/api/**", answer)
    await form.locator("button[type=submit]").last.click()
    await expect(form.get_by_role("alert").first).to_be_visible(timeout=PATIENCE_MS)
    await expect(form.get_by_role("alert").first).to_contain_text(WORDS[status])
    assert await form.evaluate(VALUES) == before
    await expect(form.locator("button[type=submit]").last).to_be_enabled()
    await page.unroute_all()


async def complaint(page: Page, shop: Shop, form_: Form) -> str:
    """What is wrong with how this form takes a refusal; nothing: the empty string."""
    await page.context.add_cookies([{"name": "efir_locale", "value": "ru", "url": shop.site.url}])
    await page.goto(shop.site.url + form_.path.format(**shop.ids))
    try:
        if form_.desk:
            await open_desk(page, form_.desk)
        for testid in form_.press:
            await page.get_by_test_id(testid).first.click()
        form = page.locator(form_.form)
        await form.wait_for()
        await fill(form, dict(form_.typed))
        for status in WORDS:
            await refused(page, form, status)
    except (AssertionError, Error) as error:  # every form is tried, and all that fail are told at the end
        return str(error).partition("Call log")[0]  # not the whole page
    return ""


@pytest.mark.reference
async def test_a_refused_form_says_why_and_keeps_what_was_typed(site: Site, browser: Browser) -> None:
    problems, failed = list[str](), list[str]()
    async with Shop(site, browser) as shop:
        for name, each in FORMS.items():
            page = await shop.page(each.who, problems)
            if error := await complaint(page, shop, each):
                failed.append(f"{name}: {error}")
            await page.context.close()
    assert not failed, "\n".join(failed)
    assert problems == []
