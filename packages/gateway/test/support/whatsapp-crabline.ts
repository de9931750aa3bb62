import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StartedWhatsAppServer, startWhatsAppServer } from "@openclaw/crabline";

export interface Crabline {
  readonly manifest: StartedWhatsAppServer["manifest"];
  /** What the bot sent and was taken, as crabline recorded it. */
  readonly events: readonly Record<string, unknown>[];
  /** A person writes. Answers with what the Cloud API would post to a webhook. */
  write(message: Record<string, unknown>): Promise<{ webhook: object; message: { key: { id: string } } }>;
  close(): Promise<void>;
}

/** crabline's WhatsApp: a server that is not ours, for both ways. */
export async function startCrabline(options: { selfJid?: string } = {}): Promise<Crabline> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-crabline-"));
  const events: Record<string, unknown>[] = [];
  const server = await startWhatsAppServer({
    ...options,
    recorderPath: join(folder, "whatsapp.jsonl"),
    onEvent: (event) => void events.push({ ...event }),
  });
  const { endpoints, adminToken } = server.manifest;
  return {
    manifest: server.manifest,
    events,
    async write(message) {
      const response = await fetch(endpoints.adminInboundUrl, {
        method: "POST",
        headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
        body: JSON.stringify(message),
      });
      if (!response.ok) throw new Error(`crabline answered ${response.status}: ${await response.text()}`);
      // As its documentation has it.
      return (await response.json()) as { webhook: object; message: { key: { id: string } } };
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
