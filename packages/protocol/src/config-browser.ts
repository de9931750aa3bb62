import { z } from "zod";

const color = z.string().regex(/^#[0-9a-fA-F]{6}$/, "must be like #1a73e8");
const cdpUrl = z.url({ protocol: /^(https?|wss?)$/ });

/** A profile with something of its own; profiles without need not be named here. */
const profileConfig = z.object({
  color: color.optional().describe("By which people tell its window from others"),
  cdpUrl: cdpUrl.optional().describe("A browser that runs already: its DevTools address"),
  cdpPort: z.int().min(1).max(65_535).optional().describe("The same, on this machine"),
  driver: z.enum(["openclaw", "extension"]).optional().describe("Only openclaw is there"),
});

/** A value that agents can have typed but never see. */
const secretConfig = z.object({
  value: z.string().min(1).max(10_000).describe("Usually ${VARIABLE}"),
  hosts: z.array(z.string().min(1)).min(1).describe("Where it may be typed: host names, *.example.com"),
});

const hosts = z.array(z.string().min(1)).default([]);

/** `browser`: the Chromium that agents and clients control. */
export const browserConfig = z.object({
  enabled: z.boolean().default(true),
  headless: z.boolean().default(true),
  noSandbox: z.boolean().optional().describe("true as root, false otherwise, unless told"),
  executablePath: z.string().min(1).optional().describe("The Chromium to start; found by itself unless told"),
  evaluateEnabled: z.boolean().default(false).describe("Whether JavaScript may be run on pages"),
  cdpUrl: cdpUrl.optional().describe("A browser that runs already, for the profile default"),
  remoteCdpTimeoutMs: z.int().min(1).default(1_500).describe("For finding a running browser, ms"),
  remoteCdpHandshakeTimeoutMs: z.int().min(1).default(3_000).describe("For the connection to it, ms"),
  defaultProfile: z.string().min(1).default("default"),
  profiles: z.record(z.string(), profileConfig).default({}),
  secrets: z.record(z.string(), secretConfig).default({}),
  allowPrivate: z
    .array(z.string())
    .default([])
    .describe("Private addresses that may be opened: IPs, CIDRs, names"),
  allowHosts: hosts.describe("If not empty, the only hosts that pages may call: names, *.example.com"),
  denyHosts: hosts.describe("Hosts that pages may never call"),
  idleMinutes: z
    .number()
    .min(0.01)
    .default(10)
    .describe("A browser that nobody has used for so long is stopped"),
  maxBrowsers: z.int().min(1).max(16).default(3).describe("Browsers at once; further callers wait"),
  maxTabs: z.int().min(1).max(200).default(16).describe("Tabs of one session, or of one client, at once"),
  downloadMaxMb: z.number().min(0.001).default(100).describe("Largest file that is downloaded"),
});
export type BrowserConfig = z.infer<typeof browserConfig>;
