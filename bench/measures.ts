import type { Effort } from "./effort.ts";
import type { Figure } from "./figure.ts";
import { agentRuns } from "./measures/agent-runs.ts";
import { browser } from "./measures/browser.ts";
import { channels } from "./measures/channels.ts";
import { cpu } from "./measures/cpu.ts";
import { dialects } from "./measures/dialects.ts";
import { idleSockets } from "./measures/idle-sockets.ts";
import { latency } from "./measures/latency.ts";
import { loopDelay } from "./measures/loop-delay.ts";
import { memory } from "./measures/memory.ts";
import { pacedStream } from "./measures/paced-stream.ts";
import { start } from "./measures/start.ts";
import { manyTurns, turns } from "./measures/turns.ts";
import { type Rig, startRig } from "./rig.ts";

/** Every measure by the name for `--only`, in the order of the table. */
export const measures = {
  start,
  memory,
  channels,
  browser,
  cpu,
  dialects,
  latency,
  stream: pacedStream,
  agent: agentRuns,
  turns,
  flat: manyTurns,
  sockets: idleSockets,
  loop: loopDelay,
} satisfies Record<string, (rig: Rig, effort: Effort) => Promise<Figure[]>>;
export type MeasureName = keyof typeof measures;

/** Takes the named measures one after the other, all on the same servers. */
export async function runMeasures(
  entry: string,
  names: readonly MeasureName[],
  effort: Effort,
): Promise<Figure[]> {
  const rig = await startRig(entry);
  try {
    const figures: Figure[] = [];
    for (const name of names) figures.push(...(await measures[name](rig, effort)));
    return figures;
  } finally {
    await rig.stop();
  }
}
