import { z } from "zod";
import { channelStatus } from "./channels.ts";
import { define, noParams } from "./method.ts";

export const systemMethods = {
  "system.status": define({
    summary: "The gateway at a glance",
    scopes: ["read"],
    aliases: ["status"],
    http: { method: "GET", path: "/status" },
    params: noParams,
    result: z
      .object({
        status: z.enum(["ok", "draining"]),
        version: z.string(),
        uptime: z.int().describe("Seconds"),
        gateway: z.object({
          port: z.int(),
          bind: z.string().describe("The address that it listens on"),
          auth: z.enum(["token", "password", "off"]),
        }),
        channels: z.record(z.string(), channelStatus),
        model: z.string().describe("The default model"),
        runs: z.object({ active: z.int(), queued: z.int() }),
        storage: z.object({ engine: z.literal("sqlite"), ok: z.boolean(), sizeBytes: z.int() }),
      })
      .meta({ id: "Status" }),
  }),
  "system.health": define({
    summary: "Whether the gateway answers",
    scopes: ["read"],
    aliases: ["health"],
    http: { method: "GET", path: "/v1/health" },
    params: noParams,
    result: z.object({ status: z.enum(["ok", "draining"]), version: z.string() }),
  }),
} as const;
