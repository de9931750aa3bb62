import { endEvents, isRunEvent, type ServerEvent, sseName, type WatchEvent } from "openclaw-protocol";
import type { Connection, Dispatch } from "../api/dispatch.ts";
import { toGatewayError } from "../lib/errors.ts";
import { onAbort } from "../lib/signals.ts";
import type { Watched } from "../services/subscription.ts";
import type { Exchange } from "./exchange.ts";
import { abandonRun, startedRun } from "./leaving.ts";
import type { TransportLog } from "./ports.ts";

export interface EventStream {
  /** The method that watches something. */
  readonly method: "chat.run" | "chat.subscribe" | "browser.watch";
  readonly params: Record<string, unknown>;
  /** Whether a client that goes away takes the run with it. */
  readonly abortOnLeave: boolean;
}

/** What is being watched for a stream, and whether its end has come. */
interface Watch {
  subscription: Watched | undefined;
  ended: boolean;
}

/** Answers with events as they come: those of a run, or what a tab shows. Failures before the first are thrown, later ones are an `error` event. */
export async function streamEvents(
  exchange: Exchange,
  stream: EventStream,
  deps: { dispatch: Dispatch; log: TransportLog },
): Promise<void> {
  const watch: Watch = { subscription: undefined, ended: false };
  exchange.connection = connectionInto(watch);
  let runId: string | undefined;
  try {
    const result = await deps.dispatch(stream.method, stream.params, exchange.call);
    runId = startedRun(result);
    await follow(exchange, watch, deps.log);
  } finally {
    watch.subscription?.close();
    if (stream.abortOnLeave && runId !== undefined && !watch.ended && exchange.signal.aborted) {
      abandonRun(runId, exchange, deps);
    }
  }
}

function connectionInto(watch: Watch): Connection {
  return {
    watch(_key, subscription) {
      watch.subscription?.close();
      watch.subscription = subscription;
    },
    unwatch: () => false,
  };
}

async function follow(exchange: Exchange, watch: Watch, log: TransportLog): Promise<void> {
  const { subscription } = watch;
  if (subscription === undefined) throw new Error("the method gave nothing to watch");
  const { signal } = exchange;
  const stopListening = onAbort(signal, () => subscription.close());
  const stream = exchange.openStream({ contentType: "text/event-stream", pings: true });
  try {
    stream.flush();
    for await (const event of subscription.events) {
      if (signal.aborted) break;
      watch.ended ||= isRunEvent(event) && endEvents.has(event.type);
      const text = eventText(event, exchange.requestId);
      if (!stream.write(text)) await stream.drained({ signal });
    }
    if (!watch.ended) signal.throwIfAborted();
  } catch (thrown) {
    const error = toGatewayError(thrown);
    const detail = error.toDetail(exchange.requestId);
    if (error.status >= 500)
      log.error({ requestId: exchange.requestId, err: error.cause ?? error }, "stream failed");
    stream.write(`event: error\ndata: ${JSON.stringify({ error: detail })}\n\n`);
  } finally {
    stopListening();
    stream.end();
  }
}

/** An error names this request as every error does, for the run that failed is nobody's in particular. */
function eventText(event: ServerEvent, requestId: string): string {
  const isOfRun = isRunEvent(event);
  const id = isOfRun ? `id: ${event.data.seq}\n` : "";
  const data =
    event.type === "chat.error" ? { ...event.data, error: { requestId, ...event.data.error } } : event.data;
  const name = isOfRun ? sseName(event.type) : sseName(event.type as WatchEvent["type"]); // the only others that are watched
  return `event: ${name}\n${id}data: ${JSON.stringify(data)}\n\n`;
}
