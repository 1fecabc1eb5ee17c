// Streams as both libraries take them, with a source and a sink that hold nothing. For node and browsers alike.

export const MB = 1_000_000;
export const SIZES = [100, 300, 1000];
/** Megabytes that go through before the clock starts: what is compiled while it runs shall not be counted against the smallest. */
export const WARM = 60;
/** How often each size is run in its process; the median counts. */
export const ROUNDS = { 100: 5, 300: 3, 1000: 1 };
/** How often all sizes are run after each other, in a process of their own, to be compared. */
const TURNS = 3;

/** So many bytes of plaintext, 64 KiB at a time, always the same ones. */
export function source(size) {
  const piece = new Uint8Array(65_536).map((_, at) => at);
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const now = Math.min(left, piece.length);
      left -= now;
      controller.enqueue(piece.subarray(0, now));
    },
  });
}

/** Reads to the end and keeps nothing; how many bytes there were. */
export async function drained(stream) {
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.length;
  }
}

/** Runs a job so often on `size` MB and gives the times; `encrypted` opens the ciphertext of so many MB. */
export async function runs(job, library, size, rounds, encrypted) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const length = await drained(await library[job](job === "encrypt" ? source(size * MB) : await encrypted(size)));
    if (job === "encrypt" || library.isBare ? length < size * MB : length !== size * MB) throw new Error(`${length} bytes came out`);
    times.push(performance.now() - started);
  }
  return times;
}

export async function ours({ readKeys, encrypt, decrypt }, binary) {
  const [key] = await readKeys(binary);
  return {
    encrypt: (data) => encrypt({ data, recipients: key, armor: false }),
    decrypt: async (message) => (await decrypt({ message, keys: { key } })).data,
  };
}

/** Nobody: each part is copied, as whoever encrypts it has to write it anew. */
export async function bare() {
  const pass = (data) => data.pipeThrough(new TransformStream({ transform: (part, out) => out.enqueue(part.slice()) }));
  return { isBare: true, encrypt: async (data) => pass(data), decrypt: async (message) => pass(message) };
}

/** OpenPGP.js gives nothing of a GCM message out before its end unless it is told to. */
export async function peer(pgp, binary) {
  const config = { aeadProtect: true, preferredAEADAlgorithm: pgp.enums.aead.gcm, allowUnauthenticatedStream: true };
  const key = await pgp.readPrivateKey({ binaryKey: binary });
  return {
    encrypt: async (data) => pgp.encrypt({ message: await pgp.createMessage({ binary: data }), encryptionKeys: key.toPublic(), format: "binary", config }),
    decrypt: async (binaryMessage) => {
      const message = await pgp.readMessage({ binaryMessage, config });
      return (await pgp.decrypt({ message, decryptionKeys: key, format: "binary", config })).data;
    },
  };
}

/** By how much a byte of the slowest size takes longer than one of the fastest, all run in turn: what else happens meanwhile is the same for all. */
export async function spread(job, library, encrypted) {
  const perByte = Object.fromEntries(SIZES.map((size) => [size, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const size of turn % 2 ? SIZES.toReversed() : SIZES) perByte[size].push((await runs(job, library, size, 1, encrypted))[0] / size);
  }
  const middle = Object.values(perByte).map((times) => times.sort((one, other) => one - other)[(TURNS - 1) / 2]);
  return Math.max(...middle) / Math.min(...middle) - 1;
}

/** The rows of a side's and the other's runs by size: each size, then the difference between them. */
export function* rows(job, bySize, spreads, suffix = "") {
  for (const [size, { ours, peer }] of Object.entries(bySize)) {
    yield { work: `stream ${job} ${size} MB${suffix}`, ours_ms: ours.ms, peer_ms: peer?.ms, ours_peak_mib: ours.peak, peer_peak_mib: peer?.peak };
  }
  yield { work: `stream ${job}: time per byte, slowest size over fastest${suffix}`, ours_spread: spreads.ours, peer_spread: spreads.peer };
}
