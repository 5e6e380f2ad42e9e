// @ts-check
// One's saved cards, on a page of their own.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { CardList } from "../components/card_list.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { locale, t } from "../components/words.js";
import { Cards } from "../lib/cards.js";
import { Live, freshId } from "../lib/store.js";

const cards = new Cards({ freshId });
const entered = signal(false);

const CardsPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="door panel stack">
    <h1>${t("cards-title")}</h1>
    ${entered.value && html`<${CardList} cards=${cards} />`}
  </main>
`;

await mount(CardsPage, () => t("cards-title"));
// Whoever comes here first is a guest like everywhere: cards belong to somebody.
const name = t("guest-name", { number: String(1000 + Math.floor(Math.random() * 9000)) });
await new Live(location.origin).enter(name, locale()).catch(() => null);
entered.value = true;
