import { createRequire } from "node:module";
import { inspect } from "node:util";
import type * as Library from "baileys";
import { JoinError } from "../../types.ts";

/** The package baileys as it is imported. */
export type Baileys = typeof Library;

/**
 * Loads baileys, which stands beside OpenClaw if its owner installed it there: a part of it, libsignal, is under the
 * GPL, so it is neither bundled nor a dependency.
 */
export async function loadBaileys(name = "baileys"): Promise<Baileys> {
  try {
    // By a name that neither compiler nor bundler can follow; the types are those of the version that we ask for.
    const library = (await import(name)) as Baileys;
    hideSessions(name);
    return library;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new JoinError(
      "settings",
      "WhatsApp as a linked device needs the package baileys. Install it beside OpenClaw: npm install baileys@7.0.0-rc14",
      { cause },
    );
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_MODULE_NOT_FOUND";
}

/** libsignal writes whole sessions, private keys included, to the console when it opens or closes one. Now it writes a word instead. */
function hideSessions(name: string): void {
  let signal: unknown;
  try {
    signal = createRequire(import.meta.resolve(name))("libsignal");
  } catch {
    return; // a newer baileys may have another one
  }
  // As libsignal 6 is; it has no types.
  const { SessionRecord } = signal as { SessionRecord: { createEntry(): object } };
  Object.defineProperty(Object.getPrototypeOf(SessionRecord.createEntry()), inspect.custom, {
    value: () => "(session)",
    configurable: true,
  });
}
