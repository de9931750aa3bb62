import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { CodeExecutionConfig } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import { type Bubblewrap, bubblewrapArguments, systemArguments } from "./bubblewrap.ts";
import type { FindExecutable } from "./executables.ts";
import { limitsOf } from "./limits.ts";

/** What can shut a command in, on this machine, now. */
export type Backend =
  | { readonly kind: "bubblewrap"; readonly bubblewrap: Bubblewrap }
  | { readonly kind: "docker"; readonly docker: string; readonly env: Readonly<Record<string, string>> };

export type BackendName = Backend["kind"];

export interface Sandboxes {
  available(): Promise<BackendName[]>;
  /** The one that an agent's setting asks for. Throws `forbidden` if there is none: a command is never run bare instead. */
  choose(wish: "auto" | BackendName): Promise<Backend>;
}

export interface SandboxesDeps {
  config: CodeExecutionConfig;
  find: FindExecutable;
  variable(name: string): string | undefined;
  clock: Clock;
}

/** What was not there is looked for again after this time, ms: it may have been installed. */
const lookAgainMs = 30_000;
const probeMs = 5_000;

const run = promisify(execFile);

export function createSandboxes({ config, find, variable, clock }: SandboxesDeps): Sandboxes {
  const bubblewrap = remembered(clock, async (): Promise<Backend | undefined> => {
    const path = await find("bwrap");
    if (path === undefined) return undefined;
    const system = await systemArguments();
    for (const options of await optionsOf(path)) {
      const tried: Bubblewrap = { path, options, system };
      if (await works(tried, config)) return { kind: "bubblewrap", bubblewrap: tried };
    }
    return undefined;
  });

  const docker = remembered(clock, async (): Promise<Backend | undefined> => {
    const path = await find("docker");
    if (path === undefined) return undefined;
    const env: Record<string, string> = {};
    for (const name of ["DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"]) {
      const value = variable(name);
      if (value !== undefined) env[name] = value;
    }
    const asked = ["version", "--format", "{{.Server.Version}}"];
    const answer = await run(path, asked, { env, timeout: probeMs, killSignal: "SIGKILL" }).catch(
      () => undefined,
    );
    return answer?.stdout.trim() ? { kind: "docker", docker: path, env } : undefined;
  });

  const all = { bubblewrap, docker };
  return {
    async available() {
      const found = await Promise.all([bubblewrap(), docker()]);
      return found.flatMap((it) => (it ? [it.kind] : []));
    },
    async choose(wish) {
      const found = wish === "auto" ? ((await bubblewrap()) ?? (await docker())) : await all[wish]();
      if (found) return found;
      throw new GatewayError(
        "forbidden",
        `Commands must be shut in here, and this machine has no sandbox that works${wish === "auto" ? "" : ` (${wish} is asked for)`}: ` +
          "its owner has to install bubblewrap (package bubblewrap, program bwrap) or run Docker. Go on without commands.",
      );
    },
  };
}

/** Older versions lack some options, and some machines forbid what newer ones offer: the strictest that works is taken. */
async function optionsOf(path: string): Promise<ReadonlySet<string>[]> {
  const help = await run(path, ["--help"], { env: {}, timeout: probeMs }).catch(() => undefined);
  const known = ["--size", "--disable-userns"].filter((it) => help?.stdout.includes(it));
  return [new Set(known), new Set(known.filter((it) => it !== "--disable-userns"))];
}

/** Whether a command really runs in it: where user namespaces are forbidden, bubblewrap is there and yet of no use. */
async function works(bubblewrap: Bubblewrap, config: CodeExecutionConfig): Promise<boolean> {
  const [program, ...args] = bubblewrapArguments(bubblewrap, ["/bin/sh", "-c", "exit 0"], {
    layers: [],
    limits: limitsOf(config),
    network: false,
    cwd: "/",
  });
  return run(program!, args, { env: {}, timeout: probeMs, killSignal: "SIGKILL" }).then(
    () => true,
    () => false,
  );
}

/** Asks once; again only if there was nothing, and not at once. */
function remembered<T>(clock: Clock, ask: () => Promise<T | undefined>): () => Promise<T | undefined> {
  let last: { answer: Promise<T | undefined>; at: number; isFound: boolean } | undefined;
  return async () => {
    if (!last || (!last.isFound && clock.now() - last.at >= lookAgainMs)) {
      last = { answer: ask(), at: clock.now(), isFound: true }; // as long as it is being asked, nobody else need ask
    }
    const asked = last;
    const answer = await asked.answer;
    asked.isFound = answer !== undefined;
    return answer;
  };
}
