import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { gatewayEntry } from "../../../gateway/test/support/gateway.ts";

const root = new URL("../../../../", import.meta.url).pathname;

/** The gateway itself in a process and a directory of its own, with the offline demo model. */
export async function startRealGateway() {
  const home = await mkdtemp(join(tmpdir(), "openclaw-client-"));
  await writeFile(join(home, "openclaw.json"), '{"agents":{"defaults":{"model":"builtin/demo"}}}');
  const token = "a-token-for-the-tests-of-the-client";
  const child = spawn(
    process.execPath,
    [...process.execArgv, gatewayEntry, "gateway", "run", "--port", "0", "--json"],
    {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: home, OPENCLAW_STATE_DIR: home, OPENCLAW_GATEWAY_TOKEN: token },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const url = await readyUrl(child);
  return {
    url,
    token,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  let said = "";
  child.stderr!.on("data", (data) => {
    said += data;
  });
  for await (const line of createInterface(child.stdout!)) {
    said += line;
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error(`The gateway did not start: ${said}`);
}

/** A wire to the gateway that can be cut: everything that is open then breaks, what comes later works. */
export async function startWire(target: string) {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let cuts = 0;
  const cut = () => {
    if (open.size > 0) cuts++;
    for (const socket of [...open]) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
    },
  };
}
