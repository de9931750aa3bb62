import type { ResultOf } from "openclaw-protocol";
import type { Clock } from "../lib/clock.ts";
import type { Database } from "../storage/database.ts";

export interface StatusDeps {
  version: string;
  clock: Clock;
  startedAt: number;
  auth: "token" | "password" | "off";
  /** Where the gateway listens; known once it does. */
  address(): { host: string; port: number };
  draining(): boolean;
  channels: { list(): Promise<{ id: string; status: ResultOf<"system.status">["channels"][string] }[]> };
  models: { defaultModel(): Promise<string> };
  defaultAgentModel(): string | undefined;
  runs: { stats(): { active: number; queued: number } };
  db: Pick<Database, "check" | "sizeBytes">;
}

/** The gateway at a glance. */
export function createStatus(deps: StatusDeps): () => Promise<ResultOf<"system.status">> {
  return async () => {
    const { host, port } = deps.address();
    const channels = await deps.channels.list();
    return {
      status: deps.draining() ? "draining" : "ok",
      version: deps.version,
      uptime: Math.floor((deps.clock.now() - deps.startedAt) / 1000),
      gateway: { port, bind: host, auth: deps.auth },
      channels: Object.fromEntries(channels.map((it) => [it.id, it.status])),
      model: deps.defaultAgentModel() ?? (await deps.models.defaultModel()),
      runs: deps.runs.stats(),
      storage: {
        engine: "sqlite",
        ok: (await deps.db.check()) === undefined,
        sizeBytes: deps.db.sizeBytes(),
      },
    };
  };
}
