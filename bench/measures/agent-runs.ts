import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { post } from "../load.ts";
import type { Rig } from "../rig.ts";
import { median } from "../statistics.ts";
import { cpuPerRequest } from "./cpu.ts";

/** CPU of a run whose session is kept, each answered in a stream of 20 deltas by the model. */
export async function agentRuns(rig: Rig, effort: Effort): Promise<Figure[]> {
  return [
    { ...(await perRun(rig, effort, 1)), target: { of: "value", atMost: 2 } },
    { ...(await perRun(rig, effort, 10)), target: { of: "value", atMost: 2 } },
  ];
}

async function perRun(rig: Rig, { rounds, requests }: Effort, sessions: number): Promise<Figure> {
  const values: number[] = [];
  const count = Math.ceil(requests / 10);
  for (let round = 0; round <= rounds; round++) {
    // New sessions in every round, so that each has a past of the same length.
    const request = (i: number) =>
      post("/v1/agent/run", {
        message: "Hello, AI!",
        sessionKey: `cpu-${sessions}-${round}-${i % sessions}`,
      });
    const used = await cpuPerRequest(rig.gateway, { count, inFlight: sessions, request });
    if (round > 0) values.push(used / 1000);
  }
  const name = `CPU of an agent run, ${count} runs in ${sessions} session${sessions > 1 ? "s" : ""}`;
  return { name, unit: "ms", gateway: median(values) };
}
