import { spawn } from "node:child_process";

/** A process under test that answers on loopback. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const patienceMs = 20_000;

/**
 * Starts `node <args>` and resolves once it has printed its URL. `logTo` is a file descriptor for what it writes
 * to standard error. Fails when it ends before, or says nothing for 20 s.
 */
export async function startServer(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; logTo?: number } = {},
): Promise<Server> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", options.logTo ?? "inherit"],
    env: options.env ?? process.env,
  });
  const killWithUs = () => child.kill("SIGKILL");
  process.on("exit", killWithUs);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    process.off("exit", killWithUs);
  };
  const timer = setTimeout(killWithUs, patienceMs);
  try {
    const port = await new Promise<number>((resolve, reject) => {
      let text = "";
      child.stdout!.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
      child.once("exit", (code) =>
        reject(new Error(`${args.join(" ")} ended with ${code} before it served.`)),
      );
    });
    return { pid: child.pid!, port, stop }; // it runs, so it has a pid
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
