// @ts-check
// One's saved cards, on a page of their own.

import { Brand } from "../components/brand.js";
import { CardList } from "../components/card_list.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { t } from "../components/words.js";
import { Cards } from "../lib/cards.js";
import { freshId } from "../lib/store.js";

const cards = new Cards({ freshId });

const CardsPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="door panel stack">
    <h1>${t("cards-title")}</h1>
    <${CardList} cards=${cards} />
  </main>
`;

await mount(CardsPage, () => t("cards-title"));
