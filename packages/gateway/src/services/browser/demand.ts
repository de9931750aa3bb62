import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Engine, EngineConfig, EngineEvent } from "./engine/base/types.ts";
import type { EngineThread } from "./thread.ts";

/** The engine, there from its first use until no browser has run for a while. */
export interface Demand {
  /** The engine; its thread is started if need be. */
  engine(): Promise<Engine>;
  /** The engine if it runs: for those who only look. */
  running(): Engine | undefined;
  /** Ends browsers and thread; nothing can be started afterwards. */
  close(): Promise<void>;
}

export interface DemandDeps {
  config(): EngineConfig;
  onEvent(event: Exclude<EngineEvent, { type: "idle" | "log" }>): void;
  /** The engine has ended, and with it everything that was open. */
  onEnd(): void;
  log: Log;
}

/** How long the thread stays after the last browser has ended, ms. */
const lingerMs = 30_000;

export function createDemand({ config, onEvent, onEnd, log }: DemandDeps): Demand {
  let thread: Promise<EngineThread> | undefined;
  let current: EngineThread | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ending: Promise<void> | undefined;
  let isClosed = false;

  async function start(): Promise<EngineThread> {
    const { startEngineThread } = await import("./thread.ts");
    const started = startEngineThread({
      config: config(),
      onEvent(event) {
        if (event.type === "idle") linger();
        else if (event.type === "log") log[event.level](event.facts, event.text);
        else onEvent(event);
      },
      onTrouble: (text, facts) => log.error(facts, text),
      onExit: () => forget(started),
    });
    current = started;
    return started;
  }

  /** An earlier thread may come to its end while its successor is at work. */
  function forget(which: EngineThread): void {
    if (current !== which) return;
    thread = undefined;
    current = undefined;
    clearTimeout(timer);
    onEnd();
  }

  function linger(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void endIfIdle().catch(() => {}), lingerMs).unref(); // its thread may have ended meanwhile
  }

  /** A browser may have been started since the thread said that there was none. */
  async function endIfIdle(): Promise<void> {
    if (!current || (await current.engine.status()).running) return;
    if (current.busy() > 0) linger();
    else await end();
  }

  async function end(): Promise<void> {
    const last = await thread?.catch(() => undefined);
    if (last) {
      forget(last);
      ending = last.end();
    }
    await ending;
  }

  return {
    async engine() {
      if (isClosed) throw new GatewayError("service_unavailable", "The gateway is shutting down.");
      clearTimeout(timer);
      thread ??= start();
      return (await thread).engine;
    },
    running: () => current?.engine,
    async close() {
      isClosed = true;
      await end();
    },
  };
}
