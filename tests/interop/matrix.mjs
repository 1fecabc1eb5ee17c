// Who can exchange what with whom: every program with every other, in every kind of key, armored and binary.
//
// A cell is one exchange: `from` encrypts or signs, `to` decrypts or verifies. It works, or one of the two does not know that
// kind, which is proved by that program failing with itself and with a third; everything else is a failure.
import assert from "node:assert/strict";

const utf8 = (text) => new TextEncoder().encode(text);
const DATA = utf8("Ein Brief, a letter, μια επιστολή.\n\n".repeat(40));
const PASSWORD = "seven quiet herons";

/** What is encrypted to, or signed with. A kind without `key` is a password; its message format is the sender's to choose. */
export const KINDS = [
  { name: "v4 RSA", key: "rsa" },
  { name: "v4 Curve25519", key: "compat" },
  { name: "v6 Curve25519", key: "rfc9580" },
  { name: "v4 P-256", key: "p256" },
  { name: "password, SEIPD v1", format: "seipd-v1" },
  { name: "password, SEIPD v2", format: "seipd-v2" },
];

const JOBS = {
  "encrypt → decrypt": {
    fits: () => true,
    async write({ from, kind, armor, receiver }) {
      if (kind.key === undefined) {
        const way = from.writes[kind.format];
        if (way === undefined) throw new Error(`it has no option for ${kind.format}`);
        return from.encrypt({ data: DATA, certificates: [], passwords: [PASSWORD], armor, ...way });
      }
      return from.encrypt({ data: DATA, certificates: [receiver.certificate], armor });
    },
    async read({ to, kind, message, receiver }) {
      const given = kind.key === undefined ? { passwords: [PASSWORD] } : receiver;
      const { data } = await to.decrypt({ message, ...given });
      assert.equal(Buffer.compare(data, DATA), 0, "other octets came out");
    },
  },
  "sign → verify": {
    fits: (kind) => kind.key !== undefined,
    async write({ from, armor, sender }) {
      return from.sign({ data: DATA, ...sender, form: "detached", armor });
    },
    async read({ to, message, sender }) {
      const { signedBy } = await to.verifyDetached({ data: DATA, signature: message, certificates: [sender.certificate] });
      assert.equal(signedBy.length, 1, "no valid signature");
      const other = { data: utf8("another letter"), signature: message, certificates: [sender.certificate] };
      const { signedBy: byOther } = await to.verifyDetached(other).catch(() => ({ signedBy: [] }));
      assert.equal(byOther.length, 0, "a signature over other data counts as valid");
    },
  },
};

/**
 * Runs every cell. A program makes its own key of a kind; where it cannot, it gets one from the first that can.
 * Gives `[{ job, kind, armor, from, to, outcome, by, why }]`; `outcome` is "works", "unsupported" (`by` whom) or "fails".
 */
export async function matrix(peers, report = () => {}) {
  const cells = [];
  for (const kind of KINDS) {
    const keys = kind.key === undefined ? new Map() : await keysOf(peers, kind.key);
    for (const [job, steps] of Object.entries(JOBS).filter(([, { fits }]) => fits(kind))) {
      for (const armor of [true, false]) {
        const exchange = (from, to) => tryOut(steps, { from, to, kind, armor, sender: keys.get(from), receiver: keys.get(to) });
        const { writing, reading } = await unableAmong(peers, exchange);
        for (const from of peers) {
          for (const to of peers) {
            const why = await exchange(from, to);
            const [by, reason] = writing.has(from) ? [from, writing.get(from)] : reading.has(to) ? [to, reading.get(to)] : [];
            const outcome = why === undefined ? "works" : by === undefined ? "fails" : "unsupported";
            cells.push({ job, kind: kind.name, armor, from: from.name, to: to.name, outcome, by: by?.name, why: reason ?? why });
          }
        }
        report(`${job}, ${kind.name}, ${armor ? "armored" : "binary"}`);
      }
    }
  }
  return cells;
}

/**
 * Who does not write or not read the kind, with the reason. A program that exchanges it with itself does both. The others are
 * probed one way at a time with the last that does, which is not ours: so that nobody's fault is put down to us, nor ours to them.
 */
async function unableAmong(peers, exchange) {
  const [writing, reading] = [new Map(), new Map()];
  const able = [];
  const others = [];
  for (const peer of peers) ((await exchange(peer, peer)) === undefined ? able : others).push(peer);
  const known = able.at(-1);
  assert.ok(known !== undefined && able.length > 1, "nobody but us does it");
  for (const peer of others) {
    for (const [way, why] of [[writing, await exchange(peer, known)], [reading, await exchange(known, peer)]]) {
      if (why !== undefined) way.set(peer, why);
    }
  }
  return { writing, reading };
}

async function keysOf(peers, kind) {
  const keys = new Map();
  for (const peer of peers) {
    const key = await made(peer, kind);
    if (key !== undefined) keys.set(peer, key);
  }
  // Without a lock, so that programs that take no passphrase on import can use it.
  const spare = [...keys.values()].find(({ passphrase }) => passphrase === undefined);
  assert.ok(spare, `nobody makes a key of the kind ${kind}`);
  for (const peer of peers) if (!keys.has(peer)) keys.set(peer, spare);
  return keys;
}

async function made(peer, kind) {
  return peer.keyKinds.includes(kind) ? peer.generate(kind) : undefined;
}

/** Nothing if the exchange works, else why not. */
async function tryOut({ write, read }, cell) {
  try {
    const message = await write(cell);
    const armored = message[0] === 0x2d || typeof message === "string";
    assert.equal(armored, cell.armor, "the armor is not as asked for");
    await read({ ...cell, message: typeof message === "string" ? utf8(message) : message });
    return undefined;
  } catch (cause) {
    return String(cause?.message ?? cause).split("\n")[0];
  }
}

/** Each thing that a program does not do, once, with what it said. */
export function inabilities(cells) {
  const said = new Map();
  for (const { job, kind, from, by, outcome, why } of cells) {
    if (outcome !== "unsupported") continue;
    const [writes, reads] = job.split(" → ");
    said.set(`${by}: ${by === from ? writes : reads}, ${kind}`, why);
  }
  return said;
}

/** One table for each job and kind: senders in rows, receivers in columns; armored and binary together. */
export function tables(cells) {
  const lines = [];
  const unique = (name, among = cells) => [...new Set(among.map((cell) => cell[name]))];
  const names = unique("from");
  for (const job of unique("job")) {
    lines.push(`## ${job[0].toUpperCase()}${job.slice(1)}`, "");
    for (const kind of unique("kind", cells.filter((cell) => cell.job === job))) {
      lines.push(`### ${kind}`, "", `| from ↓ to → | ${names.join(" | ")} |`, `| --- |${" --- |".repeat(names.length)}`);
      for (const from of names) {
        const row = names.map((to) =>
          shown(cells.filter((cell) => cell.job === job && cell.kind === kind && cell.from === from && cell.to === to)),
        );
        lines.push(`| ${from} | ${row.join(" | ")} |`);
      }
      lines.push("");
    }
  }
  return lines.join("\n");
}

function shown(both) {
  const each = both.map(({ outcome, by }) =>
    outcome === "works" ? "works" : outcome === "fails" ? "**FAILS**" : `not supported by ${by}`,
  );
  if (new Set(each).size === 1) return each[0];
  return both.map(({ armor }, index) => `${armor ? "armored" : "binary"}: ${each[index]}`).join(", ");
}
