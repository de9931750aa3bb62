import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Address } from "../../src/lib/outbound-socket.ts";
import type { Guard } from "../../src/services/browser/engine/base/parts.ts";
import { createGuard, type GuardDeps } from "../../src/services/browser/engine/guard/guard.ts";

export interface GuardRig extends Guard {
  readonly port: number;
}

/** A guard that takes 127.0.0.1 for public and is closed with the test. */
export async function startGuard(
  t: Pick<TestContext, "after">,
  deps: Partial<GuardDeps> = {},
): Promise<GuardRig> {
  const guard = await createGuard({ allowPrivate: ["127.0.0.1"], allowHosts: [], denyHosts: [], ...deps });
  t.after(() => guard.close());
  return { ...guard, port: Number(new URL(guard.server).port) };
}

/** A look-up that gives these addresses, one list after the other, the last one for ever. */
export function answering(...answers: string[][]) {
  const asked: string[] = [];
  const lookup = async (name: string): Promise<Address[]> => {
    const addresses = answers[Math.min(asked.push(name), answers.length) - 1] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { asked, lookup };
}

interface Told {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks a guard for a URL as a browser asks its proxy. Rejects when the answer breaks off. */
export function ask(
  { port }: GuardRig,
  url: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: "127.0.0.1", port, method, path: url, headers, agent: false },
      async (answer) => {
        try {
          let text = "";
          for await (const part of answer.setEncoding("utf8")) text += part;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
        } catch (error) {
          reject(error);
        }
      },
    );
    asking.on("error", reject);
    asking.end(body);
  });
}

/** A socket to a guard, with what has come out of it. */
export async function dial({ port }: GuardRig): Promise<Socket & { said: () => string }> {
  const socket = connect(port, "127.0.0.1");
  let said = "";
  socket.on("error", () => {}); // the guard may leave
  socket.on("data", (data) => {
    said += data.toString("latin1");
  });
  await once(socket, "connect");
  return Object.assign(socket, { said: () => said });
}

/** Says something to a guard and hears it out until it closes. */
export async function say(guard: GuardRig, text: string): Promise<string> {
  const socket = await dial(guard);
  const closed = new Promise((resolve) => socket.once("close", resolve)); // by an error, too
  socket.write(text);
  await closed;
  return socket.said();
}

/** A tunnel through a guard; what was said instead, where it was not opened. */
export async function tunnel(guard: GuardRig, target: string): Promise<Socket | string> {
  const socket = connect(guard.port, "127.0.0.1");
  socket.on("error", () => {}); // seen as its end
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  let head = "";
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    head += String(data);
    if (/^HTTP\/1\.1 200 [^\r\n]*\r\n\r\n$/.test(head)) return socket;
  }
  return head;
}
