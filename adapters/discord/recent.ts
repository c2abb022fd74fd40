/** Remembers what it was told last, and no more than so many. */
export interface Recent<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

export function createRecent<V>(most: number): Recent<V> {
  const known = new Map<string, V>();
  return {
    get: (key) => known.get(key),
    set(key, value) {
      known.delete(key);
      known.set(key, value);
      const oldest = known.keys().next();
      if (known.size > most && oldest.value !== undefined) known.delete(oldest.value);
    },
    delete: (key) => {
      known.delete(key);
    },
  };
}
