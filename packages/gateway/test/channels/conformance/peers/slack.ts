import { startSlackServer } from "@openclaw/crabline";
import { until } from "../../../support/until.ts";
import { startRecorded } from "./crabline.ts";
import { startForwarder } from "./forwarder.ts";
import { type Peer, through } from "./peer.ts";

const group = "C333333333";

/** Slack's events by HTTP. Its peer: crabline. */
export async function startSlackPeer(): Promise<Peer> {
  const events = await startForwarder("/slack/events");
  const signingSecret = "slack-signing-secret-0123456789";
  const platform = await startRecorded((options) =>
    startSlackServer({ ...options, signingSecret, eventsRequestUrl: events.url }),
  );
  const { endpoints, botToken } = platform.manifest;
  const last = new Map<number, string>();
  let count = 1;
  const number = (person: number) => String(100_000_000 + person);
  const id = (person: number) => `U${number(person)}`;
  const chat = (person: number) => `D${number(person)}`;

  return {
    channelId: "slack",
    section: {
      botToken,
      signingSecret,
      mode: "http",
      apiRoot: through(endpoints.apiRoot, platform.proxy.port),
    },
    secrets: [botToken, signingSecret],
    limit: 4000,
    formatted: "*bold* and `code`\n\n• one\n• two",
    nowhere: "nobody at all",
    group,
    id,
    chat,
    meet(gateway) {
      events.target = gateway.url;
    },
    async say({ from, text, group: place }) {
      const ts = `${Math.floor(Date.now() / 1000)}.${String(count++).padStart(6, "0")}`;
      last.set(from, ts);
      await platform.write({
        ts,
        user: id(from),
        channel: place === undefined ? chat(from) : group,
        text: place === "mentioned" ? `<@UCRABBOT> ${text}` : text,
      });
      await until(() => events.taken().some((it) => it.includes(ts)), "the gateway has taken it");
    },
    redeliver: (person) => events.again(last.get(person) ?? ""),
    heard: () =>
      platform.events
        .filter((it) => it.accepted && /chat\.postMessage$/.test(it.path))
        .map(({ body }) => ({ to: body.channel, text: body.text })),
    async cut() {
      platform.proxy.cut();
    },
    async close() {
      await platform.close();
      await events.close();
    },
  };
}
