import { answerMs, connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { table } from "../table.ts";

const scopes = ["read", "chat", "operate", "approve", "admin"] as const;
type Scope = (typeof scopes)[number];

/** The named API tokens, without their secrets. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("token.list", {}, { signal: context.signal, timeoutMs: answerMs });
  if (data.tokens.length === 0) return { data, text: "No tokens yet." };
  const rows = data.tokens.map((it) => [
    it.tokenId,
    it.name,
    it.scopes.join(","),
    it.createdAt,
    it.expiresAt ?? "never",
  ]);
  return { data, text: table(["token", "name", "scopes", "created", "expires"], rows) };
}

/** Makes a token; its secret is shown this once. */
export async function create(
  context: Context,
  name: string,
  options: { scopes?: string; expires?: string },
): Promise<Output> {
  const wanted = (options.scopes ?? "read,chat").split(",").map((it) => it.trim());
  const unknown = wanted.find((it) => !isScope(it));
  if (unknown !== undefined)
    throw new UsageError(`"${unknown}" is no scope. Scopes are ${scopes.join(", ")}.`);
  const expiresAt = options.expires === undefined ? undefined : expiry(options.expires);
  const { client } = await connect(context);
  const data = await client.call(
    "token.create",
    { name, scopes: wanted.filter(isScope), ...(expiresAt && { expiresAt }) },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return { data, text: `${data.token}\nKeep it now: it is not shown again. Its id is ${data.tokenId}.` };
}

/** Revokes a token; its connections close at once. */
export async function revoke(context: Context, tokenId: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call(
    "token.revoke",
    { tokenId },
    { signal: context.signal, timeoutMs: answerMs },
  );
  return { data, text: `Revoked ${data.tokenId}.` };
}

function isScope(text: string): text is Scope {
  return scopes.some((it) => it === text);
}

/** A time as ISO 8601, or a span from now like `30d`, `12h`. */
function expiry(text: string): string {
  const span = /^(\d+)([dhm])$/.exec(text);
  const unit = { d: 86_400_000, h: 3_600_000, m: 60_000 };
  const at = span ? Date.now() + Number(span[1]) * unit[span[2] as "d" | "h" | "m"] : Date.parse(text); // the pattern's letters
  if (Number.isNaN(at)) throw new UsageError(`--expires must be like 30d, 12h or 2026-12-31, not "${text}".`);
  return new Date(at).toISOString();
}
