// This browser's subscription to pushes: the person is asked on a click only, and the server knows what the browser has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Push, fromBase64Url } from "../../static/lib/push.js";

/** A browser with a person who gives `answer` when asked, and a server that remembers. */
function rig(answer = "granted", permission = "default") {
  const told = [];
  const registered = [];
  let subscription = null;
  const pushManager = {
    getSubscription: async () => subscription,
    subscribe: async (options) => {
      subscription = {
        options,
        endpoint: "https://push.example/1",
        toJSON: () => ({ endpoint: "https://push.example/1", keys: { p256dh: "P", auth: "A" } }),
        unsubscribe: async () => ((subscription = null), true),
      };
      return subscription;
    },
  };
  const registration = { pushManager };
  const device = {
    serviceWorker: {
      register: async (...given) => registered.push(given),
      getRegistration: async () => (registered.length ? registration : undefined),
      ready: Promise.resolve(registration),
    },
    Notification: {
      permission,
      asked: 0,
      async requestPermission() {
        this.asked += 1;
        return (this.permission = answer);
      },
    },
  };
  const server = {
    pushKey: async () => ({ public_key: "BA-_" }),
    subscribePush: async (body) => told.push(["subscribe", body]),
    unsubscribePush: async (body) => told.push(["unsubscribe", body]),
  };
  return { push: new Push(server, device), device, told, registered, options: () => subscription?.options };
}

test("looking asks nobody and registers nothing", async () => {
  const { push, device, registered, told } = rig();
  assert.equal(await push.status(), "off");
  await push.refresh("en");
  assert.deepEqual([device.Notification.asked, registered, told], [0, [], []]);
});

test("turning on asks the person, subscribes with the server's key, and tells the server in the page's language", async () => {
  const { push, registered, told, options } = rig();
  assert.equal(await push.turnOn("ru"), "on");
  assert.deepEqual(registered, [["/static/service_worker.js", { scope: "/" }]]);
  assert.deepEqual(options(), { userVisibleOnly: true, applicationServerKey: Uint8Array.of(4, 15, 191) });
  assert.deepEqual(told, [["subscribe", { endpoint: "https://push.example/1", keys: { p256dh: "P", auth: "A" }, locale: "ru" }]]);
  assert.equal(await push.status(), "on");
});

test("a person who says no, or closes the question, is left in peace", async () => {
  for (const [answer, status] of [["denied", "denied"], ["default", "off"]]) {
    const { push, told, registered } = rig(answer);
    assert.equal(await push.turnOn("en"), status);
    assert.deepEqual([told, registered], [[], []]);
  }
  assert.equal(await rig("denied", "denied").push.status(), "denied");
});

test("a browser without pushes says so", async () => {
  const push = new Push(undefined, {});
  assert.equal(await push.status(), "unsupported");
  assert.equal(await push.turnOn("en"), "unsupported");
  assert.equal(await push.turnOff(), "off");
});

test("turning off tells the server first: a lost answer leaves the switch on", async () => {
  const { push, told } = rig();
  await push.turnOn("en");
  assert.equal(await push.turnOff(), "off");
  assert.deepEqual(told.at(-1), ["unsubscribe", { endpoint: "https://push.example/1" }]);
  assert.equal(await push.status(), "off");
});

test("a subscription of another person or in another language is told again", async () => {
  const { push, told } = rig();
  await push.turnOn("en");
  await push.refresh("ru");
  assert.equal(told.length, 2);
  assert.equal(told[1][1].locale, "ru");
});

test("the key is base64url", () => {
  assert.deepEqual([...fromBase64Url("_-8")], [255, 239]);
});
