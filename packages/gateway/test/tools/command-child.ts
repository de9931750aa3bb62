import { configSchema } from "openclaw-protocol";
import { systemClock } from "../../src/lib/clock.ts";
import { createIds } from "../../src/lib/ids.ts";
import { openLog } from "../../src/lib/log.ts";
import { createCommands } from "../../src/services/commands/commands.ts";
import type { RunScope } from "../../src/services/run-scope.ts";

/** A gateway of commands alone, to be killed: in the foreground, in the background, and shut in where that works. */
const { FOLDER = "", SECONDS = "" } = process.env;
const commands = createCommands({
  config: configSchema.parse({}).tools.codeExecution,
  stateDir: `${FOLDER}/state`,
  variable: () => undefined,
  clock: systemClock,
  ids: createIds(),
  log: openLog("silent").log,
});
const signal = new AbortController().signal;
const argv = ["sh", "-c", `trap '' TERM HUP; sleep ${SECONDS} & sleep ${SECONDS}`];

function port(sandboxed: boolean) {
  const agent = { workspace: `${FOLDER}/work`, sandbox: { backend: "auto" } };
  return commands.bind({ sessionId: 1, trust: "owner", agent, sandboxed, signal } as RunScope); // all that is looked at
}

const foreground = await port(false).prepare({ argv });
const background = await port(false).prepare({ argv });
await background.start();
const running = [foreground.run({ signal, onOutput: () => {} })];
if ((await commands.sandboxes()).includes("bubblewrap")) {
  const shutIn = await port(true).prepare({ argv: ["setsid", ...argv] });
  running.push(shutIn.run({ signal, onOutput: () => {} }));
}
await Promise.all(running);
