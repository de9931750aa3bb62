import { createHmac } from "node:crypto";
import { startWhatsAppServer } from "@openclaw/crabline";
import type { TestGateway } from "../../../support/gateway.ts";
import { startRecorded } from "./crabline.ts";
import { type Peer, through } from "./peer.ts";

const appSecret = "whatsapp-app-secret-0123456789";
const verifyToken = "whatsapp-verify-token-0123456789";

/** WhatsApp's Cloud API. Its peer: crabline, whose webhooks are signed and posted here as Meta does. */
export async function startWhatsAppPeer(): Promise<Peer> {
  const platform = await startRecorded(startWhatsAppServer);
  const { endpoints, accessToken, phoneNumberId } = platform.manifest;
  let gateway: TestGateway | undefined;
  const last = new Map<number, object>();
  const id = (person: number) => String(16_505_550_000 + person);

  async function post(webhook: object): Promise<void> {
    const body = JSON.stringify(webhook);
    const signature = createHmac("sha256", appSecret).update(body).digest("hex");
    const answer = await fetch(`${gateway?.url}/webhooks/whatsapp`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
      body,
    });
    if (!answer.ok) throw new Error(`the gateway refused: ${answer.status} ${await answer.text()}`);
  }

  return {
    channelId: "whatsapp",
    section: {
      accessToken,
      phoneNumberId,
      appSecret,
      verifyToken,
      apiRoot: through(endpoints.apiRoot, platform.proxy.port),
    },
    secrets: [accessToken, appSecret, verifyToken],
    limit: 4096,
    formatted: "*bold* and `code`\n\n- one\n- two",
    nowhere: "nobody at all",
    id,
    chat: id,
    meet(started) {
      gateway = started;
    },
    async say({ from, text }) {
      const jid = `${id(from)}@s.whatsapp.net`;
      const { webhook } = await platform.write({ chatJid: jid, senderJid: jid, text, pushName: `P${from}` });
      last.set(from, webhook);
      await post(webhook);
    },
    redeliver: (person) => post(last.get(person) ?? {}),
    heard: () =>
      platform.events
        .filter((it) => it.type === "api" && it.accepted && it.body?.type === "text")
        .map(({ body }) => ({ to: body.to, text: body.text.body })),
    async cut() {
      platform.proxy.cut();
    },
    close: platform.close,
  };
}
