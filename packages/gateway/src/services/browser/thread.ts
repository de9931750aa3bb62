import { Worker } from "node:worker_threads";
import { GatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";
import type { CallOptions, Engine, EngineConfig, EngineEvent } from "./engine/base/types.ts";
import { type FromEngine, methodNames, type ToEngine } from "./engine/messages.ts";

/** The engine in its thread, for as long as that lives. */
export interface EngineThread {
  readonly engine: Engine;
  /** Calls that are under way. */
  busy(): number;
  /** Ends the browsers and the thread. */
  end(): Promise<void>;
}

export interface ThreadDeps {
  config: EngineConfig;
  onEvent(event: EngineEvent): void;
  /** What went wrong in there, for the log. */
  onTrouble(text: string, facts: Record<string, unknown>): void;
  /** The thread has ended, by itself or not. */
  onExit(): void;
}

/** Longest time that browsers get to end in order, ms. */
const endMs = 8_000;
/** Playwright needs some 80 MB; the rest is for pictures and big pages. */
const heapMb = 768;

/** Starts the thread. A call that is under way when the thread ends is rejected with `service_unavailable`. */
export function startEngineThread({ config, onEvent, onTrouble, onExit }: ThreadDeps): EngineThread {
  const thread = new Worker(programOf(import.meta.url), {
    workerData: config,
    env: { ...config.env },
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16 },
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;
  let hasEnded = false;
  let ending: Promise<void> | undefined;
  const exited = Promise.withResolvers<void>();

  thread.on("message", (message: FromEngine) => {
    if ("event" in message) return onEvent(message.event);
    const call = waiting.get(message.id);
    if (!call) return; // whoever asked has gone
    if (!("error" in message)) return call.resolve(message.result);
    const { code, message: text, detail, ...facts } = message.error;
    if (detail !== undefined) onTrouble("the browser's engine failed", { detail });
    call.reject(new GatewayError(code, text, facts));
  });
  thread.on("error", (err) => onTrouble("the browser's thread failed", { err }));
  thread.on("exit", () => {
    hasEnded = true;
    const gone = new GatewayError(
      "service_unavailable",
      "The browser has ended in the middle of this. Try again: it is started anew.",
    );
    for (const call of waiting.values()) call.reject(gone);
    exited.resolve();
    onExit();
  });

  async function call(method: keyof Engine, params: unknown, options?: CallOptions): Promise<unknown> {
    options?.signal.throwIfAborted();
    if (hasEnded) throw new GatewayError("service_unavailable", "The browser has ended. Try again.");
    const id = ++count;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const post = (message: ToEngine) => thread.postMessage(message);
    const stopListening = options
      ? onAbort(options.signal, () => {
          post({ abort: id, reason: "nobody waits any more" });
          answer.reject(options.signal.reason);
        })
      : () => {};
    try {
      post({ id, method, params });
      return await answer.promise;
    } finally {
      stopListening();
      waiting.delete(id);
    }
  }

  const engine = Object.fromEntries(
    methodNames.map((name) => [
      name,
      // `status`, `profiles` and `shutdown` take nothing; all others parameters first.
      (params?: unknown, options?: CallOptions) => call(name, params, options),
    ]),
  ) as unknown as Engine; // each name answers as the engine's method of that name, at the other end

  return {
    engine,
    busy: () => waiting.size,
    end() {
      ending ??= endInOrder();
      return ending;
    },
  };

  async function endInOrder(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, endMs);
    });
    try {
      if (!hasEnded) await Promise.race([engine.shutdown().catch(() => undefined), late, exited.promise]);
    } finally {
      clearTimeout(timer);
    }
    await thread.terminate();
  }
}

/** The thread's program: beside this file as source, in the bundle an entry of its own. */
function programOf(here: string): URL {
  if (here.endsWith(".ts")) return new URL("engine/worker.ts", here);
  return new URL(here.includes("/chunks/") ? "../browser-worker.js" : "browser-worker.js", here);
}
