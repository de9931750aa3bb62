import { z } from "zod";
import { define, pageLimit, timestamp } from "./method.ts";

const channelId = z.string().min(1).max(64);
const accountId = z.string().min(1).max(64);
const peerId = z.string().min(1).max(256);

const place = {
  channelId: z.string(),
  accountId: z.string(),
  peerId: z.string(),
  name: z.string().nullable(),
};

/** Somebody who asked to speak to the bot, or who may. */
export const pairing = z
  .object({
    ...place,
    state: z.enum(["pending", "approved"]),
    code: z.string().nullable().describe("Of a pending one: what the bot told him"),
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
  })
  .meta({ id: "Pairing" });
export type Pairing = z.infer<typeof pairing>;

export const pairingEvent = z
  .object({
    ...place,
    event: z.enum(["requested", "approved", "removed", "expired", "cleared"]),
    by: z.string().nullable().describe("The credential that decided"),
    at: timestamp,
  })
  .meta({ id: "PairingEvent" });
export type PairingEvent = z.infer<typeof pairingEvent>;

const which = { channelId: channelId.optional(), accountId: accountId.optional() };

export const pairingMethods = {
  "pairing.list": define({
    summary: "Who waits to be let in, and who may speak",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/pairings" },
    params: z.strictObject(which),
    result: z.object({ pairings: z.array(pairing) }),
  }),
  "pairing.approve": define({
    summary: "Let somebody speak who was given this code",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/pairings/approve" },
    params: z.strictObject({
      channelId,
      accountId: accountId.optional(),
      code: z
        .string()
        .trim()
        .min(1)
        .max(32)
        .describe("As the bot told it; capitals and small letters are the same"),
    }),
    result: pairing,
  }),
  "pairing.remove": define({
    summary: "Let somebody speak no longer, or turn a request down",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/pairings/{channelId}/{peerId...}" },
    params: z.strictObject({ channelId, peerId, accountId: accountId.optional() }),
    result: z.object({ removed: z.boolean() }),
  }),
  "pairing.clear": define({
    summary: "Turn down all requests that wait",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/pairings/clear" },
    params: z.strictObject(which),
    result: z.object({ cleared: z.int() }),
  }),
  "pairing.history": define({
    summary: "What became of requests, newest first",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/pairings/history" },
    params: z.strictObject({ ...which, limit: pageLimit }),
    result: z.object({ events: z.array(pairingEvent) }),
  }),
} as const;
