/** What stands for a value that nobody may see. */
export const mask = "••••";

/** Below this a value is masked only where it stands alone: a secret "7" must not eat every number with a 7. */
const shortLength = 4;

/**
 * The text without the secrets: as they are, and as pages and addresses write them, URL-encoded (with %20 or +),
 * HTML- and JSON-escaped, with spaces run together, and in base64 (RFC 4648, both alphabets), also in the middle of
 * something that was encoded as a whole, such as `user:password`.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.trim() === "") continue;
    for (const form of formsOf(secret)) {
      if (form.length < shortLength) clean = clean.replace(alone(form), mask);
      else if (clean.includes(form)) clean = clean.replaceAll(form, mask);
    }
  }
  return clean;
}

/** The same for every text within plain data, keys included. */
export function redactAll<T>(value: T, secrets: ReadonlySet<string>): T {
  if (secrets.size === 0) return value;
  return walk(value, secrets) as T; // the same shape: only texts change
}

function walk(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map((it) => walk(it, secrets));
  if (typeof value === "number" && secrets.has(String(value))) return mask;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [redact(key, secrets), walk(it, secrets)]),
  );
}

/** Longest first, so that none is broken by a shorter one within it. */
function formsOf(secret: string): string[] {
  const spaced = secret.replace(/\s+/g, " ").trim();
  const encoded = encodeURIComponent(secret.toWellFormed());
  const strict = encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [
    secret,
    spaced,
    encoded,
    strict,
    strict.replaceAll("%20", "+"),
    strict.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    encodeURI(secret.toWellFormed()),
    escapeHtml(secret),
    escapeHtml(secret).replaceAll("&#39;", "&#x27;").replaceAll("&quot;", "&#34;"),
    JSON.stringify(secret).slice(1, -1),
    ...base64Of(secret),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (c) => names[c] ?? c);
}

/**
 * Base64 joins three bytes to four characters, so that a value within something looks different by where it begins.
 * Of each of the three ways, the characters that the value alone decides.
 */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret);
  if (bytes.length < 5) return [];
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const sure = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [sure, sure.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function alone(form: string): RegExp {
  return new RegExp(
    `(?<![\\p{L}\\p{N}])${form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}(?![\\p{L}\\p{N}])`,
    "gu",
  );
}
