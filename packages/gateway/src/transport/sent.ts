import { endEvents, type RunEvent } from "openclaw-protocol";

const mostRuns = 256;

/** The seqs of one run that went out: those up to `replayed`, and `from`–`to`. */
interface Spans {
  replayed: number;
  from: number;
  to: number;
  ended: boolean;
}

/** Remembers which events of which runs a socket has had, for the 256 runs heard of last. */
export interface SentEvents {
  /** Whether the event is new to the socket; it then counts as sent. */
  accept(event: RunEvent): boolean;
}

/**
 * Several watches of a socket can bring the same run. Two spans are needed: one watch may follow the run
 * live from its middle while another replays it from the start.
 */
export function createSentEvents(): SentEvents {
  const runs = new Map<string, Spans>();
  let latest: { runId: string; spans: Spans } | undefined;

  function spansOf(runId: string, seq: number): Spans {
    if (latest?.runId === runId) return latest.spans;
    const spans = runs.get(runId) ?? { replayed: 0, from: seq, to: seq - 1, ended: false };
    runs.delete(runId);
    runs.set(runId, spans);
    if (runs.size > mostRuns) runs.delete(runs.keys().next().value ?? "");
    latest = { runId, spans };
    return spans;
  }

  return {
    accept(event) {
      const { runId, seq } = event.data;
      const spans = spansOf(runId, seq);
      if (endEvents.has(event.type)) {
        if (spans.ended) return false;
        spans.ended = true;
        spans.to = Math.max(spans.to, seq);
        return true;
      }
      if (seq > spans.to) {
        spans.to = seq;
        return true;
      }
      if (seq >= spans.from || seq <= spans.replayed) return false;
      spans.replayed = seq;
      return true;
    },
  };
}
