// @ts-check
// Asked once, at the first message or purchase: what to call this viewer.

import { Dialog } from "./dialog.js";
import { Field } from "./field.js";
import { useForm } from "./form.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @param {{ onName: (name: string) => Promise<void>, onClose: () => void }} props */
export function NicknameSheet({ onName, onClose }) {
  const form = useForm(async ({ name }) => onName(name.trim()));
  return html`
    <${Dialog} title=${t("nickname-title")} testid="nickname-sheet" onClose=${onClose}>
      <p class="soft">${t("nickname-text")}</p>
      <form class="stack" onSubmit=${form.onSubmit}>
        <${Field} label=${t("nickname-label")} name="name" required maxlength="40" autocomplete="nickname" autofocus data-testid="nickname" error=${form.errorOf("name")} />
        ${form.rest(["name"])}
        <button class="button button-primary button-large button-wide" type="submit" data-testid="nickname-save" disabled=${form.busy}>${t("nickname-save")}</button>
      </form>
    <//>
  `;
}
