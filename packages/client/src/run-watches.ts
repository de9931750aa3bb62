import type { Methods, RunEvent } from "./contract.gen.ts";
import { OpenClawError } from "./errors.ts";
import type { CallOptions } from "./http.ts";
import { createRunWatch, isEnd, type RunWatch } from "./run-watch.ts";
import type { SocketCallOptions } from "./socket.ts";

type Target = Methods["chat.subscribe"]["params"];
type Subscribed = Methods["chat.subscribe"]["result"];

/** How far a run was seen, by all its readers together. */
interface Seen {
  sessionKey: string;
  seq: number;
  ended: boolean;
  /** An old run: only those who asked for it read it, not the readers of its session. */
  old: boolean;
}

export interface WatchPorts {
  call(method: string, params: object, options: SocketCallOptions): Promise<unknown>;
  /** Drops the connection, so that a new one resumes everything. */
  restart(): void;
}

const mostRemembered = 500;
/** Asks for no replay: only for what comes from now on. */
const fromNow = Number.MAX_SAFE_INTEGER;

/**
 * Who reads which run, and how far it was seen. Every event is delivered once, however often it comes, and every
 * new connection goes on from the last seq seen. Replays can have deltas put together, so none is ever asked for
 * from further back than what readers already have.
 */
export class RunWatches {
  readonly #ports: WatchPorts;
  readonly #watches = new Set<RunWatch>();
  readonly #seen = new Map<string, Seen>();

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  /** Watches a run that this connection has just started: its events come by themselves. */
  start({ runId, sessionKey }: { runId: string; sessionKey: string }, signal?: AbortSignal): RunWatch {
    if (!this.#seen.has(runId)) this.#remember(runId, { sessionKey, seq: 0, ended: false, old: false });
    return this.#add({ runId, sessionKey }, signal);
  }

  /** Goes on with a run where it was; the reply says how it stands. */
  async catchUp(runId: string): Promise<Subscribed["status"]> {
    try {
      const afterSeq = this.#seen.get(runId)?.seq ?? 0;
      const reply = (await this.#subscribe({ runId, afterSeq }, {})) as Subscribed; // as the contract says
      return reply.status;
    } catch (error) {
      // A lost connection is resumed by the next one; a refusal is for the run's readers.
      if (error instanceof OpenClawError) {
        for (const watch of this.#watches) if (watch.runId === runId) this.#end(watch, error);
        this.#seen.delete(runId);
      }
      return null;
    }
  }

  async subscribe(target: Target, options: CallOptions): Promise<{ watch: RunWatch; runId: string | null }> {
    options.signal?.throwIfAborted();
    const { runId, afterSeq = 0 } = target;
    const seen = runId === undefined ? undefined : this.#seen.get(runId);
    if (runId !== undefined && seen && this.#isFollowed(runId, seen.sessionKey)) {
      return { runId, watch: this.#add({ runId, sessionKey: seen.sessionKey }, options.signal) };
    }
    if (runId !== undefined && seen?.ended) {
      throw new Error(
        "This connection has seen that run to its end. Read it again with client.runs.events(runId).",
      );
    }
    const sessionKey = target.sessionKey ?? "";
    const current = runId === undefined ? this.#unended(sessionKey).at(-1) : undefined;
    if (runId === undefined && this.#readsSession(sessionKey)) {
      return { runId: current ?? null, watch: this.#add({ sessionKey }, options.signal) };
    }
    const started = current !== undefined && this.#seen.get(current)!.seq > 0;
    let made: { watch: RunWatch; runId: string | null } | undefined;
    await this.#subscribe(started ? { sessionKey, afterSeq: fromNow } : target, {
      ...options,
      onReply: (reply) => {
        const over = reply.status !== "queued" && reply.status !== "running";
        if (runId !== undefined) this.#remember(runId, { ...reply, seq: afterSeq, ended: false, old: over });
        const key = { ...(runId !== undefined && { runId }), sessionKey: reply.sessionKey };
        made = { runId: reply.runId, watch: this.#add(key, options.signal) };
        if (runId !== undefined && over && reply.lastSeq <= afterSeq) this.#end(made.watch);
        if (started && reply.runId !== current) this.#ports.restart();
      },
    });
    return made!; // with the reply
  }

  /** Hands an event to its readers; false when it was here before. */
  deliver(event: RunEvent): boolean {
    const { runId, sessionKey, seq } = event.data;
    const seen =
      this.#seen.get(runId) ?? this.#remember(runId, { sessionKey, seq: 0, ended: false, old: false });
    const last = isEnd(event);
    // An end counts whatever its number: after a day a replay is the end alone.
    if (seen.ended || (seq <= seen.seq && !last)) return false;
    seen.seq = Math.max(seen.seq, seq);
    seen.ended = last;
    for (const watch of this.#watches) {
      const meant =
        watch.runId === undefined ? watch.sessionKey === sessionKey && !seen.old : watch.runId === runId;
      if (meant && watch.push(event)) this.#end(watch);
    }
    return true;
  }

  /** On a new connection: every session and every run that is still read goes on where it was. */
  resume(): void {
    const sessions = new Set<string>();
    const runs = new Set<string>();
    for (const { runId, sessionKey } of this.#watches) if (runId === undefined) sessions.add(sessionKey);
    for (const { runId, sessionKey } of this.#watches) {
      if (runId !== undefined && !sessions.has(sessionKey)) runs.add(runId);
    }
    for (const runId of runs) void this.catchUp(runId);
    for (const sessionKey of sessions) void this.#resumeSession(sessionKey);
  }

  /** No connection will come: every reader fails. */
  fail(error: unknown): void {
    for (const watch of this.#watches) this.#end(watch, error);
    this.#seen.clear();
  }

  /** Ends a reader and, unless another one reads the same, its watch at the gateway. */
  close(watch: RunWatch, reason?: unknown): void {
    if (!this.#watches.has(watch)) return;
    this.#end(watch, reason);
    const { runId, sessionKey } = watch;
    if (runId === undefined ? this.#readsSession(sessionKey) : this.#isFollowed(runId, sessionKey)) return;
    if (runId !== undefined) this.#seen.delete(runId);
    this.#ports
      .call("chat.unsubscribe", runId === undefined ? { sessionKey } : { runId }, {})
      .catch(() => {});
  }

  /**
   * First the runs that were under way, then the session. Its current run is either one of those, and already
   * followed, or it began in between, and is replayed whole.
   */
  async #resumeSession(sessionKey: string): Promise<void> {
    const known = this.#unended(sessionKey);
    const statuses = await Promise.all(known.map((runId) => this.catchUp(runId)));
    const current = known[statuses.indexOf("running")];
    try {
      await this.#subscribe(
        { sessionKey, afterSeq: current === undefined ? 0 : fromNow },
        {
          onReply: (reply) => {
            if (current !== undefined && reply.runId !== current) this.#ports.restart();
          },
        },
      );
    } catch (error) {
      if (!(error instanceof OpenClawError)) return;
      for (const watch of this.#watches) if (watch.sessionKey === sessionKey) this.#end(watch, error);
    }
  }

  #subscribe(
    target: Target,
    options: CallOptions & { onReply?: (reply: Subscribed) => void },
  ): Promise<unknown> {
    return this.#ports.call("chat.subscribe", target, options);
  }

  #add(key: { runId?: string; sessionKey: string }, signal: AbortSignal | undefined): RunWatch {
    const watch = createRunWatch(key);
    this.#watches.add(watch);
    const abort = () => this.close(watch, signal?.reason);
    if (signal?.aborted) abort();
    else if (signal) {
      signal.addEventListener("abort", abort);
      const release = () => signal.removeEventListener("abort", abort);
      watch.done.then(release, release);
    }
    return watch;
  }

  #end(watch: RunWatch, error?: unknown): void {
    if (this.#watches.delete(watch)) watch.end(error);
  }

  #readsSession(sessionKey: string): boolean {
    return [...this.#watches].some((watch) => watch.runId === undefined && watch.sessionKey === sessionKey);
  }

  /** Whether the run's events come anyway. */
  #isFollowed(runId: string, sessionKey: string): boolean {
    if (this.#seen.get(runId)?.ended) return false;
    return [...this.#watches].some((watch) => watch.runId === runId) || this.#readsSession(sessionKey);
  }

  #unended(sessionKey: string): string[] {
    const mine = [...this.#seen].filter(
      ([, seen]) => seen.sessionKey === sessionKey && !seen.ended && !seen.old,
    );
    return mine.map(([runId]) => runId);
  }

  #remember(runId: string, { sessionKey, seq, ended, old }: Seen): Seen {
    const seen = { sessionKey, seq, ended, old };
    this.#seen.set(runId, seen);
    if (this.#seen.size > mostRemembered) {
      const oldest = [...this.#seen].find(([, other]) => other.ended) ?? [...this.#seen][0]!;
      this.#seen.delete(oldest[0]);
    }
    return seen;
  }
}
