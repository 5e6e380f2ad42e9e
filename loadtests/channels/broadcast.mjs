// The peer: Node's `ws` broadcasting to all its clients. Asked in lines of JSON on standard input, as the other processes.
// `send`: what the documentation of ws recommends, one buffer serialised once, `client.send` for each. `frame`: the frame is built
// once too (`Sender.frame`) and written to the sockets, past the checks of `send`. Several messages of one tick are sent between
// `cork` and `uncork`, so that they leave in one write each; without compression.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../static/package.json", import.meta.url));
const { Sender, WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, backlog: 2048 });
server.on("listening", () => say({ port: server.address().port }));

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const ways = {
  send(data, atOnce) {
    for (const client of server.clients) {
      if (client.readyState !== WebSocket.OPEN) continue;
      if (atOnce > 1) client._socket.cork();
      for (let n = 0; n < atOnce; n += 1) client.send(data, { binary: false });
      if (atOnce > 1) client._socket.uncork();
    }
  },
  frame(data, atOnce) {
    const one = Buffer.concat(Sender.frame(data, { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }));
    const bytes = Buffer.concat(Array(atOnce).fill(one));
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client._socket.write(bytes);
    }
  },
};

async function broadcast({ id, way, data, at_once: atOnce, rounds, pause_s: pauseS }) {
  const bytes = Buffer.from(data);
  for (let round = 0; round < rounds; round += 1) {
    ways[way](bytes, atOnce);
    await pause(pauseS * 1000);
  }
  say({ id, clients: server.clients.size });
}

for await (const line of createInterface({ input: process.stdin })) await broadcast(JSON.parse(line));
process.exit(0);
