import { z } from "zod";
import { errorDetail } from "./errors.ts";

const frameId = z.union([z.string().max(256), z.number()]);

/** What a client sends. A request without an `id` gets no reply, only events. */
export const requestFrame = z
  .object({
    id: frameId.nullish(),
    method: z.string().min(1).max(128),
    params: z.record(z.string(), z.unknown()).nullish(),
  })
  .meta({ id: "RequestFrame" });
export type RequestFrame = z.infer<typeof requestFrame>;

/** Exactly one per request that has an `id`; `id` is null only where none could be read. */
export const replyFrame = z
  .union([
    z.object({ id: frameId, result: z.unknown() }),
    z.object({ id: frameId.nullable(), error: errorDetail }),
  ])
  .meta({ id: "ReplyFrame" });
export type ReplyFrame = z.infer<typeof replyFrame>;

/** WebSocket close codes that the gateway uses, and why. */
export const closeCodes = {
  1002: "a broken frame",
  1007: "text that is not UTF-8",
  1008: "the credential was revoked or rotated",
  1009: "a frame over the limit",
  1012: "the gateway restarts: connect again",
  1013: "the reader is too slow: connect again and resume",
} as const;
