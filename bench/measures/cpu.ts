import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { completion } from "../load.ts";
import { usageOf } from "../process-usage.ts";
import type { Rig, Subject } from "../rig.ts";
import { median } from "../statistics.ts";

const inFlight = 10;

/** CPU of a server per request, all its threads, user and system: µs. */
export async function cpuPerRequest(
  subject: Subject,
  load: { count: number; inFlight: number; request: (index: number) => string },
): Promise<number> {
  const before = usageOf(subject.pid).cpuSeconds;
  await subject.client.run(load);
  return ((usageOf(subject.pid).cpuSeconds - before) / load.count) * 1e6;
}

/** CPU of a plain completion and of a stream, next to the pipe's. */
export async function cpu(rig: Rig, effort: Effort): Promise<Figure[]> {
  return [
    await compare(rig, effort, { name: "CPU of a plain completion", model: "plain", atMost: 2 }),
    await compare(rig, effort, { name: "CPU of a stream of 20 deltas", model: "20x0", atMost: 3 }),
    await compare(rig, effort, { name: "CPU of a stream of 20 deltas that come at once", model: "20xburst" }),
  ];
}

async function compare(
  rig: Rig,
  { rounds, requests }: Effort,
  what: { name: string; model: string; atMost?: number },
): Promise<Figure> {
  const request = completion(what.model);
  const count = what.model === "plain" ? requests * 2 : requests;
  const load = { count, inFlight, request: () => request };
  const pipe: number[] = [];
  const gateway: number[] = [];
  await rig.pipe.client.run(load);
  await rig.gateway.client.run(load);
  for (let round = 0; round < rounds; round++) {
    pipe.push(await cpuPerRequest(rig.pipe, load));
    gateway.push(await cpuPerRequest(rig.gateway, load));
  }
  return {
    name: what.name,
    unit: "µs",
    pipe: median(pipe),
    gateway: median(gateway),
    ...(what.atMost !== undefined && { target: { of: "ratio", atMost: what.atMost } }),
  };
}
