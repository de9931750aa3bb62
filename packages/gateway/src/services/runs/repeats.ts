import { createHash } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Reader, Tx } from "../../storage/database.ts";
import { findIdempotent, keepIdempotent } from "../../storage/idempotency.ts";
import type { RunRequest } from "./types.ts";

const keptMs = 24 * 60 * 60 * 1000;

/** Idempotency keys: the same key and body mean the same run, for 24 h. */
export interface Repeats {
  /** The run that a request stands for already. Another body under its key is `conflict`. */
  find(reader: Reader | Tx, request: RunRequest): Promise<string | undefined>;
  keep(tx: Tx, request: RunRequest, runId: string): Promise<void>;
}

export function createRepeats({ clock }: { clock: Clock }): Repeats {
  const hashes = new WeakMap<RunRequest, string>();

  function hashOf(request: RunRequest): string {
    const known = hashes.get(request);
    if (known !== undefined) return known;
    const { message, sessionKey, agentId, attachments, system, past } = request;
    const options = Object.entries(request.options ?? {}).sort();
    const hash = createHash("sha256")
      .update(JSON.stringify([message, sessionKey, agentId, attachments, options, system, past]))
      .digest("hex");
    hashes.set(request, hash);
    return hash;
  }

  return {
    async find(reader, request) {
      if (request.idempotencyKey === undefined) return undefined;
      const known = await findIdempotent(reader, request.caller.id, request.idempotencyKey, clock.now());
      if (known && !request.keyDecides && known.bodyHash !== hashOf(request)) {
        throw new GatewayError(
          "conflict",
          "This idempotency key was used with another body. Use a new key.",
          {
            param: "idempotencyKey",
          },
        );
      }
      return known?.runId;
    },
    async keep(tx, request, runId) {
      const { idempotencyKey: key, caller } = request;
      if (key === undefined) return;
      const expiresAt = clock.now() + keptMs;
      await keepIdempotent(tx, { caller: caller.id, key, bodyHash: hashOf(request), runId, expiresAt });
    },
  };
}
