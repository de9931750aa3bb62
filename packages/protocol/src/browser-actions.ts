import { z } from "zod";
import { pointed } from "./browser-fields.ts";

/** What can be done on a page. */
export const browserAction = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("click"),
      ...pointed,
      button: z.enum(["left", "middle", "right"]).optional(),
      double: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal("hover"), ...pointed }),
    z.strictObject({
      kind: z.literal("type"),
      ...pointed,
      text: z.string().max(100_000).optional(),
      secret: z.string().min(1).max(128).optional().describe("A name in browser.secrets, instead of text"),
      submit: z.boolean().optional().describe("Enter afterwards"),
      append: z.boolean().optional().describe("Keep what is there"),
    }),
    z.strictObject({
      kind: z.literal("select"),
      ...pointed,
      values: z.array(z.string().max(1_000)).min(1).max(100).describe("Values or labels"),
    }),
    z.strictObject({
      kind: z.literal("press"),
      ...pointed,
      key: z.string().min(1).max(64).describe("E.g. Enter, Escape, Control+A"),
    }),
    z.strictObject({
      kind: z.literal("scroll"),
      ...pointed,
      direction: z.enum(["up", "down", "left", "right", "top", "bottom"]).optional(),
      pixels: z.int().min(1).max(100_000).optional(),
    }),
    z.strictObject({
      kind: z.literal("wait"),
      text: z.string().min(1).max(1_000).optional().describe("Until this is on the page"),
      gone: z.string().min(1).max(1_000).optional().describe("Until this is gone"),
      selector: z.string().min(1).max(2048).optional().describe("Until this is there"),
      url: z.string().min(1).max(2048).optional().describe("Until the address holds this"),
      ms: z.int().min(1).max(60_000).optional().describe("Simply wait"),
    }),
  ])
  .meta({ id: "BrowserAction" });
export type BrowserAction = z.infer<typeof browserAction>;
