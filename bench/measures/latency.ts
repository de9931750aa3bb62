import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { completion } from "../load.ts";
import type { Rig, Subject } from "../rig.ts";
import { median, quantile } from "../statistics.ts";

const atOnce = [1, 10, 64];

/** Time of a plain completion, with one and with more under way. */
export async function latency(rig: Rig, { rounds, requests }: Effort): Promise<Figure[]> {
  const request = completion("plain");
  const figures: Figure[] = [];
  for (const inFlight of atOnce) {
    const count = inFlight === 1 ? Math.ceil(requests / 2) : requests;
    const sample = async (subject: Subject): Promise<number[]> => {
      const answers = await subject.client.run({ count, inFlight, request: () => request });
      return answers.map((it) => it.endedAt - it.startedAt);
    };
    const subjects = [rig.direct, rig.pipe, rig.gateway];
    const times = subjects.map((): number[][] => []);
    for (const subject of subjects) await sample(subject);
    for (let round = 0; round < rounds; round++) {
      for (const [i, subject] of subjects.entries()) times[i]!.push(await sample(subject));
    }
    const figure = (name: string, share: number): Figure => {
      const [direct, pipe, gateway] = times.map((all) => median(all.map((it) => quantile(it, share))));
      return { name, unit: "ms", direct: direct!, pipe: pipe!, gateway: gateway! }; // one per subject
    };
    figures.push({
      ...figure(`latency p50, ${inFlight} in flight`, 0.5),
      ...(inFlight === 1 && { target: { of: "added", atMost: 0.6 } }),
    });
    figures.push(figure(`latency p99, ${inFlight} in flight`, 0.99));
  }
  return figures;
}
