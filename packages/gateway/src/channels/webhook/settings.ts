import { z } from "zod";

/** The keys below `channels.webhook`. */
export const settings = z.object({
  secret: z
    .string()
    .min(16, "use at least 16 characters, e.g. those of `openssl rand -hex 32`")
    .describe("Signs what comes in and what goes out; both sides know it. At least 16 characters"),
  url: z
    .url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" })
    .refine(hasNoCredentials, "must not contain a user or a password; requests are signed with the secret")
    .optional()
    .describe("Where answers are sent to, by POST. Without it messages come in and cannot be answered"),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(32 * 1024 * 1024)
    .default(1024 * 1024)
    .describe("Most bytes of a request that comes in, files included"),
  timeoutMs: z
    .int()
    .min(100)
    .max(300_000)
    .default(30_000)
    .describe("How long the receiver of an answer may take, ms"),
});

export type Settings = z.output<typeof settings>;

function hasNoCredentials(text: string): boolean {
  const url = URL.parse(text);
  return url === null || (url.username === "" && url.password === "");
}
