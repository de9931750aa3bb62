import type { Answer } from "../connection.ts";
import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { completion } from "../load.ts";
import type { Rig, Subject } from "../rig.ts";
import { median } from "../statistics.ts";

const inFlight = 10;
const deltas = 20;
const paceMs = 10;
/** Two deltas that are sent 10 ms apart and arrive within so little were not handed on when they came, ms. */
const tooCloseMs = 1;

/** A stream whose model takes its time: when the first delta comes, and whether each comes by itself. */
export async function pacedStream(rig: Rig, { rounds }: Effort): Promise<Figure[]> {
  const request = completion(`${deltas}x${paceMs}`);
  const load = { count: inFlight, inFlight, request: () => request };
  const subjects: Subject[] = [rig.direct, rig.pipe, rig.gateway];
  const answers = subjects.map((): Answer[][] => []);
  for (const subject of subjects) await subject.client.run(load);
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) answers[i]!.push(await subject.client.run(load));
  }
  const [first, together] = [firstDelta, notApart].map((measure) => {
    const [direct, pipe, gateway] = answers.map((all) => median(all.map(measure)));
    return { direct: direct!, pipe: pipe!, gateway: gateway! }; // one per subject
  });
  return [
    { name: "first delta, 10 streams", unit: "ms", ...first!, target: { of: "added", atMost: 1.5 } },
    {
      name: `deltas not apart, of ${load.count * deltas}`,
      unit: "count",
      ...together!,
      target: { of: "added", atMost: 0 },
    },
  ];
}

function firstDelta(answers: readonly Answer[]): number {
  return median(answers.map((it) => it.reads[0]!.at - it.startedAt));
}

/** Deltas that came in one read with another, or right after it. */
function notApart(answers: readonly Answer[]): number {
  let count = 0;
  for (const { reads } of answers) {
    reads.forEach((read, i) => {
      count += read.deltas - 1;
      if (i > 0 && read.at - reads[i - 1]!.at < tooCloseMs) count += 1;
    });
  }
  return count;
}
