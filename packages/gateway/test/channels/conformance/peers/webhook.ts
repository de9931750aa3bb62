import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { hmacSha256 } from "../../../../src/channels/signatures.ts";
import { startChaosProxy } from "../../../support/chaos-proxy.ts";
import type { TestGateway } from "../../../support/gateway.ts";
import type { Heard, Peer } from "./peer.ts";

const group = "house";
const secret = "webhook-secret-0123456789";

/** A program of somebody's own. Its peer is ours, after the page that specifies it. */
export async function startWebhookPeer(): Promise<Peer> {
  const heard = new Map<string, Heard>();
  const server = createServer(async (request, response) => {
    const { id, to, text } = JSON.parse(await textOf(request));
    heard.set(id, { to: to.chatId, text });
    response.setHeader("content-type", "application/json").end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startChaosProxy(() => (server.address() as AddressInfo).port, Math.random); // it listens on TCP
  let gateway: TestGateway | undefined;
  let count = 0;
  const last = new Map<number, object>();
  const id = (person: number) => `p${person}`;

  async function post(message: object): Promise<void> {
    const body = JSON.stringify(message);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const answer = await fetch(`${gateway?.url}/webhooks/webhook`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-openclaw-timestamp": timestamp,
        "x-openclaw-signature": `sha256=${hmacSha256(secret, `${timestamp}.${body}`)}`,
      },
      body,
    });
    if (!answer.ok) throw new Error(`the gateway refused: ${answer.status} ${await answer.text()}`);
  }

  return {
    channelId: "webhook",
    section: { secret, url: `http://127.0.0.1:${proxy.port}/` },
    secrets: [secret],
    limit: 100_000,
    formatted: "**bold** and `code`\n\n- one\n- two",
    nowhere: "x".repeat(201),
    group,
    id,
    chat: id,
    meet(started) {
      gateway = started;
    },
    async say({ from, text, group: place }) {
      const chat = { chat: { id: group, kind: "group" }, mentioned: place === "mentioned" };
      const message = {
        id: `m${count++}`,
        sentAt: Date.now(),
        from: { id: id(from) },
        text,
        ...(place !== undefined && chat),
      };
      last.set(from, message);
      await post(message);
    },
    redeliver: (person) => post(last.get(person) ?? {}),
    heard: () => [...heard.values()],
    async cut() {
      proxy.cut();
    },
    async close() {
      await proxy.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
