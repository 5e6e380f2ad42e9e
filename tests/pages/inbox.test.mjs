// The inbox as a page has it: whose it is, what is new, and how long ago.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "../../static/node_modules/@preact/signals-core/dist/signals-core.mjs";
import { ago } from "../../static/lib/ago.js";
import { Inbox, wordsOf } from "../../static/lib/inbox.js";

const item = (number, atMs) => ({ notification_id: `ntf_${number}`, kind: "outbid", params: {}, link: "/", created_at_ms: atMs });

/** A page's connection, and a server that answers `following` with what it was told last. */
function rig() {
  const asked = [];
  const channels = new Map();
  const live = {
    me: signal(null),
    channel(name) {
      const made = { state: signal(null), refused: signal(null), left: 0, leave: () => (made.left += 1) };
      channels.set(name, made);
      return made;
    },
  };
  globalThis.fetch = async (path, { method, body }) => {
    asked.push([method, path, body && JSON.parse(body)]);
    return new Response(path.endsWith("/read") ? null : JSON.stringify({ host_ids: ["acc_1"], show_ids: [] }), { status: path.endsWith("/read") ? 204 : 200 });
  };
  return { live, asked, channels, inbox: new Inbox(live) };
}

test("without a session there is no inbox and nothing is asked", () => {
  const { inbox, asked } = rig();
  assert.equal(inbox.open.value, false);
  assert.equal(inbox.unread.value, 0);
  assert.deepEqual(asked, []);
});

test("the inbox follows the session from one person to the next", async () => {
  const { live, inbox, channels, asked } = rig();
  live.me.value = { actor_id: "gst_1" };
  assert.equal(inbox.open.value, true);
  assert.equal(inbox.loaded.value, false);
  live.me.value = { actor_id: "gst_1", name: "Vera" };
  assert.equal(channels.get("inbox:gst_1").left, 0, "a new name is no other person");
  live.me.value = { actor_id: "acc_2" };
  assert.equal(channels.get("inbox:gst_1").left, 1);
  assert.deepEqual([...channels.keys()], ["inbox:gst_1", "inbox:acc_2"]);
  assert.deepEqual(asked.map(([, path]) => path), ["/api/notifications/following", "/api/notifications/following"]);
  assert.equal(inbox.mayFollow("acc_2"), false);
  assert.equal(inbox.mayFollow("acc_1"), true);
});

test("what is newer than the mark is new, and reading marks the newest", async () => {
  const { live, inbox, channels, asked } = rig();
  live.me.value = { actor_id: "gst_1" };
  channels.get("inbox:gst_1").state.value = { notifications: [item(1, 10), item(2, 20), item(3, 30)], read_up_to_ms: 10 };
  assert.equal(inbox.loaded.value, true);
  assert.equal(inbox.unread.value, 2);
  assert.deepEqual(inbox.newestFirst.map((each) => each.notification_id), ["ntf_3", "ntf_2", "ntf_1"]);
  await inbox.markRead();
  assert.deepEqual(asked.at(-1), ["POST", "/api/notifications/read", { notification_id: "ntf_3" }]);
  channels.get("inbox:gst_1").state.value = { notifications: [item(3, 30)], read_up_to_ms: 30 };
  const before = asked.length;
  await inbox.markRead();
  assert.equal(asked.length, before, "nothing new, nothing to mark");
});

test("following shows what the server says is so", async () => {
  const { live, inbox, asked } = rig();
  live.me.value = { actor_id: "gst_1" };
  await inbox.follow("acc_1", true);
  assert.deepEqual(asked.at(-1), ["POST", "/api/notifications/follow", { host_id: "acc_1", following: true }]);
  assert.deepEqual(inbox.following.value.host_ids, ["acc_1"]);
});

test("time is told in words, and a clock that is ahead is no surprise", () => {
  const now = 1_800_000_000_000;
  const told = [[0, "now"], [-5_000, "now"], [59_999, "now"], [60_000, "1 minute ago"], [59 * 60_000, "59 minutes ago"], [3_600_000, "1 hour ago"], [24 * 3_600_000, "yesterday"], [3 * 24 * 3_600_000, "3 days ago"]];
  for (const [span, text] of told) assert.equal(ago(now - span, now, "en"), text);
  assert.equal(ago(now - 5 * 60_000, now, "ru"), "5 минут назад");
});

test("money in a notification is written as the reader's language does", () => {
  const words = (amount_minor, currency, locale) => wordsOf({ title: "Dress", amount_minor, currency }, locale).amount.replace(/\s/g, " ");
  assert.deepEqual([words("1990", "EUR", "en"), words("1990", "JPY", "en"), words("123450", "RUB", "ru")], ["€19.90", "¥1,990", "1 234,50 ₽"]);
  assert.deepEqual(wordsOf({ title: "Dress" }, "en"), { title: "Dress" });
});
