// @ts-check
// @css inbox.css
// The switch for notifications while no page is open. The browser is asked on a click and never before.

import { useEffect, useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { Push } from "../lib/push.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { errorText, locale, t } from "./words.js";

/** @import { ApiError } from "../lib/errors.js" */
/** @import { PushStatus } from "../lib/push.js" */

const push = new Push();

export function InboxPush() {
  const [status, setStatus] = useState(/** @type {PushStatus | "asking" | null} */ (null));
  const [error, setError] = useState(/** @type {ApiError | null} */ (null));
  const run = async (/** @type {() => Promise<PushStatus>} */ action) => {
    setError(null);
    try {
      setStatus(await action());
    } catch (problem) {
      setError(asApiError(problem));
      setStatus(await push.status());
    }
  };
  useEffect(() => {
    run(async () => {
      await push.refresh(locale());
      return push.status();
    });
  }, []);
  const turnOn = () => {
    setStatus("asking");
    run(() => push.turnOn(locale()));
  };
  return html`
    <div class="inbox-push" data-testid="push" data-status=${status ?? "loading"}>
      ${status === "off" && html`<button class="button" type="button" data-testid="push-on" onClick=${turnOn}>${t("push-on")}</button>`}
      ${status === "on" && html`
        <p class="soft small">${t("push-active")}</p>
        <button class="button button-small" type="button" data-testid="push-off" onClick=${() => run(() => push.turnOff())}>${t("push-off")}</button>`}
      <p class="soft small" role="status">
        ${status === "asking" && t("push-asking")}${status === "denied" && t("push-denied")}${status === "unsupported" && t("push-unsupported")}
      </p>
      ${error && html`<${ErrorLine} text=${errorText(error)} />`}
    </div>
  `;
}
