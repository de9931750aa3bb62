import { z } from "zod";
import {
  browserGet,
  browserPost,
  browserProfile,
  browserTab,
  navigated,
  pageUrl,
  placed,
  tabId,
  timeoutMs,
  waitUntil,
} from "./browser-fields.ts";
import { define } from "./method.ts";

/** Tabs, and what happens in them. */
export const browserTabMethods = {
  "browser.tabs": define({
    summary: "Open tabs",
    scopes: ["read"],
    http: browserGet("tabs"),
    params: z.strictObject({ profile: browserProfile.optional() }),
    result: z.object({ tabs: z.array(browserTab) }),
  }),
  "browser.open": define({
    summary: "Open a new tab",
    scopes: ["operate"],
    http: browserPost("tabs"),
    params: z.strictObject({
      url: pageUrl.optional(),
      profile: browserProfile.optional(),
      waitUntil,
      timeoutMs,
    }),
    result: navigated,
  }),
  "browser.activate": define({
    summary: "Make a tab the active one",
    scopes: ["operate"],
    http: browserPost("tabs/{tabId}/activate"),
    params: z.strictObject({ tabId }),
    result: browserTab,
  }),
  "browser.close": define({
    summary: "Close a tab",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/browser/tabs/{tabId}" },
    params: z.strictObject({ tabId }),
    result: z.object({ closed: z.boolean(), tabId: z.string() }),
  }),
  "browser.console": define({
    summary: "What a page has written to its console, newest last",
    scopes: ["read"],
    http: browserGet("console"),
    params: z.strictObject({ ...placed, limit: z.int().min(1).max(500).optional() }),
    result: z.object({
      tabId: z.string(),
      entries: z.array(z.object({ at: z.string(), level: z.string(), text: z.string(), url: z.string() })),
    }),
  }),
  "browser.network": define({
    summary: "What a page has requested, newest last",
    scopes: ["read"],
    http: browserGet("network"),
    params: z.strictObject({ ...placed, limit: z.int().min(1).max(500).optional() }),
    result: z.object({
      tabId: z.string(),
      entries: z.array(
        z.object({
          at: z.string(),
          method: z.string(),
          url: z.string(),
          type: z.string().describe("document, script, image, xhr, websocket …"),
          status: z.int().nullable(),
          ms: z.number().nullable(),
          error: z.string().nullable(),
        }),
      ),
    }),
  }),
  "browser.watch": define({
    summary: "Follow what a tab shows: browser.frame events on this connection",
    scopes: ["read"],
    http: browserGet("tabs/{tabId}/frames"),
    params: z.strictObject({
      tabId,
      maxWidth: z.int().min(100).max(2048).optional().describe("1024 unless told"),
      quality: z.int().min(1).max(100).optional().describe("Of the JPEG; 60 unless told"),
    }),
    result: z.object({ tabId: z.string() }),
  }),
  "browser.unwatch": define({
    summary: "Stop following a tab on this connection",
    scopes: ["read"],
    http: { method: "DELETE", path: "/v1/browser/tabs/{tabId}/frames" },
    params: z.strictObject({ tabId }),
    result: z.object({ unwatched: z.boolean() }),
  }),
} as const;
