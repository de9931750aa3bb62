import type { WatchEvent } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import { createEventQueue } from "../../lib/queues.ts";
import type { Watched } from "../subscription.ts";
import type { CallOptions, Engine, EngineEvent } from "./engine/base/types.ts";

/** Who follows what tabs show. */
export interface Watching {
  /** Frames of a tab, from now on until it is closed or nobody looks any more. */
  watch(
    engine: Engine,
    wish: { tabId: string; maxWidth?: number | undefined; quality?: number | undefined },
    options: CallOptions,
  ): Promise<Watched>;
  /** Frames and ends as the engine tells them. */
  take(event: Extract<EngineEvent, { type: "frame" | "watch.end" }>): void;
  /** The engine is gone, and every tab with it. */
  end(): void;
}

/** Most frames that a reader may be behind: older ones are dropped, a picture of the past is of no use. */
const backlogBytes = 64 * 1024 * 1024;
const watchesAtMost = 50;

export function createWatching({ ids }: { ids: MakeId }): Watching {
  const queues = new Map<string, ReturnType<typeof framesQueue>>();

  return {
    async watch(engine, { tabId, maxWidth = 1_024, quality = 60 }, options) {
      if (queues.size >= watchesAtMost) {
        throw new GatewayError("rate_limited", `At most ${watchesAtMost} tabs are followed at once.`);
      }
      const watchId = ids("watch");
      const queue = framesQueue(() => {
        if (queues.delete(watchId)) void engine.unwatch({ watchId }).catch(() => undefined); // its thread may be gone
      });
      queues.set(watchId, queue);
      try {
        await engine.watch({ watchId, tabId, maxWidth, quality }, options);
      } catch (thrown) {
        queue.close();
        throw thrown;
      }
      return {
        events: queue,
        onOverflow: (callback) => queue.onOverflow(callback),
        close: () => queue.close(),
      };
    },
    take(event) {
      const queue = queues.get(event.watchId);
      if (event.type === "watch.end") {
        queues.delete(event.watchId);
        return queue?.end();
      }
      const { tabId, width, height, at, data } = event;
      const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
      queue?.push({
        type: "browser.frame",
        data: { tabId, mimeType: "image/jpeg", data: text, width, height, at },
      });
    },
    end() {
      for (const queue of queues.values()) queue.end();
      queues.clear();
    },
  };
}

function framesQueue(onClose: () => void) {
  return createEventQueue<WatchEvent>(
    {
      merge: (_older, newer) => newer,
      mergeAbove: 0,
      sizeOf: (frame) => frame.data.data.length,
      maxSize: backlogBytes,
      overflow: () => new GatewayError("service_unavailable", "The reader does not follow."),
    },
    onClose,
  );
}
