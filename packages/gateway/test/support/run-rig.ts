import { type FakeModel, startFakeModel } from "./fake-model.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";
import type { TestSocket } from "./socket.ts";

/** A gateway with a scripted provider beside the demo model, and a socket to it. */
export interface RunRig {
  readonly gateway: TestGateway;
  readonly fake: FakeModel;
  readonly socket: TestSocket;
  /** `chat.run` over the rig's socket, or another one; gives the result. */
  run(params: Json, on?: TestSocket): Promise<Json>;
  /** A GET whose answer is read by the test, for event streams. */
  stream(path: string, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** Options of a run that the scripted provider answers. */
export const onFake = { model: "fake/m" };

export async function startRunRig(): Promise<RunRig> {
  const fake = await startFakeModel();
  const models = [{ id: "m", reasoning: true }, { id: "plain" }];
  const gateway = await startGateway({
    config: {
      models: { providers: { fake: { baseUrl: `${fake.url}/v1`, models } } },
      agents: { defaults: { model: "builtin/demo" } },
    },
  });
  const socket = await gateway.ws();
  return {
    gateway,
    fake,
    socket,
    run: async (params, on = socket) => (await on.call("chat.run", params)).result,
    stream: (path, headers = {}) => gateway.fetch(path, { headers }),
    async close() {
      await gateway.close();
      await fake.close();
    },
  };
}

/** The text of a run's deltas, joined. */
export function textOf(events: readonly Json[]): string {
  return events.flatMap((it) => (it.type === "chat.delta" ? [it.data.delta] : [])).join("");
}
