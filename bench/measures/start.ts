import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { createClient, get } from "../load.ts";
import type { Rig } from "../rig.ts";
import type { Server } from "../server.ts";
import { median } from "../statistics.ts";

/** From the start of the process to its first answer on /readyz. */
export async function start(rig: Rig, effort: Effort): Promise<Figure[]> {
  const used = rig.newHome();
  await timeToReady(() => rig.startGateway(used));
  const pipe: number[] = [];
  const fresh: number[] = [];
  const existing: number[] = [];
  for (let i = 0; i < effort.starts; i++) {
    pipe.push(await timeToReady(() => rig.startPipe()));
    fresh.push(await timeToReady(() => rig.startGateway(rig.newHome())));
    existing.push(await timeToReady(() => rig.startGateway(used)));
  }
  const common = { unit: "ms", pipe: median(pipe), target: { of: "ratio", atMost: 3 } } as const;
  return [
    { name: "start, new state directory", gateway: median(fresh), ...common },
    { name: "start, existing state directory", gateway: median(existing), ...common },
  ];
}

async function timeToReady(begin: () => Promise<Server>): Promise<number> {
  const startedAt = performance.now();
  const server = await begin();
  const client = createClient(server.port);
  try {
    await client.run({ count: 1, inFlight: 1, request: () => get("/readyz") });
    return performance.now() - startedAt;
  } finally {
    client.close();
    await server.stop();
  }
}
