import { createHash } from "node:crypto";
import type { Attachment, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import type { OutboundMedia } from "../../channels/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Outbound } from "../../lib/net.ts";
import { sniff } from "../../lib/sniff.ts";
import { type OutboxRow, outboxOfBatch } from "../../storage/channel-outbox.ts";
import type { Database } from "../../storage/database.ts";
import type { Account } from "./account.ts";
import type { Outbox } from "./outbox.ts";
import { piecesOf } from "./pieces.ts";

/** How long a caller is kept waiting for the platform's word, ms; then the message is "queued". */
const waitMs = 15_000;
const redirectsAtMost = 3;

type Wish = Omit<ParsedParamsOf<"channel.send">, "channelId" | "accountId">;
type SendResult = ResultOf<"channel.send">;

export interface SendingDeps {
  db: Database;
  outbox: Outbox;
  outbound(): Promise<Outbound>;
  newId(): string;
}

/** Messages that somebody sends by hand: through the outbox like all others. */
export function createSending(deps: SendingDeps) {
  const { db, outbox } = deps;

  return async (
    account: Account,
    wish: Wish,
    { caller, signal }: { caller: string; signal: AbortSignal },
  ): Promise<SendResult> => {
    const { text = "", attachments = [], idempotencyKey: key } = wish;
    if (text.trim() === "" && attachments.length === 0) {
      throw new GatewayError("invalid_request", "There is nothing to send: give text or attachments.", {
        param: "text",
      });
    }
    const { adapter } = account.loaded()!;
    const batch = `send:${key === undefined ? deps.newId() : digest([caller, account.channelId, account.accountId, key])}`;
    const known = await outboxOfBatch(db.read, batch);
    if (known.length > 0) {
      requireSame(known, text, attachments);
      return result(account, await settled(batch, account, signal));
    }
    const found = await adapter.destination(wish.to, { signal });
    const to = {
      ...found,
      ...(wish.threadId !== undefined && { threadId: wish.threadId }),
      ...(wish.replyTo !== undefined && { replyTo: wish.replyTo }),
    };
    const files = await mediaOf(account, attachments, signal);
    const texts = piecesOf(account, text);
    const pieces = [
      ...texts.map((piece) => ({ text: piece })),
      ...files.map((media) => ({ text: "", media })),
    ];
    await db.write((tx) => outbox.put(tx, account, { batch, to, pieces }));
    outbox.poke(account);
    return result(account, await settled(batch, account, signal));
  };

  /** The pieces of a batch once all of them are settled, or as they stand when nobody wants to wait any longer. */
  async function settled(batch: string, account: Account, signal: AbortSignal): Promise<OutboxRow[]> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    for (;;) {
      const next = Promise.withResolvers<void>();
      const stop = outbox.settled(() => next.resolve());
      until.addEventListener("abort", () => next.resolve(), { once: true });
      try {
        const rows = await outboxOfBatch(db.read, batch);
        const open = rows.some((row) => row.state === "queued" || row.state === "sending");
        if (!open || until.aborted || !account.isConnected()) return rows;
        await next.promise;
      } finally {
        stop();
      }
    }
  }

  async function mediaOf(
    account: Account,
    attachments: readonly Attachment[],
    signal: AbortSignal,
  ): Promise<OutboundMedia[]> {
    const { media: kinds, mediaLimit } = account.loaded()!.adapter.traits;
    const files: OutboundMedia[] = [];
    for (const [index, it] of attachments.entries()) {
      const param = `attachments[${index}]`;
      const bytes = await bytesOf(it, mediaLimit, param, signal);
      const mimeType = sniff(bytes)?.mimeType ?? it.mimeType ?? "application/octet-stream";
      const kind = kindOf(mimeType);
      const usable = kinds.includes(kind) ? kind : kinds.includes("file") ? "file" : undefined;
      if (usable === undefined) {
        throw new GatewayError("invalid_request", `${account.channelId} takes no files of this kind.`, {
          param,
        });
      }
      files.push({ kind: usable, mimeType, name: it.name ?? nameFor(mimeType, index), bytes });
    }
    return files;
  }

  async function bytesOf(
    it: Attachment,
    limit: number,
    param: string,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const tooLarge = () =>
      new GatewayError("payload_too_large", `The file is over the channel's limit of ${limit} bytes.`, {
        param,
      });
    if (it.data !== undefined) {
      const bytes = Buffer.from(it.data, "base64");
      if (bytes.length > limit) throw tooLarge();
      return bytes;
    }
    const guard = await deps.outbound();
    const answer = await guard.request(it.url!, { signal, maxBytes: limit, redirects: redirectsAtMost });
    if (answer.status !== 200) {
      throw new GatewayError("invalid_request", `The address answered ${answer.status}. Check it.`, {
        param: `${param}.url`,
      });
    }
    if (answer.truncated) throw tooLarge();
    return answer.body;
  }
}

function requireSame(rows: readonly OutboxRow[], text: string, attachments: readonly Attachment[]): void {
  const files = rows.filter((row) => row.media_json !== null).length;
  const words = (it: string) => it.replace(/\s+/g, "");
  const before = words(rows.map((row) => row.text).join(""));
  const begins = before.slice(0, 200) === words(text).slice(0, Math.min(200, before.length));
  if (files === attachments.length && begins) return;
  throw new GatewayError("conflict", "This idempotency key was used for another message. Use a new key.", {
    param: "idempotencyKey",
  });
}

/** What became of a message whose pieces went their own ways: the worst of it. */
function result(account: Account, rows: readonly OutboxRow[]): SendResult {
  const failed = rows.find((row) => row.state === "failed");
  if (failed) {
    throw new GatewayError("upstream_error", `${account.plan.entry.name} did not take it: ${failed.error}`, {
      param: "to",
    });
  }
  const first = rows[0];
  const messageId = first?.id ?? "";
  if (rows.some((row) => row.state === "unknown")) return { messageId, status: "unknown" };
  const open = rows.some((row) => row.state === "queued" || row.state === "sending");
  return { messageId, status: open ? "queued" : "sent" };
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function kindOf(mimeType: string): OutboundMedia["kind"] {
  const [family] = mimeType.split("/");
  return family === "image" || family === "audio" || family === "video" ? family : "file";
}

function nameFor(mimeType: string, index: number): string {
  const extension = mimeType.split("/")[1]?.replace(/[^a-z0-9].*$/, "") ?? "bin";
  return `file-${index + 1}.${extension}`;
}
