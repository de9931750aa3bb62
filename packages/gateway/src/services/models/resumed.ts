/** An iteration whose first step has been taken to see whether it begins at all: that step, then the others. */
export function resumed<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncIterableIterator<T> {
  let head: IteratorResult<T> | undefined = first;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (head === undefined) return rest.next();
      const taken = head;
      head = undefined;
      return Promise.resolve(taken);
    },
    async return(value?: unknown) {
      await rest.return?.(value);
      return { done: true, value: undefined };
    },
  };
}
