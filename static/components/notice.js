// @ts-check
// @css notice.css
// A page that has one thing to say: what is wrong, and what to do about it.

import { html } from "./html.js";
import { Icon } from "./icon.js";

/** @param {{ icon: string, title: string, text: string, testid: string, children?: unknown } & Record<string, unknown>} props everything else goes to the element */
export const Notice = ({ icon, title, text, testid, children, ...rest }) => html`
  <main class="notice" data-testid=${testid} ...${rest}>
    <span class="notice-sign"><${Icon} name=${icon} /></span>
    <h1>${title}</h1>
    <p class="soft">${text}</p>
    ${children}
  </main>
`;
