import { plainHost } from "../../../../lib/addresses.ts";
import { GatewayError } from "../../../../lib/errors.ts";
import { judgedAddresses, type Lookup, lookupAll } from "../../../../lib/outbound-socket.ts";
import { onAbort } from "../../../../lib/signals.ts";
import type { Guard } from "../base/parts.ts";
import { createPageJudge, type JudgeConfig, originOf } from "./guard-judge.ts";
import { createGuardMemory } from "./guard-memory.ts";
import { startProxy } from "./guard-proxy.ts";
import { createWatch } from "./guard-remote.ts";
import { createNonce, failureHeader, refusalHeader, troubleOf } from "./guard-trouble.ts";

export interface GuardDeps extends JudgeConfig {
  readonly lookup?: Lookup | undefined;
  /** For looking up and connecting, ms. */
  readonly connectMs?: number | undefined;
  /** How long the head of a request may take, ms. */
  readonly headMs?: number | undefined;
  /** How long nothing may come or go over a connection in use, ms; WebSockets included. */
  readonly quietMs?: number | undefined;
  readonly now?: (() => number) | undefined;
}

/** What of a page's URLs never leaves the browser. */
const withoutNetwork = new Set(["about:", "blob:", "data:"]);

/**
 * The guard of everything that pages request: documents, sub-resources, redirects, workers, WebSockets. Chromium is
 * given it as its proxy, loopback addresses included (`bypass: "<-loopback>"`), and looks no name up by itself; each
 * request is judged here as written, its host looked up once, and connected to the addresses that were judged.
 *
 * Whoever can reach the port could use it as a proxy, too. It listens on loopback, where every local program can
 * reach by itself whatever the guard lets through, so a password would protect nothing (and Chromium takes one for a
 * proxy only by intercepting every request). Pages are another matter: those in somebody's own browser can only ask
 * it in origin form, which is answered with 400, no CORS headers, and never forwarded; those behind the guard reach
 * it only where loopback is allowed, with the same answer.
 *
 * Throws `service_unavailable` for entries of the lists that are no hosts.
 */
export async function createGuard({
  lookup = lookupAll,
  connectMs = 10_000,
  headMs = 30_000,
  quietMs = 600_000,
  now = Date.now,
  ...config
}: GuardDeps): Promise<Guard> {
  const judge = createPageJudge(config);
  const nonce = createNonce();
  const memories = { refused: createGuardMemory(now), failed: createGuardMemory(now) };
  const proxy = await startProxy({
    ports: { judge, lookup, connectMs },
    nonce,
    headMs,
    idleMs: quietMs,
    note: (url, { kind, why }) => memories[kind].note(url, why),
  });

  function noted(url: URL, thrown: unknown): GatewayError {
    const { kind, why } = troubleOf(url, thrown);
    memories[kind].note(url, why);
    if (thrown instanceof GatewayError) return thrown;
    return new GatewayError("invalid_request", why, { param: "url", cause: thrown });
  }

  async function admit(written: string, { signal }: { signal: AbortSignal }): Promise<void> {
    const asked = URL.parse(written);
    if (asked === null) return void judge.judge(written); // which says what is wrong with it
    if (withoutNetwork.has(asked.protocol)) return;
    const stopped = Promise.withResolvers<never>();
    const stopListening = onAbort(signal, () => stopped.reject(signal.reason));
    const tooSlow = new GatewayError(
      "timeout",
      `${plainHost(asked.hostname)} could not be looked up in time.`,
    );
    const timer = setTimeout(() => stopped.reject(tooSlow), connectMs);
    try {
      const url = judge.judge(originOf(asked).replace(/^ws(s?):/, "http$1:"));
      await Promise.race([judgedAddresses(url, { judge, lookup }), stopped.promise]);
    } catch (thrown) {
      signal.throwIfAborted();
      throw noted(asked, thrown);
    } finally {
      clearTimeout(timer);
      stopListening();
    }
  }

  return {
    server: `http://127.0.0.1:${proxy.port}`,
    judge: (url) => void judge.judge(url),
    refusal: memories.refused.why,
    failure: memories.failed.why,
    isRefusal: (headers) => headers[refusalHeader] === nonce,
    isFailure: (headers) => headers[failureHeader] === nonce,
    admit,
    watchOver: createWatch(admit),
    close: proxy.close,
  };
}
