import { homedir } from "node:os";
import { version } from "../config/version.ts";
import { runProgram } from "./program.ts";

// Started by an older Node (bin/openclaw.js): when that one is killed, nobody is left to pass signals on.
if (process.channel) {
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
// `openclaw … | head` closes our stdout early; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

/** One line from the terminal, the question on stderr. Loaded when somebody is asked. */
async function ask(question: string, { signal }: { signal: AbortSignal }): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    homeDir: homedir(),
    signals: process,
    ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
    program: process.env.npm_lifecycle_event ? "npx openclaw" : "openclaw",
    exit: (code) => process.exit(code),
  },
  version,
);
