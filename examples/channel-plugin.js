// A channel of one's own: people are lines of a chat room over TCP. In openclaw.json:
//   plugins: { load: { paths: ["…/examples/channel-plugin.js"] } },
//   channels: { room: { port: 7000, dmPolicy: "open", allowFrom: ["*"] } }
// Then: nc 127.0.0.1 7000, type a name, and talk.
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { definePlugin } from "openclaw/plugin";

/** Who is here: name -> socket. */
const people = new Map();
let server;

export default definePlugin({
  name: "room",
  version: "1.0.0",

  async onLoad(ctx) {
    server = createServer(async (socket) => {
      socket.on("error", () => socket.destroy());
      socket.write("Who are you?\n");
      let name;
      let count = 0;
      for await (const line of createInterface({ input: socket })) {
        if (name === undefined) {
          name = line.trim();
          people.set(name, socket);
          continue;
        }
        count += 1;
        // A line has no id of its own: its time and number make one.
        await ctx.handleIncoming({ id: `${name}:${Date.now()}:${count}`, from: name, text: line });
      }
      if (people.get(name) === socket) people.delete(name);
    });
    server.listen(ctx.config.port ?? 7000, "127.0.0.1");
    await once(server, "listening");
  },

  async onUnload() {
    for (const socket of people.values()) socket.destroy();
    server?.close();
  },

  async sendMessage({ to, text }) {
    const socket = people.get(to);
    if (!socket) throw new Error(`${to} is not here`);
    socket.write(`${text}\n`);
  },
});
