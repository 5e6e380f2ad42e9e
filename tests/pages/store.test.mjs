// What a page knows of a channel that several of its parts look at.

import assert from "node:assert/strict";
import test from "node:test";
import { Live } from "../../static/lib/store.js";

test("a subscription lasts until the last of its listeners has left, each once", () => {
  const live = new Live("http://localhost");
  const page = live.channel("order:ord_1");
  const purchase = live.channel("order:ord_1");
  assert.equal(page.state, purchase.state);
  purchase.leave();
  purchase.leave();
  const another = live.channel("order:ord_1");
  assert.equal(another.state, page.state, "the page still listens");
  page.leave();
  assert.equal(live.channel("order:ord_1").state, another.state, "and so does another part");
});

test("whoever comes after the last one has left gets a subscription of their own", () => {
  const live = new Live("http://localhost");
  const first = live.channel("order:ord_1");
  first.leave();
  assert.notEqual(live.channel("order:ord_1").state, first.state);
});
