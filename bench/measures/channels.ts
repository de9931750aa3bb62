import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startDiscordServer, startSlackServer, startTelegramServer } from "@openclaw/crabline";
import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import type { Home } from "../gateway.ts";
import { createClient, get } from "../load.ts";
import { usageOf } from "../process-usage.ts";
import type { Rig } from "../rig.ts";
import { median } from "../statistics.ts";

type Sections = Record<string, Record<string, unknown>>;

/** Nobody listens on the discard port. */
const nowhere = "http://127.0.0.1:9";

/** A shorter rest says nothing about what a connection takes, ms. */
const leastRestMs = 500;

/** Every channel, whole in its settings, its server out of reach. */
const offline: Sections = {
  telegram: { botToken: "1:offline-offline", apiRoot: nowhere },
  discord: { botToken: "offline-offline", apiRoot: `${nowhere}/api` },
  slack: { botToken: "xoxb-offline", appToken: "xapp-offline", apiRoot: `${nowhere}/api/` },
  whatsapp: {
    ...{ phoneNumberId: "1", accessToken: "offline-offline", apiRoot: nowhere },
    ...{ appSecret: "offline-offline", verifyToken: "offline-offline" },
  },
  irc: { server: "127.0.0.1", port: 9, nickname: "offline" },
  webhook: { secret: "offline-offline-offline", url: `${nowhere}/` },
};

/** What channels cost: all of them out of reach, and each one that is joined to a stand-in of its platform. */
export async function channels(rig: Rig, effort: Effort): Promise<Figure[]> {
  const none: number[] = [];
  const all: number[] = [];
  for (let i = 0; i < effort.starts; i++) {
    none.push((await lifetime(rig, {}, 0)).startMs);
    all.push((await lifetime(rig, offline, 0)).startMs);
  }
  const rest = await lifetime(rig, {}, effort.restMs);
  const tried = await lifetime(rig, offline, effort.restMs);
  const joins = effort.restMs < leastRestMs ? [] : await joined(rig, effort, rest.megabytes);
  return [
    {
      ...{ name: "start, all channels out of reach (beside none)", unit: "ms" },
      ...{ pipe: median(none), gateway: median(all), target: { of: "ratio", atMost: 1.1 } },
    },
    {
      ...{ name: "memory, all channels out of reach (beside none)", unit: "MB" },
      ...{ pipe: rest.megabytes, gateway: tried.megabytes, target: { of: "value", atMost: 120 } },
    },
    ...joins,
  ];
}

async function joined(rig: Rig, effort: Effort, beside: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-bench-peers-"));
  const recorderPath = join(folder, "events.jsonl");
  const telegram = await startTelegramServer({ recorderPath });
  const discord = await startDiscordServer({ recorderPath });
  const slack = await startSlackServer({ recorderPath });
  const sections: Sections = {
    telegram: { botToken: telegram.manifest.botToken, apiRoot: telegram.manifest.endpoints.apiRoot },
    discord: { botToken: discord.manifest.botToken, apiRoot: discord.manifest.endpoints.apiRoot },
    slack: {
      ...{ botToken: slack.manifest.botToken, signingSecret: slack.manifest.signingSecret },
      ...{ mode: "http", apiRoot: slack.manifest.endpoints.apiRoot },
    },
    webhook: { secret: "a secret of the bench", url: `${nowhere}/` },
  };
  try {
    const figures: Figure[] = [];
    for (const [name, section] of Object.entries(sections)) {
      const { megabytes } = await lifetime(rig, { [name]: section }, effort.restMs);
      figures.push({
        name: `memory, ${name} joined (beside none)`,
        unit: "MB",
        pipe: beside,
        gateway: megabytes,
      });
    }
    return figures;
  } finally {
    await Promise.all([telegram.close(), discord.close(), slack.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a gateway with these channels, lets it rest, and stops it. */
async function lifetime(
  rig: Rig,
  sections: Sections,
  restMs: number,
): Promise<{ startMs: number; megabytes: number }> {
  const home = withChannels(rig.newHome(), sections);
  const startedAt = performance.now();
  const server = await rig.startGateway(home);
  const client = createClient(server.port);
  try {
    await client.run({ count: 1, inFlight: 1, request: () => get("/readyz") });
    const startMs = performance.now() - startedAt;
    await pause(restMs);
    return { startMs, megabytes: usageOf(server.pid).rssBytes / 1e6 };
  } finally {
    client.close();
    await server.stop();
  }
}

function withChannels(home: Home, sections: Sections): Home {
  const file = join(home.folder, "openclaw.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>; // written by makeHome
  writeFileSync(file, JSON.stringify({ ...config, channels: sections }));
  return home;
}
