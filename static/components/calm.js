// @ts-check
// What changes faster than anybody reads is drawn now and then, not every time.

import { useEffect, useState } from "preact/hooks";

/** @import { ReadonlySignal } from "@preact/signals" */

/** The first change after a pause is drawn at once, those that follow together. @template T @param {ReadonlySignal<T>} source @param {number} everyMs @returns {T} */
export function useCalm(source, everyMs) {
  const [value, setValue] = useState(() => source.peek());
  useEffect(() => {
    let timer = 0;
    let later = false;
    const show = () => {
      setValue(source.peek());
      later = false;
      timer = window.setTimeout(() => {
        timer = 0;
        if (later) show();
      }, everyMs);
    };
    const leave = source.subscribe(() => {
      if (timer) later = true;
      else show();
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [source, everyMs]);
  return value;
}
