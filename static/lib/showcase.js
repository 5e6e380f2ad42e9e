// @ts-check
// What the start page makes of the list of shows: which fit a search, by which tags, and whose they are.

/** @import { ShowView } from "../../schemas/generated/messages" */

const TAGS_MAX = 12;
const HOSTS_MAX = 12;

/** @param {string} text */
const folded = (text) => text.toLocaleLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

/** Every word of the query somewhere in title, host or tags. @param {ShowView} show @param {string} query @param {string} tag empty: any */
export function fits(show, query, tag) {
  if (tag && !show.tags.some((each) => folded(each) === folded(tag))) return false;
  const text = folded([show.title, show.host_name, ...show.tags].join(" "));
  return folded(query).split(/\s+/).every((word) => text.includes(word.replace(/^#/, "")));
}

/** The most frequent first; one spelling of each. @param {ShowView[]} shows @returns {string[]} */
export function tagsOf(shows) {
  /** @type {Map<string, { tag: string, count: number }>} */
  const found = new Map();
  for (const tag of shows.flatMap((show) => show.tags)) {
    const known = found.get(folded(tag));
    if (known) known.count += 1;
    else found.set(folded(tag), { tag, count: 1 });
  }
  return [...found.values()].sort((one, other) => other.count - one.count).slice(0, TAGS_MAX).map(({ tag }) => tag);
}

/** Whose shows these are, who is on air first. @param {ShowView[]} shows @returns {{ id: string, name: string, live: boolean }[]} */
export function hostsOf(shows) {
  /** @type {Map<string, { id: string, name: string, live: boolean }>} */
  const hosts = new Map();
  for (const { host_id: id, host_name: name, state } of shows) {
    const live = state === "live" || hosts.get(id)?.live === true;
    hosts.set(id, { id, name, live });
  }
  return [...hosts.values()].sort((one, other) => Number(other.live) - Number(one.live)).slice(0, HOSTS_MAX);
}

/** The soonest first. @param {ShowView[]} shows */
export const soonest = (shows) => shows.toSorted((one, other) => one.scheduled_at_ms - other.scheduled_at_ms);

/** Whether a moving picture is worth its bytes here. @param {{ wide: boolean, calm: boolean, saveData: boolean }} device */
export const mayPreview = ({ wide, calm, saveData }) => wide && !calm && !saveData;
