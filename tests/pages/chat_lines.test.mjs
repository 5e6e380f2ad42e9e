// What a reader of the chat has on the screen: news, older pages, removals, and what only they see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_LINES, withEchoes, withNews, withOlder } from "../../static/lib/chat_lines.js";

const message = (number, more = {}) => ({ type: "message", message_id: `msg_${number}`, posted_at_ms: 1_000 + number, text: `line ${number}`, removed: false, ...more });
const messages = (from, to) => Array.from({ length: to - from }, (_, index) => message(from + index));
const ids = ({ messages: found }) => found.map(({ message_id }) => Number(message_id.slice(4)));

test("at the end the lines are the channel's", () => {
  const lines = withNews(withNews(NO_LINES, messages(0, 5), true), messages(2, 7), true);
  assert.deepEqual(ids(lines), [2, 3, 4, 5, 6]);
  assert.equal(lines.more, true);
});

test("a reader who has scrolled back loses nothing that is on the screen", () => {
  const lines = withNews(withOlder(withNews(NO_LINES, messages(5, 8), true), messages(0, 5), false), messages(7, 10), false);
  assert.deepEqual(ids(lines), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(lines.more, false);
});

test("back at the end, the older lines go and can be had again", () => {
  const back = withNews(withOlder(withNews(NO_LINES, messages(5, 8), true), messages(0, 5), false), messages(6, 9), true);
  assert.deepEqual(ids(back), [6, 7, 8]);
  assert.equal(back.more, true);
});

test("news that nothing connects with what was known begin afresh, so that no hole is hidden", () => {
  const lines = withNews(withNews(NO_LINES, messages(0, 5), true), messages(50, 52), false);
  assert.deepEqual(ids(lines), [50, 51]);
  assert.equal(lines.more, true);
});

test("a chat that is all there has nothing older", () => {
  const lines = withNews(withOlder(withNews(NO_LINES, messages(0, 3), true), [], false), messages(0, 4), true);
  assert.equal(lines.more, false);
});

test("removed messages go, in the news, in older pages, and when they come late", () => {
  const removal = { type: "removal", message_ids: ["msg_1", "msg_3"], at_ms: 2_000 };
  const lines = withNews(withNews(NO_LINES, messages(2, 5), true), [...messages(2, 5), removal], false);
  assert.deepEqual(ids(lines), [2, 4]);
  assert.deepEqual(ids(withOlder(lines, messages(0, 2), false)), [0, 2, 4]);
  assert.deepEqual(ids(withNews(lines, [message(4, { removed: true, text: "" })], false)), [2]);
  assert.deepEqual(ids(withOlder(lines, [message(0, { removed: true, text: "" })], false)), [2, 4]);
});

test("an echo stands in its place by time until the channel has the message", () => {
  const lines = withNews(NO_LINES, [message(1), message(3)], true);
  assert.deepEqual(withEchoes(lines, [message(2)]).map(({ message_id }) => message_id), ["msg_1", "msg_2", "msg_3"]);
  assert.equal(withEchoes(lines, [message(3, { text: "as I wrote it" })])[1].text, "line 3");
  assert.equal(withEchoes(lines, []), lines.messages);
});

test("an echo that a moderator removed goes too", () => {
  const lines = withNews(NO_LINES, [message(1), { type: "removal", message_ids: ["msg_2"], at_ms: 2_000 }], true);
  assert.equal(withEchoes(lines, [message(2)]).length, 1);
});

test("the lines that are kept have a limit", () => {
  const lines = withOlder(withNews(NO_LINES, messages(1_500, 1_600), true), messages(0, 1_500), false);
  assert.equal(lines.messages.length, 1_000);
  assert.equal(ids(lines).at(-1), 1_599);
  assert.equal(lines.more, true);
});
