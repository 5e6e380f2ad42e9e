// Lines of the audit log, taken apart.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aboutOf } from "../../static/lib/audit.js";

const line = (action, target, detail) => ({ entry_id: "1", at_ms: 0, by_id: "acc_1", by_name: "Olga", action, target, detail });

test("a sanction names the person, how long, and why", () => {
  const { name, spanMs, text } = aboutOf(line("mute", "gst_1", "Vera · 300000 ms · adverts · again"), []);
  assert.deepEqual([name, spanMs, text], ["Vera", 300_000, "adverts · again"]);
  assert.equal(aboutOf(line("block", "gst_1", "Vera"), []).spanMs, null);
});

test("a lifted sanction finds the name in the line that set it", () => {
  const about = aboutOf(line("lift", "gst_1", "sorry"), [line("mute", "gst_2", "Max · 1 ms"), line("mute", "gst_1", "Vera · 1 ms")]);
  assert.deepEqual([about.name, about.text], ["Vera", "sorry"]);
  assert.equal(aboutOf(line("lift", "gst_1", ""), []).name, "");
});

test("a reviewed message says why it was held", () => {
  const about = aboutOf(line("approve", "msg_1", "banned_word · Vera: a · b"), []);
  assert.deepEqual([about.held, about.text], ["banned_word", "Vera: a · b"]);
});

test("changed rules are read, and a line that cannot be read is no error", () => {
  assert.equal(aboutOf(line("settings", "shw_1", '{"slow_mode_s":10}'), []).settings.slow_mode_s, 10);
  assert.equal(aboutOf(line("settings", "shw_1", '{"slow_mo…'), []).settings, null);
});

test("what was removed is said as it was", () => assert.equal(aboutOf(line("remove_messages", "msg_1", "Vera: hi"), []).text, "Vera: hi"));
