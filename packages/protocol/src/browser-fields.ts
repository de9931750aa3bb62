import { z } from "zod";

/** A profile's name is a folder's, too. `incognito` keeps nothing. */
export const browserProfile = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "must be 1–64 of a–z, 0–9, - and _")
  .describe("default, incognito, or one of your own");
export const tabId = z.string().min(1).max(128).describe("The active tab unless told");
export const pageUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
export const waitUntil = z.enum(["load", "domcontentloaded", "networkidle", "commit"]).optional();
export const timeoutMs = z.int().min(1).max(300_000).optional().describe("Most time of this action, ms");
export const viewport = z
  .strictObject({ width: z.int().min(100).max(4096), height: z.int().min(100).max(4096) })
  .optional()
  .describe("Size of the page in CSS pixels; it stays so");
/** Which tab a method is about. */
export const placed = { tabId: tabId.optional(), profile: browserProfile.optional() };

export const browserTab = z
  .object({
    id: z.string(),
    url: z.string(),
    title: z.string(),
    active: z.boolean(),
    profile: z.string(),
    sessionKey: z.string().nullable().describe("The session whose agent has opened it"),
  })
  .meta({ id: "BrowserTab" });
export type BrowserTab = z.infer<typeof browserTab>;

export const navigated = z.object({
  success: z.boolean(),
  url: z.string(),
  title: z.string(),
  status: z.int().nullable().describe("HTTP status of the page"),
  tabId: z.string(),
  notes: z.array(z.string()).optional().describe("What else happened: dialogs, pop-ups, downloads"),
});

/** An element of the page; `ref` is one of `browser.snapshot`. */
export const pointed = {
  ref: z.string().min(1).max(32).optional().describe("Of the last snapshot, e.g. e12"),
  selector: z.string().min(1).max(2048).optional().describe("CSS, where there is no ref"),
};
export const browserPost = (path: string) => ({ method: "POST" as const, path: `/v1/browser/${path}` });
export const browserGet = (path: string) => ({ method: "GET" as const, path: `/v1/browser/${path}` });
