import { startTelegramServer } from "@openclaw/crabline";
import { startRecorded } from "./crabline.ts";
import { type Peer, through, type Words } from "./peer.ts";

const group = "-1001234567890";
const bot = "our_test_bot";

/** Telegram, polled. Its peer: crabline. */
export async function startTelegramPeer(): Promise<Peer> {
  const platform = await startRecorded((options) => startTelegramServer({ botUsername: bot, ...options }));
  const { endpoints, botToken } = platform.manifest;
  const id = (person: number) => String(10_000 + person);

  function update({ from, text, group: place }: Words): object {
    const who = { fromId: Number(id(from)), fromName: `P${from}` };
    if (place === undefined) return { ...who, chatId: id(from), text };
    const name = `@${bot}`;
    return {
      ...who,
      chatId: Number(group),
      chatType: "supergroup",
      ...(place === "unmentioned"
        ? { text }
        : { text: `${name} ${text}`, entities: [{ type: "mention", offset: 0, length: name.length }] }),
    };
  }

  return {
    channelId: "telegram",
    section: { botToken, apiRoot: through(endpoints.apiRoot, platform.proxy.port) },
    secrets: [botToken],
    limit: 4096,
    formatted: "<b>bold</b> and <code>code</code>\n\n• one\n• two",
    nowhere: "nobody at all",
    group,
    id,
    chat: id,
    async say(words) {
      await platform.write(update(words));
    },
    heard: () =>
      platform.events
        .filter((it) => it.accepted && /sendMessage$/.test(it.path))
        .map(({ body }) => ({ to: String(body.chat_id), text: body.text })),
    async cut() {
      platform.proxy.cut();
    },
    close: platform.close,
  };
}
