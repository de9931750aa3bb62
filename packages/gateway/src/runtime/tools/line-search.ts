import { Worker } from "node:worker_threads";
import { onAbort } from "../../lib/signals.ts";

export interface FoundLine {
  line: number;
  text: string;
}

/** Finds the lines of texts that match. */
export interface LineSearch {
  /** At most `limit` lines. Throws where the pattern takes too long on this text. */
  find(text: string, options: { limit: number; signal: AbortSignal }): Promise<FoundLine[]>;
  close(): Promise<void>;
}

/** Most time of one pattern on one text, ms. */
const patience = 1_000;

/**
 * Plain words are looked for right here, as that takes time in proportion to the text. An expression that somebody
 * else wrote may take for ever, and nothing but the end of its thread stops one: it gets a worker for as long as the
 * search lasts. Throws where the expression is not valid.
 */
export function createLineSearch(pattern: string, { literal }: { literal: boolean }): LineSearch {
  const ignoresCase = pattern.startsWith("(?i)");
  const flags = ignoresCase ? "i" : "";
  if (literal || !/[\\^$.*+?()[\]{}|]/.test(pattern)) {
    const plain = new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    return { find: async (text, { limit }) => findLines(text, plain, limit), close: async () => {} };
  }
  const { source } = compile(ignoresCase ? pattern.slice(4) : pattern, flags);
  return inWorker(source, flags);
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, "") : "";
    throw new Error(
      `The pattern is no valid JavaScript regular expression (${reason}). For plain text set literal.`,
    );
  }
}

interface Reply {
  found?: FoundLine[];
  error?: string;
}

function inWorker(source: string, flags: string): LineSearch {
  let worker: { thread: Worker; online: Promise<void> } | undefined;

  function start() {
    // From text, as there is no file to name that is there both unbuilt and bundled.
    const thread = new Worker(`(${serve})(${findLines})`, {
      eval: true,
      workerData: { source, flags },
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    });
    thread.on("error", () => {}); // whoever waits hears of it by its own listener
    return { thread, online: new Promise<void>((resolve) => void thread.once("online", () => resolve())) };
  }

  return {
    async find(text, { limit, signal }) {
      worker ??= start();
      const { thread, online } = worker;
      const reply = Promise.withResolvers<Reply>();
      const broken = (error: Error) => reply.resolve({ error: error.message });
      const gone = () => reply.resolve({ error: "its thread ended" });
      const late = () => reply.resolve({ error: "it takes too long; make it simpler" });
      let timer: NodeJS.Timeout | undefined;
      const stopListening = onAbort(signal, () => reply.reject(signal.reason));
      thread.once("message", reply.resolve).once("error", broken).once("exit", gone);
      try {
        thread.postMessage({ text, limit });
        await Promise.race([online, reply.promise]);
        timer = setTimeout(late, patience);
        const { found, error } = await reply.promise;
        if (!found) throw new Error(`The pattern failed: ${error}.`);
        return found;
      } finally {
        clearTimeout(timer);
        stopListening();
        thread.off("message", reply.resolve).off("error", broken).off("exit", gone);
      }
    },
    async close() {
      await worker?.thread.terminate();
    },
  };
}

/** The worker's program. It is sent as text, so it names nothing but its parameter and what Node has. */
function serve(find: typeof findLines): void {
  const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
  const pattern = new RegExp(workerData.source, workerData.flags);
  parentPort?.on("message", ({ text, limit }: { text: string; limit: number }) => {
    try {
      parentPort.postMessage({ found: find(text, pattern, limit) });
    } catch (error) {
      parentPort.postMessage({ error: String(error) });
    }
  });
}

/** The first lines that match, in pieces of a size to be shown. Sent to the worker as text, too: it names nothing outside. */
function findLines(text: string, pattern: RegExp, limit: number): FoundLine[] {
  const found: FoundLine[] = [];
  for (let start = 0, line = 1; start < text.length && found.length < limit; line++) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    // What lies behind this in a line is no line of text that somebody looks for.
    const whole = text.slice(start, Math.min(end, start + 10_000)).replace(/\r$/, "");
    start = end + 1;
    const match = pattern.exec(whole);
    if (!match) continue;
    const from = Math.max(0, Math.min(match.index - 60, whole.length - 200));
    const piece = whole.slice(from, from + 200);
    found.push({ line, text: `${from > 0 ? "…" : ""}${piece}${from + 200 < whole.length ? "…" : ""}` });
  }
  return found;
}
