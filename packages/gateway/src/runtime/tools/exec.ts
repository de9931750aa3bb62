import { z } from "zod";
import { splitCommand } from "./command-words.ts";
import type { Tool } from "./types.ts";

/** Output is told this often at most, ms, and this much of it at a time. */
const tellEveryMs = 250;
const tellAtMost = 2_000;

const params = z.strictObject({
  argv: z.array(z.string()).min(1).optional().describe("Program and arguments, literally"),
  command: z.string().optional().describe("Instead of argv: a line of plain or quoted words"),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  stdin: z.string().optional(),
  timeoutMs: z.int().min(1).max(3_600_000).optional(),
  background: z.boolean().optional().describe("Leave it running, see process"),
});

/** Runs a program. */
export const tool: Tool<typeof params> = {
  name: "exec",
  description: 'Runs a program, without a shell. For pipes and globs: argv ["sh","-c","…"].',
  params,
  async prepare({ argv, command, background = false, ...rest }, { ports, signal, progress }) {
    if ((argv === undefined) === (command === undefined)) throw new Error("Give either argv or command.");
    const words = argv ?? splitCommand(command ?? "");
    const prepared = await ports.commands.prepare({ ...rest, argv: words });
    const { facts } = prepared;
    return {
      risks: ["system-command"],
      facts: {
        ...facts,
        ...(rest.stdin !== undefined && { stdin: rest.stdin }),
        ...(background && { background }),
      },
      // "Always" is said of words. What comes by the input or by variables decides as much, and is not in them.
      words: rest.stdin || Object.keys(rest.env ?? {}).length > 0 ? undefined : facts.argv,
      contained: facts.sandbox !== "none",
      async run() {
        if (background) return prepared.start();
        const teller = createTeller(progress);
        try {
          return await prepared.run({ signal, onOutput: teller.add });
        } finally {
          teller.stop();
        }
      },
    };
  },
};

/** Passes on what is new, now and then: the last of it, if it is much. */
function createTeller(progress: (update: unknown) => void) {
  let text = "";
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    progress({ output: text });
    text = "";
  };
  return {
    add(more: string) {
      text = (text + more).slice(-tellAtMost);
      timer ??= setTimeout(tell, tellEveryMs);
    },
    stop: () => clearTimeout(timer),
  };
}
