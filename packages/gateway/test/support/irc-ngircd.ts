import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { until } from "./until.ts";

/** The binary of ngIRCd (https://ngircd.barton.de), if this machine has it. */
export function findNgircd(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders
    .map((folder) => join(folder, "ngircd"))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface Ngircd {
  readonly port: number;
  /** Ends the server at once. */
  stop(): Promise<void>;
}

/** Starts a server of its own on a free port of loopback. */
export async function startNgircd(binary: string, settings = ""): Promise<Ngircd> {
  const folder = mkdtempSync(join(tmpdir(), "ngircd-"));
  const port = await freePort();
  const config = join(folder, "ngircd.conf");
  writeFileSync(
    config,
    `[Global]\nName = irc.test.local\nInfo = Test\nListen = 127.0.0.1\nPorts = ${port}\nMotdPhrase = Hello\n${settings}
[Limits]\nMaxConnectionsIP = 0\n[Options]\nDNS = no\nIdent = no\nPAM = no\nSyslogFacility = local1\n`,
  );
  const child = spawn(binary, ["-n", "-f", config], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => answers(port), "ngircd answers", 10_000);
  } catch (error) {
    await stop();
    throw new Error(output, { cause: error });
  }
  return { port, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** A person at a server, by hand. */
export interface Person {
  readonly lines: string[];
  say(line: string): void;
  /** Waits for a line like this. */
  sees(like: RegExp): Promise<string>;
  leave(): void;
}

export async function person(port: number, nick: string): Promise<Person> {
  const socket: Socket = connect(port, "127.0.0.1");
  const lines: string[] = [];
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    const parts = (rest + chunk).split("\r\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      if (line.startsWith("PING")) socket.write(`PONG${line.slice(4)}\r\n`);
    }
  });
  const self: Person = {
    lines,
    say: (line) => void socket.write(`${line}\r\n`),
    async sees(like) {
      await until(
        () => lines.some((it) => like.test(it)),
        `${nick} sees ${like}; saw ${lines.slice(-3).join(" / ")}`,
      );
      return lines.find((it) => like.test(it))!;
    },
    leave: () => void socket.destroy(),
  };
  self.say(`NICK ${nick}`);
  self.say(`USER ${nick} 0 * :${nick}`);
  await self.sees(/ 001 /);
  return self;
}
