import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { asks } from "../load.ts";
import type { Rig } from "../rig.ts";
import { median } from "../statistics.ts";
import { cpuPerRequest } from "./cpu.ts";

type Caller = keyof typeof asks;

const inFlight = 10;
const atMost = 1.6;

/** Which caller's dialect over which wire; a pair of the same is handed on as it is. */
const pairs: readonly { caller: Caller; wire: string; name: string }[] = [
  { caller: "responses", wire: "responses", name: "Responses, handed on" },
  { caller: "messages", wire: "anthropic", name: "Messages, handed on" },
  { caller: "chat", wire: "anthropic", name: "chat to Anthropic" },
  { caller: "chat", wire: "google", name: "chat to Google" },
  { caller: "chat", wire: "responses", name: "chat to Responses" },
  { caller: "messages", wire: "fake", name: "Messages to chat" },
  { caller: "responses", wire: "fake", name: "Responses to chat" },
];

/** CPU of each dialect over another's wire, next to that of a chat completion that is handed on. */
export async function dialects(rig: Rig, effort: Effort): Promise<Figure[]> {
  return [...(await compare(rig, effort, false)), ...(await compare(rig, effort, true))];
}

async function compare(rig: Rig, { rounds, requests }: Effort, stream: boolean): Promise<Figure[]> {
  const model = stream ? "20x0" : "plain";
  const load = (caller: Caller, wire: string) => {
    const request = asks[caller](`${wire}/${model}`, stream);
    return { count: requests, inFlight, request: () => request };
  };
  const handedOn = load("chat", "fake");
  const loads = pairs.map(({ caller, wire }) => load(caller, wire));
  const base: number[] = [];
  const values = pairs.map((): number[] => []);
  for (const one of [handedOn, ...loads]) await rig.gateway.client.run(one);
  for (let round = 0; round < rounds; round++) {
    base.push(await cpuPerRequest(rig.gateway, handedOn));
    for (const [i, one] of loads.entries()) values[i]!.push(await cpuPerRequest(rig.gateway, one));
  }
  return pairs.map(({ name }, i) => ({
    name: `CPU of ${stream ? "a stream" : "an answer"}: ${name}`,
    unit: "µs",
    gateway: median(values[i]!),
    handedOn: median(base),
    target: { of: "handedOn", atMost },
  }));
}
