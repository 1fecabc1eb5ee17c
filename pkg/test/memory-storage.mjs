/** A storage for keystores that the test can look into: `kept`. */
export function memory() {
  const kept = new Map();
  return {
    kept,
    get: async (name) => kept.get(name),
    put: async (name, bytes) => void kept.set(name, bytes.slice()),
    delete: async (name) => void kept.delete(name),
    list: async () => [...kept.keys()],
  };
}
