// @ts-check
// A component that is fetched when it is first shown, so that the first load of a page does not carry it.

import { useEffect, useState } from "preact/hooks";
import { offline } from "../lib/errors.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { errorText } from "./words.js";

/**
 * @import { FunctionComponent } from "preact"
 * @typedef {() => Promise<FunctionComponent<any>>} Load one function per component, made once: it is the key of what was fetched
 */

/** @type {Map<Load, FunctionComponent<any>>} */
const fetched = new Map();

/** @param {{ load: Load } & Record<string, any>} props everything else goes to the component */
export function Lazy({ load, ...props }) {
  const [, drawAgain] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (fetched.has(load)) return;
    load().then(
      (component) => {
        fetched.set(load, component);
        drawAgain((count) => count + 1);
      },
      // The network went away between the page and its part; the next time that it is shown is the next try.
      () => setFailed(true),
    );
  }, [load]);
  const component = fetched.get(load);
  if (component) return html`<${component} ...${props} />`;
  return failed ? html`<${ErrorLine} text=${errorText(offline())} />` : null;
}
