// @ts-check
// The money of one order: what it came to, and every transfer with both of its sides.

import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { errorText, locale, t } from "../components/words.js";
import { orderBooks } from "../lib/books.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { amount, Figures } from "./figures.js";
import { ACCOUNTS, KINDS } from "./words.js";

/** @import { OrderBooksView, TransferView } from "../../schemas/generated/messages" */

/** @param {{ orderId: string, onClose: () => void }} props */
export function OrderSheet({ orderId, onClose }) {
  const [view, setView] = useState(/** @type {OrderBooksView | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    orderBooks(orderId).then(setView, (error) => setProblem(errorText(asApiError(error))));
  }, [orderId]);
  return html`
    <${Dialog} title=${`${t("statement-order")} № ${orderId.slice(-8)}`} onClose=${onClose} testid="order-sheet">
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${!view && !problem && html`<p class="soft">${t("loading")}</p>`}
      ${view?.figures && html`<${Figures} figures=${view.figures} />`}
      ${view && html`
        <h3>${t("books-transfers")}</h3>
        <ol class="transfers">${view.transfers.map((transfer) => html`<${Transfer} key=${transfer.transfer_id} transfer=${transfer} />`)}</ol>
        <a class="button" href=${`/watch/${view.show_id}`}>${t("statement-show")}</a>`}
    <//>
  `;
}

/** @param {{ transfer: TransferView }} props */
const Transfer = ({ transfer }) => html`
  <li class="transfer" data-testid="transfer" data-kind=${transfer.kind}>
    <table>
      <caption><strong>${t(KINDS[transfer.kind])}</strong> <span class="soft small">${formatDay(transfer.at_ms, locale())}</span></caption>
      <thead><tr><th scope="col">${t("books-account")}</th><th scope="col" class="lines-number">${t("books-debit")}</th><th scope="col" class="lines-number">${t("books-credit")}</th></tr></thead>
      <tbody>${transfer.entries.map((entry) => html`
        <tr key=${entry.account}>
          <th scope="row">${t(ACCOUNTS[entry.account])}</th>
          <td class="lines-number numbers">${entry.debit_minor ? amount(entry.debit_minor, entry.currency) : ""}</td>
          <td class="lines-number numbers">${entry.credit_minor ? amount(entry.credit_minor, entry.currency) : ""}</td>
        </tr>`)}</tbody>
    </table>
  </li>
`;
