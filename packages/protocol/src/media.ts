import { z } from "zod";
import { define, pageLimit, timestamp } from "./method.ts";

const mediaId = z.string().min(1).max(64);

/** A file that the gateway keeps for a while: a download, or a picture that an agent has taken. */
export const media = z
  .object({
    mediaId: z.string(),
    name: z.string(),
    mimeType: z.string(),
    size: z.int().describe("Bytes"),
    origin: z.enum(["download", "screenshot", "pdf"]),
    source: z.string().nullable().describe("The page that it comes from"),
    sessionKey: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: "Media" });
export type Media = z.infer<typeof media>;

export const mediaMethods = {
  "media.list": define({
    summary: "Kept files, newest first",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/media" },
    params: z.strictObject({
      limit: pageLimit,
      cursor: z.string().max(256).optional(),
      sessionKey: z.string().max(256).optional(),
    }),
    result: z.object({ media: z.array(media), nextCursor: z.string().optional() }),
  }),
  "media.get": define({
    summary: "A kept file with its bytes; those of a large one are at /v1/media/{mediaId}/content",
    scopes: ["read"],
    http: { method: "GET", path: "/v1/media/{mediaId}" },
    params: z.strictObject({ mediaId }),
    result: media.extend({ data: z.string().describe("base64") }),
  }),
  "media.delete": define({
    summary: "Delete a kept file",
    scopes: ["operate"],
    http: { method: "DELETE", path: "/v1/media/{mediaId}" },
    params: z.strictObject({ mediaId }),
    result: z.object({ deleted: z.boolean(), mediaId: z.string() }),
  }),
} as const;
