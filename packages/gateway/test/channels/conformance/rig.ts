import { type FakeModel, startFakeModel } from "../../support/fake-model.ts";
import { type Json, startGateway, type TestGateway } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";
import type { Peer } from "./peers/peer.ts";

/** People whose messages do not meet: each test has its own. */
export const people = {
  owner: 0,
  reader: 1,
  talker: 2,
  writer: 3,
  hearer: 4,
  commander: 5,
  member: 6,
  patient: 7,
  receiver: 8,
  visitor: 9,
  stranger: 20,
} as const;

const owners: readonly number[] = [people.owner, people.reader];

export interface Rig {
  readonly peer: Peer;
  readonly gateway: TestGateway;
  /** The model that answers who chose `fake/long`; everybody else has the demo's. */
  readonly model: FakeModel;
  /** What the bot said in a chat. */
  texts(chat: string): string[];
  /** Waits until the bot has said something like this in a chat. */
  hear(chat: string, like: RegExp): Promise<string>;
  status(): Promise<Json>;
  /** Waits until nothing is on its way to the platform. */
  idle(): Promise<void>;
  /** Whether there is a session of a person's direct chat. */
  hasSession(person: number): Promise<boolean>;
  close(): Promise<void>;
}

/** A gateway process that is connected to a peer, with everybody let in but strangers. */
export async function startRig(startPeer: () => Promise<Peer>): Promise<Rig> {
  const peer = await startPeer();
  const model = await startFakeModel();
  const known = Object.values(people).filter((it) => it !== people.stranger);
  const section = {
    ...peer.section,
    dmPolicy: "pairing",
    allowFrom: known.map(peer.id),
    owners: owners.map(peer.id),
    groupPolicy: "everyone",
  };
  let gateway: TestGateway | undefined;

  async function close(): Promise<void> {
    await gateway?.close();
    await model.close();
    await peer.close();
  }

  try {
    gateway = await startGateway({
      config: {
        agents: { defaults: { model: "builtin/demo" } },
        models: {
          providers: { fake: { baseUrl: `${model.url}/v1`, apiKey: "k", models: [{ id: "long" }] } },
        },
        channels: { [peer.channelId]: section },
      },
    });
    peer.meet?.(gateway);
    const rig = rigOf(peer, gateway, model, close);
    await until(async () => (await rig.status()).status === "connected", "the channel is connected");
    return rig;
  } catch (error) {
    const output = gateway?.output() ?? "";
    await close();
    throw new Error(`no gateway with ${peer.channelId}: ${output}`, { cause: error });
  }
}

function rigOf(peer: Peer, gateway: TestGateway, model: FakeModel, close: () => Promise<void>): Rig {
  const texts = (chat: string) =>
    peer
      .heard()
      .filter((it) => it.to === chat)
      .map((it) => it.text);
  const status = async () => (await gateway.api("GET", `/v1/channels/${peer.channelId}/status`)).body;
  return {
    peer,
    gateway,
    model,
    close,
    texts,
    status,
    idle: () => until(async () => (await status()).queued === 0, "nothing is on its way"),
    async hear(chat, like) {
      await until(() => texts(chat).some((it) => like.test(it)), "it is said").catch((error: unknown) => {
        throw new Error(
          `never said in ${chat}: ${like}; said: ${JSON.stringify(texts(chat)).slice(0, 2_000)}`,
          {
            cause: error,
          },
        );
      });
      return texts(chat).find((it) => like.test(it))!;
    },
    async hasSession(person) {
      const { body } = await gateway.api("GET", "/v1/sessions?limit=200");
      const end = `:${peer.id(person).replaceAll(":", "%3A")}`; // as keys write it
      return body.sessions.some((it: Json) => it.sessionKey.endsWith(end));
    },
  };
}
