// @ts-check
// @css ../components/pin_card.css
// @css ../components/reactions.css
// What is beside the video on a desktop and over its lower half on a phone: chat, questions, poll, products, writing.

import { useEffect, useState } from "preact/hooks";
import { ChatPanel } from "../components/chat_panel.js";
import { Composer } from "../components/composer.js";
import { Connection } from "../components/connection.js";
import { FollowButton } from "../components/follow_button.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Lazy } from "../components/lazy.js";
import { Tabs } from "../components/tabs.js";
import { useWide } from "../components/wide.js";
import { t } from "../components/words.js";
import { NowOn } from "./now_on.js";
import { Pins } from "./pins.js";

/**
 * @import { ChatMessage, Mention } from "../../schemas/generated/messages"
 * @import { Inbox } from "../lib/inbox.js"
 * @import { Item } from "../lib/offers.js"
 * @import { ShowPage } from "./show_page.js"
 */

const reactions = () => import("../components/reactions.js").then((module) => module.Reactions);
const questionsPanel = () => import("../components/questions_panel.js").then((module) => module.QuestionsPanel);
const questionsSheet = () => import("./questions_sheet.js").then((module) => module.QuestionsSheet);
const menuModule = () => import("./player_menu.js");
const messageMenu = () => menuModule().then((module) => module.PlayerMenu);

/**
 * @param {{ page: ShowPage, inbox: Inbox, open: Item | false | null | undefined, askName: () => Promise<boolean>, onBuy: (item: Item) => void, onOrders: () => void, onCart: () => void }} props
 *   `open`: the product whose payment is not settled
 */
export function Side({ page, inbox, open, askName, onBuy, onOrders, onCart }) {
  const wide = useWide();
  const [panel, setPanel] = useState("chat");
  const [menu, setMenu] = useState(/** @type {ChatMessage | null} */ (null));
  const { talk } = page;
  const market = page.market.value;
  const waiting = market?.questions.waiting.value ?? 0;
  const units = market?.cart.units.value ?? 0;
  const show = page.show.value?.show ?? null;
  const ended = show?.state === "ended";
  const mayFollow = show !== null && inbox.mayFollow(show.host_id);
  const following = mayFollow && inbox.following.value.host_ids.includes(show.host_id);
  useEffect(() => {
    talk.following.value = mayFollow ? following : null;
  }, [mayFollow, following]);
  // What is in a flash sale stands there, and not twice.
  const onFlash = new Set(market?.flashSales.sales.value.flatMap((sale) => sale.items.map(({ sku }) => sku)));
  const asking = { questions: market?.questions, me: page.live.me.value?.actor_id ?? null, beforeAsk: askName, disabled: ended };
  const say = async (/** @type {string} */ text, /** @type {Mention[]} */ people) => {
    if (!(await askName())) return false;
    await talk.say(text, people);
    return true;
  };
  const [moderate] = useState(() => ({ menu: setMenu, remove: (/** @type {ChatMessage} */ message) => menuModule().then((module) => module.removeMessage(page, message)) }));

  const pins = html`<${Pins} items=${page.items.value.filter(({ offer }) => !onFlash.has(offer.sku))} sales=${market?.flashSales ?? null} onBuy=${onBuy} beforeJoin=${askName} />`;

  return html`
    <aside class="side">
      <${Connection} live=${page.live} />
      <div class="side-sales">
        ${market && html`<${NowOn} page=${page} market=${market} askName=${askName} onBuy=${onBuy} onOrders=${onOrders} />`}
        ${wide && pins}
      </div>
      ${wide && html`
        <${Tabs} label=${t("talk-title")} chosen=${panel} onChoose=${setPanel}
          tabs=${[{ id: "chat", label: t("chat-title") }, { id: "questions", label: t("questions-title"), count: waiting }]} />`}
      ${wide && panel === "questions" && market
        ? html`<${Lazy} load=${questionsPanel} ...${asking} />`
        : html`<${ChatPanel} talk=${talk} moderate=${talk.mayModerate.value ? moderate : null} />`}
      ${!wide && panel === "questions" && market && html`<${Lazy} load=${questionsSheet} ...${asking} onClose=${() => setPanel("chat")} />`}
      ${open && html`
        <button class="open-order button" type="button" data-testid="open-order" onClick=${() => onBuy(open)}>
          <${Icon} name="clock" />${t("order-open")}
        </button>
      `}
      ${units > 0 && html`
        <button class="open-order button" type="button" data-testid="open-cart" onClick=${onCart}>${t("cart-open", { count: units })}</button>`}
      ${!wide && pins}
      ${!(wide && panel === "questions") && html`
        <div class="side-foot">
          <${Composer} talk=${talk} onSend=${say} disabled=${ended}
            follow=${mayFollow && html`<${FollowButton} inbox=${inbox} hostId=${show.host_id} name=${show.host_name} />`}>
            ${!wide && html`
              <button class="button button-round side-questions" type="button" data-testid="open-questions" onClick=${() => setPanel("questions")}
                aria-label=${t("questions-open", { count: waiting })}><${Icon} name="circle-question-mark" />
                ${waiting > 0 && html`<span class="side-count numbers" aria-hidden="true">${waiting}</span>`}</button>`}
            <span class="reactions">${market && html`<${Lazy} load=${reactions} hearts=${market.hearts} disabled=${ended} />`}</span>
          <//>
        </div>`}
      ${menu && html`<${Lazy} load=${messageMenu} page=${page} message=${menu} onClose=${() => setMenu(null)} />`}
    </aside>
  `;
}
