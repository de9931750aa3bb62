import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Database } from "../../storage/database.ts";
import {
  deleteResponse,
  findResponse,
  findResponseOfItem,
  keepResponse,
  type ResponseRow,
  responseExists,
  unfinishedResponses,
} from "../../storage/responses.ts";
import { type Caller, maySee } from "../access.ts";

type Json = Record<string, unknown>;

/** A response as it is kept: what was asked, without what came before, and what was answered. */
export interface KeptResponse {
  response: Json;
  input: readonly Json[];
  previousId?: string | undefined;
  owner: string;
  /** The events of one that was streamed in the background. */
  events?: readonly Json[] | undefined;
}

/** The responses that callers may continue, fetch and delete. One that a caller may not see is not there for it. */
export interface ResponseStore {
  keep(it: KeptResponse): Promise<void>;
  /** Throws `not_found`. */
  get(id: string, caller: Caller): Promise<KeptResponse>;
  /** Everything said up to a response and by it, oldest first. Throws `not_found` with the `param`. */
  conversation(id: string, caller: Caller): Promise<Json[]>;
  /** One item of a response's output; undefined: there is none that the caller may see. */
  item(id: string, caller: Caller): Promise<Json | undefined>;
  isTaken(id: string): Promise<boolean>;
  delete(id: string, caller: Caller): Promise<void>;
  /** After a start: those that the last process left unfinished become what `end` makes of them. */
  recover(end: (response: Json) => Json): Promise<number>;
}

/** Most responses in a row, and most characters of what they hold together. */
const longestChain = 1_000;
const chainCharacters = 16 * 1024 * 1024;

export function createResponseStore({ db, clock }: { db: Database; clock: Clock }): ResponseStore {
  async function row(id: string, caller: Caller): Promise<ResponseRow | undefined> {
    const found = await findResponse(db.read, id);
    return found && maySee(caller, found) ? found : undefined;
  }

  async function existing(id: string, caller: Caller): Promise<ResponseRow> {
    const found = await row(id, caller);
    if (found) return found;
    throw new GatewayError("not_found", "There is no such response. It may have been deleted or expired.", {
      param: "response_id",
    });
  }

  return {
    async keep(it) {
      const made = rowOf(it, clock.now());
      const ids = outputOf(it.response).flatMap(({ id }) => (typeof id === "string" ? [id] : []));
      await db.write((tx) => keepResponse(tx, made, ids));
    },

    async get(id, caller) {
      return keptOf(await existing(id, caller));
    },

    async conversation(id, caller) {
      const parts: Json[][] = [];
      let characters = 0;
      let next: string | null = id;
      while (next !== null) {
        const found: ResponseRow | undefined = await row(next, caller);
        if (!found) throw noPrevious(next);
        const { input, response } = keptOf(found);
        if (found.status === "queued" || found.status === "in_progress") throw unfinished();
        parts.push([...input, ...outputOf(response)]);
        characters += found.size;
        if (parts.length > longestChain || characters > chainCharacters) throw tooLong();
        next = found.previous_id;
      }
      return parts.reverse().flat();
    },

    async item(id, caller) {
      const found = await findResponseOfItem(db.read, id);
      if (!found || !maySee(caller, found)) return undefined;
      return outputOf(keptOf(found).response).find((it) => it.id === id);
    },

    isTaken: (id) => responseExists(db.read, id),

    async delete(id, caller) {
      await existing(id, caller);
      await db.write((tx) => deleteResponse(tx, id));
    },

    async recover(end) {
      const left = await unfinishedResponses(db.read);
      for (const found of left) {
        const kept = keptOf(found);
        await this.keep({ ...kept, response: end(kept.response) });
      }
      return left.length;
    },
  };
}

function rowOf({ response, input, previousId, owner, events }: KeptResponse, now: number): ResponseRow {
  const inputJson = JSON.stringify(input);
  const responseJson = JSON.stringify(response);
  const eventsJson = events ? JSON.stringify(events) : null;
  return {
    id: String(response.id),
    owner,
    previous_id: previousId ?? null,
    status: response.status as ResponseRow["status"], // made by the dialect, of the same words
    input_json: inputJson,
    response_json: responseJson,
    events_json: eventsJson,
    size: inputJson.length + responseJson.length + (eventsJson?.length ?? 0),
    created_at: now,
  };
}

/** The columns were written by `rowOf`. */
function keptOf(row: ResponseRow): KeptResponse {
  return {
    response: JSON.parse(row.response_json) as Json,
    input: JSON.parse(row.input_json) as Json[],
    previousId: row.previous_id ?? undefined,
    owner: row.owner,
    events: row.events_json === null ? undefined : (JSON.parse(row.events_json) as Json[]),
  };
}

function outputOf({ output }: Json): Json[] {
  return Array.isArray(output) ? (output as Json[]) : [];
}

/** The refusal of a response to continue that is not there. */
function noPrevious(id: string): GatewayError {
  return new GatewayError("not_found", `There is no previous response "${id.slice(0, 80)}".`, {
    param: "previous_response_id",
  });
}

function unfinished(): GatewayError {
  return new GatewayError("conflict", "The previous response has not ended yet. Wait for it.", {
    param: "previous_response_id",
  });
}

function tooLong(): GatewayError {
  return new GatewayError(
    "invalid_request",
    "The conversation has become too long. Shorten it by POST /v1/responses/compact.",
    { param: "previous_response_id" },
  );
}
