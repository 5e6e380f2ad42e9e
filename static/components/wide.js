// @ts-check
// Whether there is room for two columns, as the style sheets decide it.

import { useEffect, useState } from "preact/hooks";

/** The break of watch/page.css and moderate/page.css. */
const WIDE = "(min-width: 60rem)";

export function useWide() {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const changed = () => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return wide;
}
