// @ts-check
// A product that the host has taken to a desk from the run of show: the desk's form opens with it.

import { useEffect } from "preact/hooks";

/** @import { DeskId, Room } from "./room.js" */

/** @param {Room} room @param {DeskId} desk @param {(open: boolean) => void} setOpen
 * @returns {{ sku: string | null, close: () => void }} `close`: the form is done with */
export function useDraft(room, desk, setOpen) {
  const draft = room.draft.value?.desk === desk ? room.draft.value : null;
  useEffect(() => {
    if (draft) setOpen(true);
  }, [draft]);
  const close = () => {
    setOpen(false);
    if (draft) room.draft.value = null;
  };
  return { sku: draft?.sku ?? null, close };
}

/** The chosen product first. @template {{ offer: { sku: string } }} T @param {T[]} items @param {string | null} sku */
export const withFirst = (items, sku) => (sku ? [...items].sort((a, b) => Number(b.offer.sku === sku) - Number(a.offer.sku === sku)) : items);
