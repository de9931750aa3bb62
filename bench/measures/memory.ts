import { setTimeout as pause } from "node:timers/promises";
import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { type Client, completion, createClient, post } from "../load.ts";
import { usageOf } from "../process-usage.ts";
import type { Rig } from "../rig.ts";
import type { Server } from "../server.ts";

const inFlight = 64;
const sessions = 50;

/** Resident memory of a gateway that has just started, after a mixed load, and after the same load again. */
export async function memory(rig: Rig, effort: Effort): Promise<Figure[]> {
  const pipe = await phases(await rig.startPipe(), effort, false);
  const gateway = await phases(await rig.startGateway(rig.newHome()), effort, true);
  const figure = (name: string, index: 0 | 1 | 2): Figure => {
    return { name, unit: "MB", pipe: pipe[index], gateway: gateway[index] };
  };
  return [
    { ...figure("memory at rest", 0), target: { of: "value", atMost: 100 } },
    { ...figure("memory after load", 1), target: { of: "value", atMost: 160 } },
    // Flat: the second load may leave a little more than the first, and never more than what is allowed at all.
    {
      ...figure("memory after the same load again", 2),
      target: { of: "value", atMost: Math.min(160, Math.round(gateway[1] * 1.1)) },
    },
  ];
}

async function phases(server: Server, effort: Effort, withAgent: boolean): Promise<[number, number, number]> {
  const client = createClient(server.port);
  const now = () => usageOf(server.pid).rssBytes / 1e6;
  try {
    await pause(effort.restMs);
    const rest = now();
    await load(client, effort, withAgent);
    await pause(effort.settleMs);
    const once = now();
    await load(client, effort, withAgent);
    await pause(effort.settleMs);
    return [rest, once, now()];
  } finally {
    client.close();
    await server.stop();
  }
}

async function load(client: Client, { requests }: Effort, withAgent: boolean): Promise<void> {
  const plain = completion("plain");
  const streamed = completion("20x0");
  await client.run({ count: requests * 2, inFlight, request: () => plain });
  await client.run({ count: requests, inFlight, request: () => streamed });
  if (!withAgent) return;
  await client.run({
    count: Math.ceil(requests / 2),
    inFlight,
    request: (i) => post("/v1/agent/run", { message: "Hello!", sessionKey: `memory-${i % sessions}` }),
  });
}
