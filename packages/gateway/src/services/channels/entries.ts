/** How a channel's ids are written. */
export interface EntryRules {
  readonly channelId: string;
  /** The form in which the platform writes an id. */
  canonicalId(id: string): string;
  /** Whether an entry, without its prefix, is a name that has to be resolved. Names decide nothing. */
  isName(entry: string): boolean;
}

/** What a list of the configuration comes to. */
export interface EntryList {
  readonly ids: ReadonlySet<string>;
  readonly hasAll: boolean;
  /** How many of its entries are names. */
  readonly names: number;
}

export interface Entries {
  list(entries: readonly string[]): EntryList;
  /** A group's id or a server's, as the platform writes it. */
  place(id: string): string;
  /** Every name that was met, once. */
  names(): string[];
}

/** Other names that people know a channel by. */
const shortNames: Readonly<Record<string, readonly string[]>> = { telegram: ["tg"], whatsapp: ["wa"] };

/** Reads entries as people write them: `telegram:123`, `user:123`, ` 123 `, `*`. */
export function createEntries(rules: EntryRules): Entries {
  const own = [rules.channelId, ...(shortNames[rules.channelId] ?? [])];
  const people = prefixes([...own, "user", "dm", "id"]);
  const places = prefixes([...own, "channel", "group", "chat", "room", "guild", "team"]);
  const found = new Set<string>();

  return {
    list(entries) {
      const ids = new Set<string>();
      const names = new Set<string>();
      let hasAll = false;
      for (const given of entries) {
        const entry = given.trim().replace(people, "");
        if (entry === "*") hasAll = true;
        else if (entry !== "" && rules.isName(entry)) names.add(entry);
        else if (entry !== "") ids.add(rules.canonicalId(entry));
      }
      for (const name of names) found.add(name);
      return { ids, hasAll, names: names.size };
    },
    place: (id) => id.trim().replace(places, ""),
    names: () => [...found],
  };
}

/** One or several of them, as in `discord:user:1`. */
function prefixes(words: readonly string[]): RegExp {
  const any = words.map((it) => it.replace(/[^\w]/g, "\\$&")).join("|");
  return new RegExp(`^(?:(?:${any}):\\s*)+`, "i");
}
