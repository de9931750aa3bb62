/** Profiles that must not be opened for a while. */
export interface Holds {
  /** Settles when a profile may be opened again, as far as is known now; undefined where it may. */
  of(profile: string): Promise<void> | undefined;
  /** Does something while nobody can open the profile; one after another. */
  during<T>(profile: string, work: () => Promise<T>): Promise<T>;
}

export function createHolds(): Holds {
  const held = new Map<string, Promise<void>>();
  return {
    of: (profile) => held.get(profile),
    async during(profile, work) {
      const before = held.get(profile);
      const done = (async () => {
        await before;
        return work();
      })();
      const settled = done.then(
        () => undefined,
        () => undefined,
      );
      held.set(profile, settled);
      try {
        return await done;
      } finally {
        if (held.get(profile) === settled) held.delete(profile);
      }
    },
  };
}
