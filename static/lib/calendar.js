// @ts-check
// A show that is to come, for the viewer's own calendar. Pure.

/** @typedef {Pick<import("../../schemas/generated/messages").ShowView, "show_id" | "title" | "description" | "scheduled_at_ms">} Coming */

/** As server/modules/shows/rules.py: nobody knows how long a show will be. */
const LENGTH_MS = 3_600_000;

/** The file that every calendar takes (RFC 5545). @param {Coming} show */
export const fileAddress = (show) => `/api/shows/${show.show_id}/calendar.ics`;

/** Google's form with everything filled in. @param {Coming} show @param {string} origin of the shop */
export function googleAddress(show, origin) {
  const link = `${origin}/watch/${show.show_id}`;
  const parameters = {
    action: "TEMPLATE",
    text: show.title,
    dates: `${utc(show.scheduled_at_ms)}/${utc(show.scheduled_at_ms + LENGTH_MS)}`,
    details: show.description ? `${show.description}\n\n${link}` : link,
  };
  return `https://calendar.google.com/calendar/render?${new URLSearchParams(parameters)}`;
}

/** @param {number} ms */
const utc = (ms) => `${new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "")}`;
