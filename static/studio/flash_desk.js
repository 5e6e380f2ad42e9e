// @ts-check
// @css ../components/poll.css
// The host's flash sales: start one, watch what is left, end it early.

import { useEffect, useState } from "preact/hooks";
import { useTimeLeft } from "../components/countdown.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Price } from "../components/price.js";
import { errorText, t } from "../components/words.js";
import { asApiError } from "../lib/errors.js";
import { formatSpan } from "../lib/money.js";
import { salesApi } from "../lib/sales_api.js";
import { useDraft } from "./draft.js";
import { FlashForm } from "./flash_form.js";

/**
 * @import { FlashSaleView, SaleRecord } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** A sale that the ledger has not answered yet is looked at again after this. */
const LOOK_MS = 500;

/** @param {{ room: Room }} props */
export function FlashDesk({ room }) {
  const [asking, setAsking] = useState(false);
  const { sku, close } = useDraft(room, "flash", setAsking);
  const [asked, setAsked] = useState(/** @type {SaleRecord | null} */ (null));
  const sales = room.flashSales.value?.sales ?? [];
  const ended = room.show.value?.state === "ended";
  useEffect(() => {
    if (asked?.state !== "opening") return undefined;
    const timer = setTimeout(async () => {
      const { sales: all } = await salesApi.sales(room.showId).catch(() => ({ sales: [asked] }));
      setAsked({ ...(all.find((each) => each.sale_id === asked.sale_id) ?? asked) });
    }, LOOK_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const start = (/** @type {SaleRecord} */ sale) => {
    setAsked(sale);
    close();
  };
  return html`
    <section class="panel stack poll-desk" data-testid="flash-desk">
      <header><h2>${t("flash-desk-title")}</h2>
        ${!asking && !ended && html`
          <button class="button button-small" type="button" data-testid="flash-new" disabled=${room.items.value.length === 0} onClick=${() => setAsking(true)}><${Icon} name="zap" />${t("flash-new")}</button>`}
      </header>
      ${asking && html`<${FlashForm} key=${sku} room=${room} first=${sku} onDone=${start} onClose=${close} />`}
      ${asked?.state === "refused" && html`<${ErrorLine} text=${t("flash-refused")} />`}
      ${sales.length === 0 && !asking && html`<p class="empty">${t("flash-empty")}</p>`}
      ${sales.map((sale) => html`<${DeskSale} key=${sale.sale_id} room=${room} sale=${sale} />`)}
    </section>
  `;
}

/** @param {{ room: Room, sale: FlashSaleView }} props */
function DeskSale({ room, sale }) {
  const untilStart = useTimeLeft(sale.starts_at_ms);
  const untilEnd = useTimeLeft(sale.ends_at_ms);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const announced = untilStart > 0;
  const close = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await salesApi.closeSale(sale.sale_id);
    } catch (error) {
      setProblem(errorText(asApiError(error)));
      setBusy(false);
    }
  };
  return html`
    <article class="desk-poll" data-testid="desk-flash" data-phase=${announced ? "announced" : "on"}>
      <p class="row desk-poll-head"><strong>${t(announced ? "flash-soon" : "flash-on")}</strong>
        <span class="poll-left numbers" role="timer">${t(announced ? "flash-starts-in" : "flash-ends-in", { time: formatSpan(announced ? untilStart : untilEnd) })}</span></p>
      ${sale.items.map((offer) => {
        const item = room.items.value.find((each) => each.offer.sku === offer.sku);
        return html`<p class="row desk-flash-item" key=${offer.sku}>
          <span>${item?.offer.title ?? offer.sku}</span> <${Price} price=${offer.price} normal=${item?.offer.price} />
          <span class="soft small numbers" data-testid=${`desk-flash-${offer.sku}`} data-available=${offer.available} data-held=${offer.held} data-sold=${offer.sold}>
            ${t("stock-numbers", { available: offer.available, held: offer.held, sold: offer.sold })}</span></p>`;
      })}
      ${problem && html`<${ErrorLine} text=${problem} />`}
      <button class="button button-small" type="button" data-testid="flash-close" disabled=${busy} onClick=${close}>${t("flash-close")}</button>
    </article>
  `;
}
