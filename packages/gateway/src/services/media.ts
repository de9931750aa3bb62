import type { Media as MediaView, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { toBase64 } from "../lib/base64.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { MakeId } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import { safeName } from "../lib/safe-name.ts";
import { typeOfFile } from "../lib/sniff.ts";
import type { Database, Tx } from "../storage/database.ts";
import {
  deleteMedia,
  findMedia,
  insertMedia,
  listMedia,
  type MediaPlace,
  type MediaRow,
} from "../storage/media.ts";
import { findSessionById } from "../storage/sessions.ts";
import { createMediaClearing, type Kept } from "./media-clearing.ts";
import { createMediaFiles, type MediaContent } from "./media-files.ts";
import { mediaHeaders, mediaType } from "./media-headers.ts";

const keptUnlessTold: Kept = {
  ms: 30 * 24 * 60 * 60 * 1000,
  bytesAtMost: 2 * 1024 * 1024 * 1024,
  filesAtMost: 10_000,
};
/** The largest file that is given as base64, bytes. */
const inlineBytesAtMost = 32 * 1024 * 1024;
const pageUnlessTold = 100;
const sourceAtMost = 2_048;

/** What is known of a file when it is kept. Name, type and source may be a stranger's. */
export interface MediaFacts {
  readonly name: string;
  /** As somebody has declared it; the bytes are believed first. */
  readonly mimeType: string | null;
  readonly origin: MediaView["origin"];
  /** The page that it comes from. */
  readonly source: string | null;
  readonly sessionKey: string | null;
  /** The session that it is deleted with. */
  readonly sessionId?: number | undefined;
}

/** Files that the gateway keeps for a while: what a browser has downloaded, what agents have taken pictures of. */
export interface Media {
  /**
   * Keeps bytes, or a file, which is taken away from where it lies. Resolves once it is on the disk and known. Throws
   * `service_unavailable` where the disk is full, `not_found` where the session has been deleted.
   */
  keep(content: MediaContent, facts: MediaFacts): Promise<MediaView>;
  list(query: ParsedParamsOf<"media.list">): Promise<ResultOf<"media.list">>;
  /** With its bytes. Throws `not_found`, and `payload_too_large` for what is too large for base64. */
  get(mediaId: string, options?: { signal?: AbortSignal }): Promise<ResultOf<"media.get">>;
  /** Where its bytes lie, for whoever streams them, and the headers that they must go with. Throws `not_found`. */
  open(mediaId: string): Promise<{ media: MediaView; path: string; headers: Record<string, string> }>;
  /** Throws `not_found`. */
  delete(mediaId: string): Promise<ResultOf<"media.delete">>;
  /** Deletes what has been kept for long enough, and what a crash or a deleted session has left; a little at a time. */
  clearUp(options: { signal: AbortSignal }): Promise<void>;
}

/** For services that have something to keep. */
export type MediaPort = Pick<Media, "keep">;

export interface MediaDeps {
  db: Database;
  /** Absolute, and used for nothing else. It is made when something is to be kept. */
  folder: string;
  ids: MakeId;
  clock: Clock;
  log: Log;
  /** 30 days, 2 GB and 10,000 files unless told. */
  kept?: Kept;
}

export function createMedia({ db, folder, ids, clock, log, kept = keptUnlessTold }: MediaDeps): Media {
  const files = createMediaFiles(folder);
  /** Files that are there while their rows are yet to come. */
  const beingKept = new Set<string>();
  const clearing = createMediaClearing({ db, files, clock, log, kept, beingKept });

  async function keep(content: MediaContent, facts: MediaFacts): Promise<MediaView> {
    const mediaId = ids("media");
    beingKept.add(mediaId);
    try {
      const { size, sample } = await files.put(mediaId, content);
      const row: MediaRow = {
        media_id: mediaId,
        session_id: facts.sessionId ?? null,
        session_key: facts.sessionKey,
        name: safeName(facts.name) ?? facts.origin,
        mime_type: mediaType(typeOfFile(sample, facts.mimeType ?? undefined).mimeType),
        size,
        origin: facts.origin,
        source: facts.source === null ? null : sourceOf(facts.source),
        created_at: clock.now(),
      };
      await db.write((tx) => insert(tx, row));
      while ((await clearing.expire()) > 0); // it may be one too many
      return view(row);
    } catch (error) {
      await files.remove(mediaId).catch(() => {}); // it is cleared up later
      throw error;
    } finally {
      beingKept.delete(mediaId);
    }
  }

  async function insert(tx: Tx, row: MediaRow): Promise<void> {
    if (row.session_id !== null && !(await findSessionById(tx, row.session_id))) {
      throw new GatewayError("not_found", "The session that the file belongs to was deleted meanwhile.", {
        param: "sessionKey",
      });
    }
    await insertMedia(tx, row);
  }

  async function find(mediaId: string): Promise<MediaRow> {
    const row = await findMedia(db.read, mediaId);
    if (row) return row;
    throw notThere();
  }

  /** Its file was taken away behind our back. */
  async function lost(row: MediaRow): Promise<GatewayError> {
    await db.write((tx) => deleteMedia(tx, row.media_id));
    return notThere();
  }

  return {
    keep,

    async list({ limit = pageUnlessTold, cursor, sessionKey }) {
      const after = cursor === undefined ? undefined : placeOf(cursor);
      const rows = await listMedia(db.read, { limit: limit + 1, after, sessionKey });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        media: page.map(view),
        ...(rows.length > limit && last && { nextCursor: cursorOf(last) }),
      };
    },

    async get(mediaId, { signal } = {}) {
      const row = await find(mediaId);
      if (row.size > inlineBytesAtMost) {
        throw new GatewayError(
          "payload_too_large",
          `The file is over ${inlineBytesAtMost} bytes, the most that is given as base64. Fetch its bytes from GET /v1/media/${row.media_id}/content.`,
          { param: "mediaId" },
        );
      }
      const handle = await files.open(row.media_id);
      if (!handle) throw await lost(row);
      try {
        return { ...view(row), data: await toBase64(await handle.readFile({ signal }), signal) };
      } finally {
        await handle.close();
      }
    },

    async open(mediaId) {
      const row = await find(mediaId);
      if (!(await files.has(row.media_id))) throw await lost(row);
      const media = view(row);
      return { media, path: files.pathOf(row.media_id), headers: mediaHeaders(media) };
    },

    async delete(mediaId) {
      const row = await find(mediaId);
      if (!(await db.write((tx) => deleteMedia(tx, row.media_id)))) throw notThere();
      await clearing.discard(row.media_id);
      return { deleted: true, mediaId };
    },

    clearUp: ({ signal }) => clearing.clearUp(signal),
  };
}

function view(row: MediaRow): MediaView {
  return {
    mediaId: row.media_id,
    name: row.name,
    mimeType: row.mime_type,
    size: row.size,
    origin: row.origin,
    source: row.source,
    sessionKey: row.session_key,
    createdAt: isoTime(row.created_at),
  };
}

/** An address as it may be shown: of bounded length, without a password in it. */
function sourceOf(written: string): string {
  const url = URL.parse(written.slice(0, 4 * sourceAtMost));
  if (url) Object.assign(url, { username: "", password: "" });
  return (url?.href ?? written)
    .slice(0, sourceAtMost)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
}

function notThere(): GatewayError {
  return new GatewayError(
    "not_found",
    "There is no such file. It may have been deleted: files are kept for 30 days at most, and the oldest go first.",
    { param: "mediaId" },
  );
}

/** Places in the list travel as opaque text. */
function cursorOf(row: MediaRow): string {
  return Buffer.from(JSON.stringify([row.created_at, row.media_id])).toString("base64url");
}

function placeOf(cursor: string): MediaPlace {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(place) && place.length === 2) {
      const [createdAt, mediaId] = place as unknown[]; // whatever they are: it is looked at
      if (Number.isSafeInteger(createdAt) && typeof mediaId === "string") {
        return { createdAt: Number(createdAt), mediaId };
      }
    }
  } catch {}
  throw new GatewayError(
    "invalid_request",
    "cursor is not one that this gateway gave out. Start from the first page.",
    {
      param: "cursor",
    },
  );
}
