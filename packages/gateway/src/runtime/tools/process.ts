import { z } from "zod";
import type { CommandPort } from "./ports.ts";
import type { PreparedCall, Tool } from "./types.ts";

const params = z.strictObject({
  action: z.enum(["list", "output", "write", "kill"]),
  processId: z.string().max(100).optional(),
  from: z.int().min(0).optional().describe("output: go on at its last next"),
  waitMs: z.int().min(0).max(60_000).optional().describe("output: wait for more"),
  text: z.string().max(100_000).optional().describe("write: to its stdin"),
  end: z.boolean().optional().describe("write: close stdin"),
});

/** Looks after what `exec` left running. */
export const tool: Tool<typeof params> = {
  name: "process",
  description: "Background processes of exec: list, read output, write input, kill.",
  params,
  prepare({ action, processId, from, waitMs, text = "", end = false }, { ports, signal }) {
    const { commands } = ports;
    if (action === "list") return harmless(async () => ({ processes: await commands.list() }));
    if (processId === undefined)
      throw new Error(`The action ${action} needs a processId; see the action list.`);
    if (action === "output") return harmless(() => commands.output(processId, { from, waitMs, signal }));
    if (action === "kill") return harmless(() => commands.kill(processId));
    return writing(commands, processId, text, end);
  },
};

function harmless(run: () => Promise<unknown>): PreparedCall {
  return { risks: [], run };
}

/** What is written to a shell or an interpreter is a command like any other, whatever its own start was allowed for. */
async function writing(
  commands: CommandPort,
  processId: string,
  text: string,
  end: boolean,
): Promise<PreparedCall> {
  const view = (await commands.list()).find((it) => it.processId === processId);
  if (!view) throw new Error("This session has no such background process; see the action list.");
  return {
    risks: ["system-command"],
    facts: { argv: view.argv, processId, text, end, sandbox: view.sandbox },
    contained: view.sandbox !== "none",
    async run() {
      await commands.write(processId, text, end);
      return { processId, written: text.length, ended: end };
    },
  };
}
