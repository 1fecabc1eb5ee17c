// How a job is timed, and what jobs share: bytes that do not compress, the other side's calls, checks that the work was done.

/** Runs one job on both sides in turn, in this process. Medians in milliseconds. */
export async function measure({ work, ours, peer, rounds }, { least = 5, most = 25, budget = 3000 } = {}) {
  await ours();
  await peer();
  const times = { ours: [], peer: [] };
  const started = performance.now();
  while (rounds ? times.ours.length < rounds : times.ours.length < most && (times.ours.length < least || performance.now() - started < budget)) {
    // Whoever goes second finds the other's garbage: they take turns at that, too.
    for (const side of times.ours.length % 2 ? ["peer", "ours"] : ["ours", "peer"]) times[side].push(await time(side === "ours" ? ours : peer));
  }
  return { work, ours_ms: median(times.ours), peer_ms: median(times.peer) };
}

/** The same, as a row in any case. */
export async function attempt(work) {
  try {
    return await measure(work);
  } catch (cause) {
    return failure(work.work, cause);
  }
}

/** The row of what could not be measured. */
export function failure(work, cause) {
  return { work, error: `${cause.code ?? ""} ${cause.message}`.trim() };
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export async function time(job) {
  const started = performance.now();
  await job();
  return performance.now() - started;
}

/** Bytes that do not compress, the same in every run. */
export function bytes(length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Text in lines of a mail's length, ASCII. */
export function lines(length) {
  const line = "The quick brown fox jumps over the lazy dog, and nobody is astonished.\n";
  return line.repeat(Math.ceil(length / line.length)).slice(0, length);
}

export function binary(peer, data) {
  return peer.createMessage({ binary: data });
}

export async function peerDecrypts(peer, message, how) {
  return peer.decrypt({ message: await peer.readMessage({ binaryMessage: message }), ...how, format: "binary" });
}

/** `message` as OpenPGP.js takes it. */
export async function peerVerifies(peer, message, signature, keys) {
  const result = await peer.verify({
    message,
    signature: await peer.readSignature({ binarySignature: signature }),
    verificationKeys: keys.peer.certificate,
    format: "binary",
  });
  if (!(await result.signatures[0].verified)) throw new Error("the other side does not verify");
}

export function valid({ signatures }) {
  if (signatures[0]?.status !== "valid") throw new Error(`our side does not verify: ${signatures[0]?.reason}`);
}
