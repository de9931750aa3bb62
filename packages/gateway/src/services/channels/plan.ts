import type { ChannelSection } from "openclaw-protocol";
import type { ChannelEntry } from "../../channels/types.ts";

/** The account of a section that names none. */
const defaultAccount = "default";

/** An account as the configuration has it. */
export interface AccountPlan {
  readonly entry: ChannelEntry;
  readonly accountId: string;
  /** The channel's section, and the account's own below `accounts`. */
  readonly section: ChannelSection;
  readonly own: ChannelSection | undefined;
  /** All keys that hold for the account, in their usual spelling. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The key that is needed and not there, from the root. */
  readonly missing: string | undefined;
  /** Where the account's keys stand, from the root. */
  readonly path: string;
  /** Values that must not be seen: they are cut out of whatever is shown. */
  readonly secrets: readonly string[];
}

/** A channel's accounts in the order of the file. None: it is not configured. */
export function accountPlans(
  entry: ChannelEntry,
  section: ChannelSection | undefined,
  variable: (name: string) => string | undefined,
): AccountPlan[] {
  if (section === undefined) return [];
  const { accounts, ...shared } = section;
  const names = Object.keys(accounts ?? {});
  if (names.length === 0) return [planOf(entry, defaultAccount, section, undefined, shared, variable)];
  return names.map((name) => {
    const own = accounts![name] as ChannelSection; // an account has the keys of a section
    return planOf(entry, name, section, own, { ...shared, ...own }, variable);
  });
}

function planOf(
  entry: ChannelEntry,
  accountId: string,
  section: ChannelSection,
  own: ChannelSection | undefined,
  given: Readonly<Record<string, unknown>>,
  variable: (name: string) => string | undefined,
): AccountPlan {
  const settings: Record<string, unknown> = { ...given };
  const path = own ? `channels.${entry.id}.accounts.${accountId}` : `channels.${entry.id}`;
  let missing: string | undefined;
  for (const need of entry.needs) {
    const alias = need.aliases?.find((it) => isThere(settings[it]));
    if (!isThere(settings[need.key]) && alias !== undefined) settings[need.key] = settings[alias];
    const isFirst = own === undefined || accountId === defaultAccount;
    if (!isThere(settings[need.key]) && need.variable !== undefined && isFirst) {
      const value = variable(need.variable);
      if (value !== undefined) settings[need.key] = value;
    }
    if (isThere(settings[need.key]) || need.when?.(settings) === false) continue;
    missing ??= `${path}.${need.key}`;
  }
  return { entry, accountId, section, own, settings, missing, path, secrets: secretsIn(settings) };
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

const secretKey = /token|secret|password|passphrase|apikey|cookie/i;
const shortestSecret = 6;

/** What stands under a key that sounds like a secret, at any depth, the longest first. */
function secretsIn(settings: unknown): string[] {
  const found: string[] = [];
  const look = (value: unknown, isSecret: boolean) => {
    if (typeof value === "string" && isSecret && value.length >= shortestSecret) found.push(value);
    if (value === null || typeof value !== "object") return;
    for (const [key, inner] of Object.entries(value)) look(inner, isSecret || secretKey.test(key));
  };
  look(settings, false);
  return found.sort((a, b) => b.length - a.length);
}

/** A text in which no secret can be read, also as it stands in a URL. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");
  }
  return clean;
}
