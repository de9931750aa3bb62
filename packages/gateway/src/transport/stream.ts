import type { ServerResponse } from "node:http";
import type { HttpStream } from "../api/http-call.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** Beyond so many bytes on their way a reader counts as behind. */
export const behindBytes = 1024 * 1024;

/** A reader that is behind and takes nothing for so many heartbeats (15 s each) is given up. */
const mostStuckBeats = 3;

/** The body of an answer whose head is written. With `pings`, a comment keeps the stream open. */
export function openHttpStream(response: ServerResponse, heartbeat: Heartbeat, pings: boolean): HttpStream {
  const isBehind = () => response.writableLength > behindBytes;
  let stuckBeats = 0;
  let left = 0;
  const member = {
    beat() {
      const before = left;
      left = response.writableLength;
      if (!isBehind() || left < before) stuckBeats = 0;
      else if (++stuckBeats > mostStuckBeats) response.destroy();
      if (pings && left === 0 && !response.writableEnded) response.write(": ping\n\n");
    },
  };
  heartbeat.add(member);
  response.once("close", () => heartbeat.remove(member));

  return {
    write(text) {
      if (response.destroyed || response.writableEnded) return true;
      response.write(text);
      return !isBehind();
    },

    drained({ signal }) {
      if (!isBehind() || response.destroyed) return Promise.resolve();
      return new Promise((resolve, reject) => {
        function settle(): void {
          response.off("drain", settle).off("close", settle);
          signal.removeEventListener("abort", settle);
          if (signal.aborted) reject(signal.reason);
          else resolve();
        }
        response.on("drain", settle).on("close", settle);
        signal.addEventListener("abort", settle);
        if (signal.aborted) settle();
      });
    },

    flush() {
      response.flushHeaders();
    },

    end(text) {
      if (!response.destroyed && !response.writableEnded) response.end(text);
    },
  };
}
