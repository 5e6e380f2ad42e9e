// @ts-check
// The pictures that somebody is putting together: those that are there, those under way, in an order that can be changed. Without drawing.

import { computed, signal } from "@preact/signals";
import { asApiError } from "./errors.js";
import { PICTURES_MAX, pictureUrl, upload } from "./pictures.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "./errors.js"
 * @typedef {{ key: string, id: string | null, url: string, file: File | null, progress: number, problem: ApiError | null }} Item
 *   `id` once the server has it; `progress` from 0 to 1
 */

export class PictureList {
  /** @type {Signal<Item[]>} */ items = signal([]);
  /** How many files did not fit. @type {Signal<number>} */ turnedAway = signal(0);
  /** Files are under way. */ busy = computed(() => this.items.value.some((item) => !item.id && !item.problem));
  /** Ids of those that are there, in order. */ ids = computed(() => this.items.value.flatMap((item) => item.id ?? []));
  #count = 0;
  /** One file after another: they share one line. */ #queue = Promise.resolve();
  #send;

  /** @param {string[]} [ids] @param {number} [most] @param {typeof upload} [send] */
  constructor(ids = [], most = PICTURES_MAX, send = upload) {
    this.most = most;
    this.#send = send;
    this.items.value = ids.map((id) => ({ key: this.#key(), id, url: pictureUrl(id, 320), file: null, progress: 1, problem: null }));
  }

  /** Resolves when all of them are there, or refused. @param {Iterable<File>} files */
  add(files) {
    const given = [...files];
    // Where there is room for one only, another one takes its place.
    if (this.most === 1 && given.length > 0) this.items.value = [];
    const room = this.most - this.items.value.length;
    this.turnedAway.value = Math.max(0, given.length - room);
    for (const file of given.slice(0, room)) {
      const item = { key: this.#key(), id: null, url: URL.createObjectURL(file), file, progress: 0, problem: null };
      this.items.value = [...this.items.value, item];
      this.#upload(item.key);
    }
    return this.#queue;
  }

  /** @param {string} key */
  again(key) {
    this.#change(key, { problem: null, progress: 0 });
    this.#upload(key);
    return this.#queue;
  }

  /** @param {string} key */
  remove(key) {
    this.turnedAway.value = 0;
    this.items.value = this.items.value.filter((item) => item.key !== key);
  }

  /** Puts a picture at another place; beyond the ends it stays where it is. @param {string} key @param {number} to */
  move(key, to) {
    const moved = this.items.value.find((item) => item.key === key);
    if (!moved || to < 0 || to >= this.items.value.length) return;
    const others = this.items.value.filter((item) => item.key !== key);
    this.items.value = [...others.slice(0, to), moved, ...others.slice(to)];
  }

  /** @param {string} key */
  #upload(key) {
    this.#queue = this.#queue.then(async () => {
      const item = this.items.value.find((each) => each.key === key);
      if (!item?.file) return; // removed meanwhile
      try {
        const made = await this.#send(item.file, (progress) => this.#change(key, { progress }));
        this.#change(key, { id: made.picture_id, progress: 1 });
      } catch (error) {
        this.#change(key, { problem: asApiError(error) });
      }
    });
  }

  /** @param {string} key @param {Partial<Item>} changes */
  #change(key, changes) {
    this.items.value = this.items.value.map((item) => (item.key === key ? { ...item, ...changes } : item));
  }

  #key() {
    this.#count += 1;
    return `picture-${this.#count}`;
  }
}
