import { startIrcServer } from "../../../support/irc-server.ts";
import { until } from "../../../support/until.ts";
import type { Peer } from "./peer.ts";

const group = "#house";
const nickname = "clawbot";
const password = "irc-server-password";

/** IRC. Its peer is a server of our own, built from the protocol's documentation. */
export async function startIrcPeer(): Promise<Peer> {
  const server = await startIrcServer({
    password,
    capabilities: ["message-tags", "server-time", "account-tag"],
  });
  let count = 0;
  const last = new Map<number, string>();
  const chat = (person: number) => `p${person}`;
  const joined = () => server.connections.at(-1)?.lines.some((it) => it.startsWith("JOIN")) ?? false;

  return {
    channelId: "irc",
    section: {
      server: "127.0.0.1",
      port: server.port,
      secure: false,
      nickname,
      password,
      channels: [group],
      lineMs: 0,
    },
    secrets: [password],
    limit: 450,
    formatted: "\x02bold\x02 and code\n- one\n- two",
    nowhere: "nobody at all",
    group,
    id: (person) => `account:p${person}`,
    chat,
    async say({ from, text, group: place }) {
      const words = place === "mentioned" ? `${nickname}: ${text}` : text;
      const tags = `@account=${chat(from)};msgid=m${count++}`;
      const line = `${tags} :${chat(from)}!u@host PRIVMSG ${place === undefined ? nickname : group} :${words}`;
      last.set(from, line);
      server.connections.at(-1)?.write(line);
    },
    async redeliver(person) {
      server.connections.at(-1)?.write(last.get(person) ?? "");
    },
    heard: () =>
      server.said().map((line) => {
        const space = line.indexOf(" ");
        return { to: line.slice(0, space), text: line.slice(space + 2) };
      }),
    // What is said while the bot is away is said to nobody.
    async cut() {
      const before = server.connections.length;
      server.connections.at(-1)?.cut();
      await until(() => server.connections.length > before && joined(), "the bot is back");
    },
    close: server.close,
  };
}
