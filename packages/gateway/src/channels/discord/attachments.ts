import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import { download } from "../downloads.ts";
import type { Downloaded, InboundMedia } from "../types.ts";
import type { Api } from "./api.ts";
import { message, snowflake } from "./wire.ts";

const attachmentRef = z.object({
  url: z.string(),
  channelId: snowflake,
  messageId: snowflake,
  attachmentId: snowflake,
});

/** Where Discord keeps attachments (https://discord.com/developers/docs/reference#image-formatting, signed attachment URLs). */
const discordOrigins = ["https://cdn.discordapp.com", "https://media.discordapp.net"];

/**
 * The bytes of an attachment. Its address is signed for about a day: when it does not serve, the message is asked for
 * a new one. The token goes to neither.
 */
export async function fetchAttachment(
  media: InboundMedia,
  api: Api,
  options: { signal: AbortSignal; maxBytes: number },
): Promise<Downloaded> {
  const ref = attachmentRef.safeParse(media.ref).data;
  if (!ref)
    throw new GatewayError("invalid_request", "This is no attachment of Discord's.", { param: "media" });
  const allowedOrigins = [...discordOrigins, new URL(api.root).origin];
  const get = async (address: string) => {
    const url = URL.parse(address);
    if (!url || !allowedOrigins.includes(url.origin)) {
      throw new GatewayError("forbidden", "The attachment lies on a server that is not Discord's.");
    }
    return await download(url, { ...options, allowedOrigins });
  };
  try {
    return await get(ref.url);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== "upstream_error") throw thrown;
    const renewed = await addressAgain(api, ref, options.signal);
    if (renewed === undefined || renewed === ref.url) throw thrown;
    return await get(renewed);
  }
}

async function addressAgain(
  api: Api,
  { channelId, messageId, attachmentId }: z.output<typeof attachmentRef>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await api
    .call("get", `/channels/${channelId}/messages/${messageId}`, { signal })
    .catch(() => undefined); // the first failure is the one to tell
  const found = message.safeParse(answer).data;
  const all = [
    ...(found?.attachments ?? []),
    ...(found?.message_snapshots ?? []).flatMap((it) => it.message.attachments ?? []),
  ];
  return all.find((it) => it.id === attachmentId)?.url;
}
