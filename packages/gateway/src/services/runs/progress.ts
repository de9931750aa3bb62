import type { RunLog } from "./run-log.ts";

/** A call's progress is told this often at most, ms, and a run's this often in all: it is kept with the run's events. */
const everyMs = 250;
const perRunAtMost = 400;
const longest = 4_000;

/** Tells how far tools are, thinned out. */
export function publishProgress(log: RunLog): (toolCallId: string, tool: string, update: unknown) => void {
  const last = new Map<string, number>();
  let told = 0;
  return (toolCallId, tool, update) => {
    const now = performance.now();
    if (told >= perRunAtMost || now - (last.get(toolCallId) ?? -Infinity) < everyMs) return;
    last.set(toolCallId, now);
    told += 1;
    const json = JSON.stringify(update) ?? "null";
    log.append("tool.progress", {
      toolCallId,
      tool,
      update: json.length > longest ? { text: json.slice(-longest), truncated: true } : update,
    });
  };
}
