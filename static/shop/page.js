// @ts-check
// @css page.css
// The host's shop: `/shop/` shows the products, `/shop/new` makes one, `/shop/<product_id>` edits one.

import { signal } from "@preact/signals";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { mount } from "../components/page.js";
import { errorText, t } from "../components/words.js";
import { Live } from "../lib/store.js";
import { HostPage } from "../studio/host_page.js";
import { ShopDesk } from "./desk.js";
import { ProductEditor } from "./product_editor.js";
import { ProductForm } from "./product_form.js";
import { Products } from "./products.js";

const live = new Live(location.origin);
const desk = new ShopDesk();
const ready = signal(false);
const subject = location.pathname.split("/")[2] ?? "";

async function enter() {
  await live.whoAmI();
  ready.value = true;
  if (live.me.value?.roles.includes("host")) await desk.load();
}

function Page() {
  const frame = { me: live.me.value, ready: ready.value, onEnter: enter };
  if (!subject) return html`<${HostPage} ...${frame} title=${t("shop-title")}><${Loaded}><${Products} desk=${desk} /><//><//>`;
  const title = subject === "new" ? t("product-new") : desk.find(subject)?.title ?? t("shop-title");
  return html`
    <${HostPage} ...${frame} title=${title} back="/shop/" backLabel=${t("shop-title")}>
      ${subject === "new" ? html`<${ProductForm} />` : html`<${Loaded}><${Subject} /><//>`}
    <//>
  `;
}

function Subject() {
  const product = desk.find(subject);
  return product ? html`<${ProductEditor} desk=${desk} product=${product} />` : html`<p class="empty" data-testid="product-unknown">${t("product-unknown")}</p>`;
}

/** @param {{ children?: any }} props */
function Loaded({ children }) {
  const problem = desk.problem.value;
  if (desk.products.value) return children;
  if (!problem) return html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`;
  return html`<${ErrorLine} text=${errorText(problem)} /><div><button class="button" type="button" data-testid="again" onClick=${desk.load}>${t("retry")}</button></div>`;
}

await mount(Page, () => `${t("shop-title")} — Efir`);
await enter();
