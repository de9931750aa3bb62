import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Chromes, Doing, Guard, Lease } from "../../src/services/browser/engine/base/parts.ts";
import type { EngineConfig } from "../../src/services/browser/engine/base/types.ts";
import { createChromes } from "../../src/services/browser/engine/chromium/chromes.ts";
import { createProfiles, type Profiles } from "../../src/services/browser/engine/chromium/profiles.ts";

/** Browsers with a guard that lets everything through, and a site for their pages. */
export interface ChromesRig {
  readonly folder: string;
  readonly config: EngineConfig;
  readonly chromes: Chromes;
  readonly profiles: Profiles;
  /** The site's address; it answers with a page that sets the cookie `seen` of the session. */
  readonly url: string;
  /** What went through the guard. */
  readonly requested: string[];
  /** Contexts that were announced: profile and owner. */
  readonly announced: string[];
  /** Why browsers have ended. */
  readonly ended: string[];
  idle: number;
  /** How far the clock is ahead, ms. */
  ahead: number;
  lease(profile: string, owner?: string, withinMs?: number, signal?: AbortSignal): Promise<Lease>;
  close(): Promise<void>;
}

export function engineConfig(folder: string, changes: Partial<EngineConfig> = {}): EngineConfig {
  const env = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|LANG|TMPDIR)$/.test(name));
  return {
    headless: true,
    executablePath: process.env.CHROMIUM_PATH,
    evaluateEnabled: false,
    remoteCdpTimeoutMs: 5_000,
    remoteCdpHandshakeTimeoutMs: 5_000,
    defaultProfile: "default",
    profiles: {},
    ...{ allowPrivate: [], allowHosts: [], denyHosts: [] },
    ...{ idleMs: 600_000, maxBrowsers: 2, maxTabs: 16, downloadMaxBytes: 1_000_000 },
    folder,
    env: Object.fromEntries(env) as Record<string, string>, // those that are set
    ...changes,
  };
}

export async function startChromesRig(changes: Partial<EngineConfig> = {}): Promise<ChromesRig> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-chromes-"));
  const config = engineConfig(folder, changes);
  const site = createServer((_, response) => {
    response
      .writeHead(200, { "content-type": "text/html", "set-cookie": "seen=yes; Path=/" })
      .end("<p>Hello");
  });
  const requested: string[] = [];
  const proxy = createServer((asked, response) => {
    requested.push(asked.url ?? "");
    const onward = request(asked.url ?? "", { method: asked.method, headers: asked.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    asked.pipe(onward);
  });
  proxy.on("connect", (asked, socket) => {
    requested.push(asked.url ?? "");
    const [host, port] = (asked.url ?? "").split(":");
    const onward = connect(Number(port), host, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    for (const end of [onward, socket]) end.on("error", () => [onward, socket].map((it) => it.destroy()));
    onward.pipe(socket).pipe(onward);
  });
  const addresses = await Promise.all(
    [site, proxy].map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }),
  );
  const guard: Guard = {
    server: addresses[1]!,
    judge() {},
    refusal: () => undefined,
    failure: () => undefined,
    isRefusal: () => false,
    isFailure: () => false,
    admit: async () => {},
    async watchOver(context) {
      await context.route("**", (route) => {
        requested.push(route.request().url());
        return route.continue();
      });
    },
    close: async () => {},
  };
  const profiles = createProfiles({ config });
  const rig: ChromesRig = {
    folder,
    config,
    profiles,
    ...{ url: addresses[0]!, requested, announced: [], ended: [], idle: 0, ahead: 0 },
    lease: (profile: string, owner = "api", withinMs = 60_000, signal = new AbortController().signal) =>
      rig.chromes.lease({ profile, owner }, doing(withinMs, signal)),
    chromes: createChromes({
      ...{ config, guard, profiles },
      onContext: (lease, owner) => void rig.announced.push(`${lease.profile} ${owner}`),
      onGone: (profile, why) => void rig.ended.push(`${profile}: ${why}`),
      onIdle: () => void rig.idle++,
      sweepMs: 50,
      log() {},
      now: () => Date.now() + rig.ahead,
    }),
    async close() {
      await rig.chromes.close();
      for (const server of [site, proxy]) {
        server.closeAllConnections();
        server.close();
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  const doing = (withinMs: number, signal: AbortSignal): Doing => ({
    signal,
    deadline: Date.now() + rig.ahead + withinMs,
  });
  return rig;
}
