import { z } from "zod";
import { define, noParams } from "./method.ts";

const profile = z.string().min(1).max(64);

export const browserMethods = {
  "browser.status": define({
    summary: "Whether a browser is there and what it shows",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/browser/status" },
    params: noParams,
    result: z.object({
      enabled: z.boolean(),
      running: z.boolean(),
      version: z.string().nullable(),
      profile: z.string().nullable(),
      profiles: z.array(z.string()),
      tabs: z.array(z.object({ id: z.string(), url: z.string(), title: z.string(), active: z.boolean() })),
    }),
  }),
  "browser.navigate": define({
    summary: "Open a page",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/browser/navigate" },
    params: z.strictObject({
      url: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }),
      profile: profile.optional(),
      waitUntil: z.enum(["load", "domcontentloaded", "networkidle", "commit"]).optional(),
    }),
    result: z.object({
      success: z.boolean(),
      url: z.string(),
      title: z.string(),
      status: z.int().nullable(),
      tabId: z.string(),
    }),
  }),
  "browser.screenshot": define({
    summary: "Take a picture of the page or of one element",
    scopes: ["operate"],
    http: { method: "POST", path: "/v1/browser/screenshot" },
    params: z.strictObject({
      selector: z.string().min(1).max(2048).optional(),
      fullPage: z.boolean().optional(),
      tabId: z.string().max(128).optional(),
      format: z.enum(["png", "jpeg"]).optional(),
      quality: z.int().min(0).max(100).optional().describe("JPEG only"),
    }),
    result: z.object({
      mimeType: z.string(),
      data: z.string().describe("base64"),
      width: z.int(),
      height: z.int(),
    }),
  }),
} as const;
