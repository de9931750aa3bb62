/** Lets work on one key pass one at a time, in the order of its coming; other keys do not wait. */
export interface Doors {
  pass<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createDoors(): Doors {
  const last = new Map<string, Promise<unknown>>();
  return {
    async pass(key, work) {
      const before = last.get(key);
      const mine = before ? before.then(work, work) : work();
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}
