import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChaosProxy, startChaosProxy } from "../../../support/chaos-proxy.ts";
import type { Json } from "../../../support/gateway.ts";

interface Started {
  manifest: { adminToken: string; endpoints: { adminInboundUrl: string; apiRoot: string } };
  close(): Promise<void>;
}

interface Recorded<Server extends Started> {
  readonly manifest: Server["manifest"];
  /** What the platform was asked for. */
  readonly events: readonly Json[];
  /** Stands before the platform's API. */
  readonly proxy: ChaosProxy;
  /** A person does something. */
  write(body: object): Promise<Json>;
  close(): Promise<void>;
}

/** A platform of crabline, which we did not write, behind a proxy that can be cut. */
export async function startRecorded<Server extends Started>(
  start: (options: { recorderPath: string; onEvent(event: object): void }) => Promise<Server>,
): Promise<Recorded<Server>> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-conformance-"));
  const events: Json[] = [];
  const server = await start({
    recorderPath: join(folder, "events.jsonl"),
    onEvent: (event) => void events.push({ ...event }),
  });
  const { adminToken, endpoints } = server.manifest;
  const proxy = await startChaosProxy(() => Number(new URL(endpoints.apiRoot).port), Math.random);
  return {
    manifest: server.manifest,
    events,
    proxy,
    async write(body) {
      const response = await fetch(endpoints.adminInboundUrl, {
        method: "POST",
        headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`the platform refused: ${response.status} ${text}`);
      return JSON.parse(text);
    },
    async close() {
      await proxy.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
