// Everything a page of ours keeps in its browser: IndexedDB, local and session storage, caches, cookies it can see.

/** `"storage NAME"` → octets. Binary values stand as they are, the rest as JSON. */
export async function stored(page) {
  const dump = await page.evaluate(async () => {
    const found = {};
    const text = (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
    const plain = (value) => {
      if (value instanceof ArrayBuffer) return text(new Uint8Array(value));
      if (ArrayBuffer.isView(value)) return text(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      if (Array.isArray(value)) return value.map(plain);
      if (value instanceof CryptoKey) return `CryptoKey, extractable: ${value.extractable}`;
      if (value && typeof value === "object" && !(value instanceof Date)) {
        return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
      }
      return value;
    };
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([done(all.getAllKeys()), done(all.getAll())]);
        found[`${name}/${store}`] = JSON.stringify([keys, values].map(plain));
      }
      database.close();
    }
    found.localStorage = JSON.stringify({ ...localStorage });
    found.sessionStorage = JSON.stringify({ ...sessionStorage });
    found.cookies = document.cookie;
    for (const name of await caches.keys()) found[`cache ${name}`] = "present";
    return found;
  });
  return Object.fromEntries(Object.entries(dump).map(([name, text]) => [`storage ${name}`, Buffer.from(text)]));
}
