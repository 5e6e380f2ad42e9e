// @ts-check
// @css ../components/account.css
// What one has bid for, and how it stands or ended.

import { useEffect, useMemo } from "preact/hooks";
import { html } from "../components/html.js";
import { Picture } from "../components/picture.js";
import { Waiting } from "../components/waiting.js";
import { locale, t } from "../components/words.js";
import { accountApi } from "../lib/account_api.js";
import { Loaded } from "../lib/loaded.js";
import { formatMoney } from "../lib/money.js";
import { Nothing } from "./nothing.js";

/** @import { MyBid, MyBidsView } from "../../schemas/generated/messages" */

/** @type {Record<MyBid["standing"], string>} */
const STANDINGS = {
  leading: "account-bid-leading",
  outbid: "account-bid-outbid",
  won: "account-bid-won",
  lost: "account-bid-lost",
  void: "account-bid-void",
};

export function Bids() {
  const bids = useMemo(() => new Loaded(() => accountApi.bids()), []);
  useEffect(() => void bids.load(), []);
  return html`
    <${Waiting} of=${bids}>${(/** @type {MyBidsView} */ { bids: list }) => html`
      ${list.length === 0 && html`<${Nothing} icon="gavel" title=${t("account-no-bids")} text=${t("account-no-bids-text")} href="/" go=${t("player-to-start")} />`}
      <ul class="account-list">${list.map((bid) => html`<${Row} key=${bid.lot_id} bid=${bid} />`)}</ul>
    `}<//>
  `;
}

/** @param {{ bid: MyBid }} props */
function Row({ bid }) {
  const runs = bid.standing === "leading" || bid.standing === "outbid";
  const href = bid.order_id ? `/order/${bid.order_id}` : runs ? `/watch/${bid.show_id}` : `/lot/${bid.lot_id}`;
  return html`
    <li class="account-row" data-testid="account-bid" data-standing=${bid.standing}>
      <span class="account-picture"><${Picture} url=${bid.image_url} title=${bid.title} /></span>
      <div class="account-words">
        <a class="account-row-link" href=${href}><strong>${bid.title}</strong></a>
        <span class="soft small">${t("account-bid-maximum", { amount: formatMoney(bid.maximum, locale()) })}</span>
        <span class=${`account-mark account-mark-${bid.standing}`}>${t(STANDINGS[bid.standing])}</span>
      </div>
      <span class="account-sum numbers">${bid.price && formatMoney(bid.price, locale())}</span>
    </li>
  `;
}
