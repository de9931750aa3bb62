import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { createClient, post } from "../load.ts";
import { usageOf } from "../process-usage.ts";
import type { Rig } from "../rig.ts";
import { median } from "../statistics.ts";
import { cpuPerRequest } from "./cpu.ts";

/** Turns of the long session, two messages each. */
const longTurns = 1_000;
const sessions = 1_000;
const samples = 40;

const turn = (sessionKey: string) => post("/v1/agent/run", { message: "Hello, AI!", sessionKey });

/** CPU of a turn in a short and in a long session, the model's own work aside: it is another process. */
export async function turns(rig: Rig, effort: Effort): Promise<Figure[]> {
  const { client } = rig.gateway;
  const short: number[] = [];
  const long: number[] = [];
  const count = Math.ceil(effort.requests / 20);
  await client.run({
    count: Math.min(longTurns, effort.turns),
    inFlight: 1,
    request: () => turn("turns-long"),
  });
  for (let round = 0; round < effort.rounds; round++) {
    const key = (i: number) => turn(`turns-${round}-${i % count}`);
    await client.run({ count: count * 5, inFlight: 10, request: key }); // ten messages each
    short.push((await cpuPerRequest(rig.gateway, { count, inFlight: 1, request: key })) / 1000);
    const again = { count, inFlight: 1, request: () => turn("turns-long") };
    long.push((await cpuPerRequest(rig.gateway, again)) / 1000);
  }
  return [
    {
      name: "CPU of a turn, 10 messages",
      unit: "ms",
      gateway: median(short),
      target: { of: "value", atMost: 3 },
    },
    {
      name: "CPU of a turn, 2,000 messages",
      unit: "ms",
      gateway: median(long),
      target: { of: "value", atMost: 6 },
    },
  ];
}

/** Memory over many turns in 1,000 sessions: what it is at the end, and how it grows in the second half. */
export async function manyTurns(rig: Rig, effort: Effort): Promise<Figure[]> {
  const gateway = await rig.startGateway(rig.newHome());
  const client = createClient(gateway.port);
  const batch = Math.ceil(effort.turns / samples);
  const points: { turns: number; megabytes: number }[] = [];
  try {
    for (let done = 0; done < effort.turns; done += batch) {
      await client.run({ count: batch, inFlight: 8, request: (i) => turn(`many-${(done + i) % sessions}`) });
      points.push({ turns: done + batch, megabytes: usageOf(gateway.pid).rssBytes / 1e6 });
    }
  } finally {
    client.close();
    await gateway.stop();
  }
  const half = points.slice(points.length / 2);
  return [
    {
      name: `memory after ${effort.turns} turns in ${sessions} sessions`,
      unit: "MB",
      gateway: points.at(-1)!.megabytes,
    },
    {
      name: "its growth per 1,000 turns in the second half",
      unit: "MB",
      gateway: slope(half) * 1_000,
      target: { of: "value", atMost: 0.5 },
    },
  ];
}

/** Megabytes per turn by least squares. */
function slope(points: readonly { turns: number; megabytes: number }[]): number {
  const mean = (of: (it: (typeof points)[number]) => number) =>
    points.reduce((sum, it) => sum + of(it), 0) / points.length;
  const x = mean((it) => it.turns);
  const y = mean((it) => it.megabytes);
  const above = points.reduce((sum, it) => sum + (it.turns - x) * (it.megabytes - y), 0);
  const below = points.reduce((sum, it) => sum + (it.turns - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
