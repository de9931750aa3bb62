import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { completion, get } from "../load.ts";
import type { Rig } from "../rig.ts";
import { median } from "../statistics.ts";

const inFlight = 64;

/** How late the event loop is while 64 streams run. */
export async function loopDelay(rig: Rig, { rounds }: Effort): Promise<Figure[]> {
  const { client } = rig.gateway;
  const request = completion("20x10");
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await delayMs(rig); // the gauge counts from its last look
    await client.run({ count: inFlight * 5, inFlight, request: () => request });
    values.push(await delayMs(rig));
  }
  const name = "event-loop delay p99, 64 streams";
  return [{ name, unit: "ms", gateway: median(values), target: { of: "value", atMost: 20 } }];
}

async function delayMs(rig: Rig): Promise<number> {
  const [answer] = await rig.gateway.client.run({ count: 1, inFlight: 1, request: () => get("/metrics") });
  const value = /^openclaw_event_loop_delay_p99_seconds (\S+)$/m.exec(answer?.body ?? "")?.[1];
  if (value === undefined) throw new Error("/metrics has no event-loop delay.");
  return Number(value) * 1000;
}
