// What is measured: the same job done by both libraries, as pairs of functions. Runs in node and in a browser alike.
//
// The other side, OpenPGP.js, is in its best configuration for each job (docs/benchmark.md says which), and its keys are read
// once, outside the measured time. Keys have no passphrase, so that neither side pays for unlocking, but where that is the job. What is
// read (a message, a signature) is the same bytes on both sides.
import { attempt } from "./measure.mjs";
import { aead, integrityProtected, offsetCodebook, signatures, signedAndEncrypted, texts } from "./works_data.mjs";
import { armored, cleartext } from "./works_text.mjs";
import { envelopes } from "./works_envelopes.mjs";
import { generation, prepareKeys, small } from "./works_keys.mjs";
import { locked } from "./works_locked.mjs";

/** Every job whose name has `only` in it, in groups that share what they prepare; each as a measured row. */
export async function* measured(ours, peer, only) {
  for await (const work of works(ours, peer, only)) {
    if (!only || work.work.includes(only)) yield await attempt(work);
  }
}

async function* works(ours, peer, only) {
  const keys = await prepareKeys(ours, peer);
  yield* generation(ours, peer);
  for (const kind of Object.values(keys)) yield* small(ours, peer, kind);
  yield* locked(ours, peer, only);
  for (const size of [1, 10, 50]) {
    yield* aead(ours, peer, keys.v6, size);
    yield* integrityProtected(ours, peer, keys.v4, size);
    yield* offsetCodebook(ours, peer, keys.v6, size);
  }
  for (const size of [10, 50]) {
    yield* signatures(ours, peer, keys.v4, size);
    yield* signedAndEncrypted(ours, peer, keys.v6, size);
  }
  yield* texts(ours, peer, keys.v4);
  for (const size of [1, 10]) {
    yield* armored(ours, peer, keys.v6, size);
    yield* cleartext(ours, peer, keys.v4, size);
  }
  yield* envelopes(ours, peer);
  yield* onThreads(ours, byArgon2(ours, peer, keys.v6, only));
}

/** What waits for Argon2. */
async function* byArgon2(ours, peer, keys, only) {
  if (only && !only.includes("thread") && !only.includes("password") && !only.includes("envelope") && !only.includes("passphrase")) return;
  for (const size of [1, 10, 50]) {
    for await (const work of aead(ours, peer, keys, size)) if (work.work.includes("by password")) yield work;
  }
  yield* envelopes(ours, peer);
  for await (const work of locked(ours, peer)) if (work.work.includes("v6") && work.work.endsWith("with a passphrase")) yield work;
}

/** The same jobs with Argon2 on two threads: as many as the smallest machine has, and this one. */
async function* onThreads(ours, works) {
  const threads = 2;
  await ours.init({ threads });
  for await (const work of works) yield { ...work, work: `${work.work}, ${threads} threads` };
  await ours.init({ threads: 1 });
}
