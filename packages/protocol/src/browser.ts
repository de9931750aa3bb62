import { z } from "zod";
import { browserAction } from "./browser-actions.ts";
import {
  browserGet,
  browserPost,
  browserProfile,
  browserTab,
  navigated,
  pageUrl,
  placed,
  pointed,
  timeoutMs,
  viewport,
  waitUntil,
} from "./browser-fields.ts";
import { browserProfileMethods } from "./browser-profiles.ts";
import { browserTabMethods } from "./browser-tabs.ts";
import { define, noParams } from "./method.ts";

const picture = z.object({
  mimeType: z.string(),
  data: z.string().describe("base64"),
  width: z.int(),
  height: z.int(),
});

export const browserMethods = {
  "browser.status": define({
    summary: "Whether a browser is there and what it shows",
    scopes: ["read"],
    http: browserGet("status"),
    params: noParams,
    result: z.object({
      enabled: z.boolean(),
      running: z.boolean(),
      version: z.string().nullable(),
      profile: z.string().nullable().describe("The one used last"),
      profiles: z.array(z.string()),
      tabs: z.array(browserTab),
      executable: z.string().nullable().describe("Where the Chromium comes from, once it was looked for"),
      processes: z.array(
        z.object({ profile: z.string(), startedAt: z.string(), memoryBytes: z.int().nullable() }),
      ),
      waiting: z.int().describe("Callers that wait for a browser"),
    }),
  }),
  "browser.start": define({
    summary: "Start the browser of a profile; every other method does so by itself",
    scopes: ["operate"],
    http: browserPost("start"),
    params: z.strictObject({ profile: browserProfile.optional() }),
    result: z.object({ running: z.boolean(), profile: z.string(), version: z.string().nullable() }),
  }),
  "browser.stop": define({
    summary: "Stop the browser of a profile, or all of them; what they keep is kept",
    scopes: ["operate"],
    http: browserPost("stop"),
    params: z.strictObject({ profile: browserProfile.optional() }),
    result: z.object({ stopped: z.int().describe("How many were running") }),
  }),
  "browser.navigate": define({
    summary: "Open a page",
    scopes: ["operate"],
    http: browserPost("navigate"),
    params: z.strictObject({ url: pageUrl, ...placed, waitUntil, viewport, timeoutMs }),
    result: navigated,
  }),
  "browser.back": define({
    summary: "Go back in a tab's history",
    scopes: ["operate"],
    http: browserPost("back"),
    params: z.strictObject({ ...placed, waitUntil, timeoutMs }),
    result: navigated,
  }),
  "browser.forward": define({
    summary: "Go forward in a tab's history",
    scopes: ["operate"],
    http: browserPost("forward"),
    params: z.strictObject({ ...placed, waitUntil, timeoutMs }),
    result: navigated,
  }),
  "browser.reload": define({
    summary: "Load a tab's page again",
    scopes: ["operate"],
    http: browserPost("reload"),
    params: z.strictObject({ ...placed, waitUntil, timeoutMs }),
    result: navigated,
  }),
  "browser.screenshot": define({
    summary: "Take a picture of the page or of one element",
    scopes: ["operate"],
    http: browserPost("screenshot"),
    params: z.strictObject({
      selector: z.string().min(1).max(2048).optional(),
      fullPage: z.boolean().optional(),
      ...placed,
      format: z.enum(["png", "jpeg", "webp"]).optional(),
      quality: z.int().min(0).max(100).optional().describe("JPEG and WebP only"),
      viewport,
      timeoutMs,
    }),
    result: picture,
  }),
  "browser.pdf": define({
    summary: "Print the page",
    scopes: ["operate"],
    http: browserPost("pdf"),
    params: z.strictObject({
      ...placed,
      format: z.enum(["A4", "A3", "A5", "Letter", "Legal", "Tabloid"]).optional().describe("A4 unless told"),
      landscape: z.boolean().optional(),
      background: z
        .boolean()
        .optional()
        .describe("With colours and pictures behind the text; true unless told"),
      timeoutMs,
    }),
    result: z.object({ mimeType: z.string(), data: z.string().describe("base64") }),
  }),
  "browser.snapshot": define({
    summary: "The page as a tree of what can be read and used, with a ref for each thing",
    scopes: ["operate"],
    http: browserPost("snapshot"),
    params: z.strictObject({
      ...placed,
      selector: z.string().min(1).max(2048).optional().describe("Only this part"),
      page: z.int().min(1).max(1_000).optional().describe("Of a long page; 1 unless told"),
      timeoutMs,
    }),
    result: z.object({
      tabId: z.string(),
      url: z.string(),
      title: z.string(),
      snapshot: z.string(),
      page: z.int(),
      pages: z.int(),
      notes: z.array(z.string()).optional(),
    }),
  }),
  "browser.act": define({
    summary: "Do something on the page: click, hover, type, select, press, scroll or wait",
    scopes: ["operate"],
    http: browserPost("act"),
    params: z.strictObject({ ...placed, action: browserAction, timeoutMs }),
    result: navigated.extend({ detail: z.string().optional().describe("What was done") }),
  }),
  "browser.evaluate": define({
    summary: "Run JavaScript on the page; off unless browser.evaluateEnabled",
    scopes: ["operate"],
    http: browserPost("evaluate"),
    params: z.strictObject({
      ...placed,
      expression: z.string().min(1).max(100_000).describe("JavaScript; its value, awaited, as JSON"),
      timeoutMs,
    }),
    result: z.object({ value: z.unknown(), url: z.string() }),
  }),
  "browser.upload": define({
    summary: "Put files into a file field",
    scopes: ["operate"],
    http: browserPost("upload"),
    params: z.strictObject({
      ...placed,
      ...pointed,
      files: z
        .array(
          z.strictObject({
            name: z.string().min(1).max(255),
            mimeType: z.string().min(1).max(255).optional(),
            data: z.base64().describe("The bytes, base64"),
          }),
        )
        .min(1)
        .max(20),
      timeoutMs,
    }),
    result: navigated,
  }),
  ...browserTabMethods,
  ...browserProfileMethods,
  "browser.request": define({
    summary: "The routes of an older control service, as one method",
    scopes: ["operate"],
    http: browserPost("request"),
    params: z.strictObject({
      method: z.enum(["GET", "POST", "DELETE"]),
      path: z.string().min(1).max(512).describe("E.g. /status, /tabs/open, /screenshot"),
      query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
      body: z.record(z.string(), z.unknown()).optional(),
      profile: browserProfile.optional(),
      timeoutMs,
    }),
    result: z.record(z.string(), z.unknown()),
  }),
} as const;
