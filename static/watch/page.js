// @ts-check
// @css ../components/questions.css
// @css page.css
// The player page: video, pinned products, chat, purchase.

import { useRef, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Lazy } from "../components/lazy.js";
import { mount, onNetworkChange, onWake } from "../components/page.js";
import { Picture as Cover } from "../components/picture.js";
import { StageState } from "../components/stage_state.js";
import { errorText, locale, t } from "../components/words.js";
import { embedded } from "../lib/embedded.js";
import { Inbox } from "../lib/inbox.js";
import { launch } from "../lib/launch.js";
import { makeComfortable } from "./comfort.js";
import { picture } from "./picture.js";
import { Screen } from "./screen.js";
import { ShowPage } from "./show_page.js";
import { Side } from "./side.js";
import { StageTop } from "./stage_top.js";

/** @import { Item } from "../lib/offers.js" */

const liveQuestion = () => import("../components/live_question.js").then((module) => module.LiveQuestion);
const waitForShow = () => import("../components/wait_for_show.js").then((module) => module.WaitForShow);
const productSheet = () => import("../components/product_sheet.js").then((module) => module.ProductSheet);
const nicknameSheet = () => import("../components/nickname_sheet.js").then((module) => module.NicknameSheet);
const ordersSheet = () => import("../components/orders_sheet.js").then((module) => module.OrdersSheet);
const qualitySheet = () => import("../components/quality_sheet.js").then((module) => module.QualitySheet);
const cartSheet = () => import("../components/cart_sheet.js").then((module) => module.CartSheet);
const inTelegram = () => import("./in_telegram.js");
const telegramSheet = () => inTelegram().then((module) => module.Stranger);
const inFrame = () => import("./in_frame.js");
const cookieSheet = () => inFrame().then((module) => module.CookieSheet);
const rehearsalNote = () => import("../components/rehearsal_note.js").then((module) => module.RehearsalNote);
const flying = () => import("../components/flying.js").then((module) => module.Flying);

const page = new ShowPage(picture, location.origin);
const inbox = new Inbox(page.live);
makeComfortable(page);
// On its way while the words come, so that the first drawing has it; what went wrong is said by `start`.
page.learn().catch(() => undefined);

/** Name of a guest who has not chosen one yet: four digits keep them apart. */
const guestName = () => t("guest-name", { number: String(1000 + Math.floor(Math.random() * 9000)) });

function WatchPage() {
  const [sheet, setSheet] = useState(/** @type {"product" | "cart" | "orders" | "nickname" | "quality" | null} */ (null));
  const [sku, setSku] = useState(/** @type {string | null} */ (null));
  const named = useRef(/** @type {((done: boolean) => void) | null} */ (null));
  const show = page.show.value?.show ?? null;
  const market = page.market.value;
  const question = market?.questions.now.value;
  const items = page.items.value;
  const item = items.find((each) => each.offer.sku === sku);
  const waits = market?.open.value;
  /** The product whose payment is not settled. */
  const open = waits && items.find((each) => each.offer.sku === waits.lines[0].sku);
  const before = useRef(/** @type {typeof sheet} */ (null));

  /** Resolves once the viewer has a name; false when they closed the question. */
  const askName = async () => {
    await page.entered;
    if (!page.nameless) return true;
    before.current = sheet;
    setSheet("nickname");
    return new Promise((/** @type {(done: boolean) => void} */ resolve) => (named.current = resolve));
  };
  const answerName = (/** @type {boolean} */ done) => {
    setSheet(before.current);
    named.current?.(done);
    named.current = null;
  };
  const openProduct = async (/** @type {Item} */ { offer }) => {
    (await page.openMarket()).putAway(offer.sku);
    setSku(offer.sku);
    setSheet("product");
  };
  const openCart = () => {
    market?.putAway();
    setSheet("cart");
  };
  const openOrders = async () => {
    setSheet("orders");
    await (await page.openMarket()).loadOrders();
  };

  if (page.missing.value) return html`<${Missing} />`;
  return html`
    <main class="watch">
      <section class="stage on-video">
        <${Screen} page=${page} onQuality=${() => setSheet("quality")} />
        ${show && show.state !== "live" && show.cover_url && html`<span class="stage-cover"><${Cover} url=${show.cover_url} title=${show.title} /></span>`}
        <${StageState} show=${show} status=${picture.state.value.status} error=${picture.state.value.error} onRetry=${() => picture.whep.start()}>
          ${show?.state === "scheduled" && !show.rehearsal_of && html`<${Lazy} load=${waitForShow} inbox=${inbox} show=${show} />`}
        <//>
        <${StageTop} page=${page} show=${show} inbox=${inbox} onOrders=${openOrders} />
        ${show?.rehearsal_of && html`<${Lazy} load=${rehearsalNote} over />`}
        <div class="live-question-place" aria-live="polite">${question && html`<${Lazy} load=${liveQuestion} key=${question.question_id} row=${question} />`}</div>
        ${market && html`<${Lazy} load=${flying} hearts=${market.hearts} />`}
      </section>
      <${Side} page=${page} inbox=${inbox} open=${open} askName=${askName} onBuy=${openProduct} onOrders=${openOrders} onCart=${openCart} />
      ${sheet === "product" && item && market && html`
        <${Lazy} load=${productSheet} item=${item} variants=${items.filter(({ offer }) => offer.product_id === item.offer.product_id && offer.listed)} onVariant=${openProduct}
          bill=${market.cart.single} cart=${market.cart} checkout=${market.checkout} wallet=${market.wallet} beforeBuy=${askName} onClose=${() => setSheet(null)} />`}
      ${sheet === "cart" && market && html`
        <${Lazy} load=${cartSheet} cart=${market.cart} bill=${market.cart.bill} checkout=${market.checkout} wallet=${market.wallet} beforeBuy=${askName} onClose=${() => setSheet(null)} />`}
      ${sheet === "orders" && market && html`<${Lazy} load=${ordersSheet} orders=${market.orders.value} now=${market.checkout.order.value} onClose=${() => setSheet(null)} />`}
      ${sheet === "quality" && html`
        <${Lazy} load=${qualitySheet} quality=${picture.quality.value} choice=${picture.choice.value} onClose=${() => setSheet(null)}
          onChoose=${(/** @type {string | null} */ rid) => picture.choose(rid)} />`}
      ${launch && html`<${Lazy} load=${telegramSheet} />`}
      ${embedded && html`<${Lazy} load=${cookieSheet} />`}
      ${sheet === "nickname" && html`
        <${Lazy} load=${nicknameSheet} onClose=${() => answerName(false)}
          onName=${async (/** @type {string} */ name) => {
            await page.takeName(name, locale());
            answerName(true);
          }} />`}
    </main>
  `;
}

const Missing = () => html`
  <main class="missing on-video" data-testid="missing">
    <${Icon} name="triangle-alert" />
    <p>${page.missing.value && errorText(page.missing.value)}</p>
    <a class="button button-primary" href="/">${t("player-to-start")}</a>
  </main>
`;

await mount(WatchPage, () => (page.show.value ? t("watch-title", { title: page.show.value.show.title }) : t("start-title")));
onWake(() => page.wake());
onNetworkChange(() => picture.whep.networkChanged());
window.addEventListener("pagehide", () => picture.whep.stop());
window.addEventListener("pageshow", (event) => event.persisted && picture.whep.start());
// What a viewer will most likely ask for is there before they do, and holds up nothing that they see first.
page.entered.then(() => Promise.all([page.openMarket().then((market) => market.hear(inbox)), nicknameSheet(), productSheet()])).catch(() => undefined);
/** Within somebody else's page the person is known before they count as a guest. */
async function signIn() {
  if (launch) await (await inTelegram()).signIn(page, locale());
  if (embedded) await (await inFrame()).enter(page, guestName(), locale());
}
if (embedded) (await inFrame()).report(page);
await page.start(guestName(), locale(), signIn);
