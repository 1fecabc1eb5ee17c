/**
 * Runs the decryptions of one envelope through the platform's AES-GCM. `opening` (opening.rs) decides what is decrypted, with which
 * key and nonce, and what comes of it; here is when: eight chunks under way, progress, and whether it was given up. Frees `opening` in any case.
 */
export async function drive(opening, ciphertext, onProgress, isCancelled) {
  try {
    // Browsers hide it from pages that came over plain HTTP.
    const subtle = globalThis.crypto?.subtle;
    if (!subtle) throw coded("unsupported");
    const wiping = async (key, use) => {
      try {
        return await use(key);
      } finally {
        key.fill(0);
      }
    };
    const imported = () => wiping(opening.key(), (key) => subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]));
    const opened = (key, [iv, additionalData, from, to]) => {
      // Its owner took it away; WebCrypto copies what it is given.
      if (!ciphertext.length) throw coded("malformed");
      const job = subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, ciphertext.subarray(from, to)).then(
        (plaintext) => new Uint8Array(plaintext),
        () => Promise.reject(coded("decryption-failed")),
      );
      // Whoever waits hears of it; after a first failure nobody waits for the others.
      job.catch(() => {});
      return job;
    };
    await wiping(await opened(await imported(), opening.next()), (sessionKey) => opening.unlock(sessionKey));
    const key = await imported();
    const jobs = [];
    for (let done = 0, { length } = ciphertext; ; ) {
      for (let task; jobs.length < 8 && (task = opening.next()); ) jobs.push(opened(key, task));
      // Half of it is to decrypt, in chunks of 256 KiB; the other to read and hand out, in some steps for each of 4 MiB.
      done += jobs.length ? 1 << 17 : 1 << 19;
      const content = jobs.length ? opening.put(await jobs.shift()) : opening.finish();
      await onProgress(content ? length : Math.min(done, length), length);
      if (isCancelled()) throw coded("cancelled");
      if (content) return content;
    }
  } finally {
    opening.free();
  }
}

/** An error that the page puts into words. */
export const coded = (code) => Object.assign(new Error(code), { code });
