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

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    homeDir: homedir(),
    signals: process,
    program: process.env.npm_lifecycle_event ? "npx openclaw" : "openclaw",
    exit: (code) => process.exit(code),
  },
  version,
);
