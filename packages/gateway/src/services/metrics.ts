import { monitorEventLoopDelay } from "node:perf_hooks";
import type { RunStatus, Usage } from "openclaw-protocol";
import type { Metrics } from "../lib/metrics.ts";
import type { Database } from "../storage/database.ts";

/** How often the event loop's delay is sampled, ms. */
const samplingMs = 50;

export interface Measured {
  requestDone(label: string, status: number, ms: number): void;
  sockets(open: number): void;
  runEnded(end: { status: RunStatus; usage: Usage; cost: number; providerId: string }): void;
  failedOver(): void;
  budgetRefused(): void;
  answerCache(hit: boolean): void;
  /** A message that came in or went out, and what became of it. */
  channelMessage(channel: string, outcome: string): void;
  close(): void;
}

/** Feeds the metrics from what happens in the house. */
export function measure(
  metrics: Metrics,
  sources: {
    runs: { stats(): { active: number; queued: number } };
    db: Pick<Database, "commits" | "sizeBytes">;
  },
): Measured {
  const { runs, db } = sources;
  let open = 0;
  const delay = monitorEventLoopDelay({ resolution: samplingMs });
  delay.enable();
  metrics.gauge("openclaw_runs_active", "Runs that are going on.", () => runs.stats().active);
  metrics.gauge("openclaw_runs_queued", "Runs that wait for their turn.", () => runs.stats().queued);
  metrics.gauge("openclaw_websockets", "Open WebSockets.", () => open);
  metrics.gauge("openclaw_database_bytes", "Size of the database on disk.", () => db.sizeBytes());
  metrics.gauge("openclaw_database_commits", "Commits since the start.", () => db.commits.count);
  metrics.gauge(
    "openclaw_database_commit_seconds",
    "Time spent in commits, fsync included.",
    () => db.commits.ms / 1000,
  );
  metrics.gauge(
    "openclaw_event_loop_delay_p99_seconds",
    "Delay of the event loop since the last look.",
    () => {
      // Node records the time from sample to sample, so the pause between them is no delay.
      const seconds = delay.percentile(99) / 1e9 - samplingMs / 1000;
      delay.reset();
      return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
    },
  );
  metrics.gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  metrics.gauge("process_cpu_seconds", "CPU time, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  return {
    requestDone(label, status, ms) {
      const labels = `route="${label}",status="${status}"`;
      metrics.add("openclaw_requests_total", "Requests answered.", labels);
      metrics.observe(
        "openclaw_request_seconds",
        "Time to the end of the answer.",
        `route="${label}"`,
        ms / 1000,
      );
    },
    sockets(count) {
      open = count;
    },
    runEnded({ status, usage, cost, providerId }) {
      metrics.add("openclaw_runs_total", "Runs ended.", `status="${status}"`);
      const model = `provider="${providerId.replace(/[\\"\n]/g, "_")}"`; // the id is the owner's own word
      metrics.add(
        "openclaw_prompt_tokens_total",
        "Tokens sent to models by runs.",
        model,
        usage.promptTokens,
      );
      metrics.add(
        "openclaw_cached_prompt_tokens_total",
        "Those of the tokens sent that providers had in their caches.",
        model,
        usage.cachedTokens ?? 0,
      );
      metrics.add(
        "openclaw_completion_tokens_total",
        "Tokens that models gave runs.",
        model,
        usage.completionTokens,
      );
      metrics.add("openclaw_cost_dollars_total", "Cost of runs by the model table.", model, cost);
    },
    failedOver() {
      metrics.add("openclaw_model_failovers_total", "Calls that a fallback answered.", "");
    },
    budgetRefused() {
      metrics.add("openclaw_budget_refusals_total", "Calls of a model that a budget did not allow.", "");
    },
    answerCache(hit) {
      if (hit) metrics.add("openclaw_answer_cache_hits_total", "Answers given from memory.", "");
      else metrics.add("openclaw_answer_cache_misses_total", "Answers that were not in memory.", "");
    },
    channelMessage(channel, outcome) {
      const labels = `channel="${channel}",outcome="${outcome}"`;
      metrics.add("openclaw_channel_messages_total", "Messages of channels, in and out (out_…).", labels);
    },
    close: () => delay.disable(),
  };
}
