import { z } from "zod";
import { define, noParams, scope, timestamp } from "./method.ts";

const limit = z.int().min(0).optional();

/** A token's own limits, in place of the gateway's; 0 = off. */
export const tokenLimits = z
  .strictObject({
    concurrency: limit,
    connections: limit,
    perMinute: limit,
    maxCostPerDay: z
      .number()
      .min(0)
      .optional()
      .describe("USD per day (UTC) that models may cost by this token"),
  })
  .meta({ id: "TokenLimits" });
export type TokenLimits = z.infer<typeof tokenLimits>;

export const token = z
  .object({
    tokenId: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    limits: tokenLimits,
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof token>;

const shownOnce = token
  .extend({ token: z.string().describe("The credential itself, shown this once") })
  .meta({ id: "NewToken" });

const one = z.strictObject({ tokenId: z.string().min(1).max(128) });

export const tokenMethods = {
  "token.list": define({
    summary: "The named API tokens, without their secrets",
    scopes: ["admin"],
    http: { method: "GET", path: "/v1/tokens" },
    params: noParams,
    result: z.object({ tokens: z.array(token) }),
  }),
  "token.create": define({
    summary: "Make a named API token; what it grants is never more than the maker has",
    scopes: ["admin"],
    http: { method: "POST", path: "/v1/tokens" },
    params: z.strictObject({
      name: z.string().min(1).max(100),
      scopes: z.array(scope).min(1),
      expiresAt: z.iso.datetime({ offset: true }).optional(),
      limits: tokenLimits.optional(),
    }),
    result: shownOnce,
  }),
  "token.revoke": define({
    summary: "Revoke a token; its connections close at once",
    scopes: ["admin"],
    http: { method: "DELETE", path: "/v1/tokens/{tokenId}" },
    params: one,
    result: z.object({ revoked: z.literal(true), tokenId: z.string() }),
  }),
  "token.rotate": define({
    summary: "Give a token a new secret; connections of the old one close at once",
    scopes: ["admin"],
    http: { method: "POST", path: "/v1/tokens/{tokenId}/rotate" },
    params: one,
    result: shownOnce,
  }),
  "ticket.create": define({
    summary: "A single-use WebSocket ticket for browsers, valid for 30 s",
    scopes: [],
    http: { method: "POST", path: "/v1/tickets" },
    params: noParams,
    result: z.object({ ticket: z.string(), expiresAt: timestamp }),
  }),
} as const;
