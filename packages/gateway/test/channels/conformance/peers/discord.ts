import { createHash } from "node:crypto";
import { startDiscordServer } from "@openclaw/crabline";
import { startRecorded } from "./crabline.ts";
import { type Peer, through } from "./peer.ts";

/** Discord's socket and API. Its peer: crabline. */
export async function startDiscordPeer(): Promise<Peer> {
  const platform = await startRecorded(startDiscordServer);
  const { endpoints, botToken, botUserId, fixture } = platform.manifest;
  const id = (person: number) => String(200_000_000_000_000_000n + BigInt(person));
  const chat = (person: number) => directChat(botUserId, id(person));

  return {
    channelId: "discord",
    section: { botToken, apiRoot: through(endpoints.apiRoot, platform.proxy.port) },
    secrets: [botToken],
    limit: 2000,
    formatted: "**bold** and `code`\n\n- one\n- two",
    nowhere: "nobody at all",
    group: fixture.channelId,
    id,
    chat,
    async say({ from, text, group }) {
      await platform.write({
        senderId: id(from),
        senderName: `P${from}`,
        content: group === "mentioned" ? `<@${botUserId}> ${text}` : text,
        ...(group === undefined
          ? { channelId: chat(from) }
          : { channelId: fixture.channelId, guildId: fixture.guildId }),
      });
    },
    heard: () =>
      platform.events.flatMap(({ accepted, method, path, body }) => {
        const to = /\/channels\/(\d+)\/messages$/.exec(path)?.[1];
        return accepted && method === "POST" && to ? [{ to, text: body.content }] : [];
      }),
    async cut() {
      platform.proxy.cut();
    },
    close: platform.close,
  };
}

/** The chat of two people, as the platform's stand-in names it. */
function directChat(...people: readonly string[]): string {
  const digest = createHash("sha256")
    .update([...people].sort().join(":"))
    .digest("hex");
  return (
    100_000_000_000_000_000n +
    (BigInt(`0x${digest.slice(0, 16)}`) % 900_000_000_000_000_000n)
  ).toString();
}
