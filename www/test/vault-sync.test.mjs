// What of one's own changes other devices have not got yet: what was changed while keys of another device were read came to nobody, and whoever
// signed out during a slow comparison was told of a change that nobody had made.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const nothing = () => undefined;
Object.assign(globalThis, {
  addEventListener: nothing,
  document: { addEventListener: nothing, createTreeWalker: nothing },
  location: new URL("https://example.org/"),
  localStorage: { getItem: () => null, setItem: nothing, removeItem: nothing },
  ...(globalThis.navigator === undefined && { navigator: { hardwareConcurrency: 2 } }), // Node has one since version 21
  BroadcastChannel: class {
    postMessage() {}
  },
});
const { app } = await load("app/state.ts");
const { engine } = await load("app/engine.ts");
const { entered, readAfterChange } = await load("app/vault.ts");
const { ApiError } = await load("app/api.ts");
const { syncChanges, syncing, syncNow, unsynced } = await load("app/vault-sync.ts");
app.words = (await load("language/en.ts")).default;
engine().Keystore.names = async () => [];

const later = () => {
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  return { ended, end };
};
const moment = () => new Promise((resolve) => setTimeout(resolve));

/** An open keystore whose comparisons, and whose reading of contacts, end when the test says so. */
async function open() {
  const syncs = [];
  const keystore = {
    autoLock: nothing,
    lock: async () => undefined,
    syncCode: async () => "code",
    contacts: async () => [],
    getRecord: async () => undefined,
    problems: async () => [],
    passkeys: async () => [],
    defaultFor: async () => undefined,
    sync: () => new Promise((resolve, reject) => syncs.push({ succeed: (received = []) => resolve({ received, removed: [], sent: true }), fail: (error = new Error("failed")) => reject(error) })),
  };
  await entered(keystore);
  await moment();
  assert.equal(syncs.length, 1);
  return { keystore, syncs };
}

test("a slow comparison is no change, and after the first one nothing can be missing", async () => {
  const { syncs } = await open();
  assert.equal(unsynced(), "comparing");
  syncs[0].succeed();
  await moment();
  assert.equal(unsynced(), undefined);
  const again = syncNow(new AbortController().signal);
  await moment();
  assert.deepEqual([syncing.busy, unsynced()], [true, undefined]);
  await syncChanges();
  syncs[1].succeed();
  await again;
});

test("a change is missing elsewhere until a comparison that took it along has succeeded", async () => {
  const { syncs } = await open();
  syncs[0].succeed();
  await moment();
  await readAfterChange();
  assert.equal(unsynced(), "changed");
  let synced = syncChanges();
  await moment();
  assert.equal(unsynced(), "changed", "under way");
  syncs[1].fail();
  await synced;
  assert.equal(unsynced(), "changed", "failed");
  synced = syncChanges();
  await moment();
  syncs[2].succeed();
  await synced;
  assert.equal(unsynced(), undefined);
});

test("what is changed here while keys of another device are read goes to the others, too", async () => {
  const { keystore, syncs } = await open();
  const reading = later();
  keystore.contacts = () => reading.ended;
  syncs[0].succeed(["a key of another device"]);
  await moment();
  const changing = readAfterChange();
  reading.end([]);
  await changing;
  await moment();
  assert.equal(unsynced(), "changed");
  const synced = syncChanges();
  await moment();
  assert.equal(syncs.length, 2);
  syncs[1].succeed();
  await synced;
  assert.equal(unsynced(), undefined);
});

test("what a server refused for a moment is compared again by itself, later each time, and what it refuses for good is not", async (t) => {
  const { syncs } = await open();
  syncs[0].succeed();
  await moment();
  await readAfterChange();
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const turn = () => new Promise(setImmediate);
  const synced = syncChanges();
  await turn();
  syncs[1].fail(new ApiError("unavailable", 503, 5));
  await synced;
  t.mock.timers.tick(14_000);
  await turn();
  assert.equal(syncs.length, 2, "not at once");
  t.mock.timers.tick(1_000);
  await turn();
  assert.equal(syncs.length, 3);
  syncs[2].fail(new ApiError("unavailable", 503, 5));
  await turn();
  t.mock.timers.tick(29_000);
  await turn();
  assert.equal(syncs.length, 3, "later than before");
  t.mock.timers.tick(1_000);
  await turn();
  syncs[3].fail(new ApiError("storage-full", 507));
  await turn();
  t.mock.timers.tick(3_600_000);
  await turn();
  assert.deepEqual([syncs.length, unsynced()], [4, "changed"]);
});
