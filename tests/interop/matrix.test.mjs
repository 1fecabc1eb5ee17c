// Every exchange that two programs can do works when we are one of them. `cargo xtask matrix` shows all of them as tables.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { OURS, everybody } from "./everybody.mjs";
import { KINDS, matrix } from "./matrix.mjs";

describe("matrix", () => {
  let peers = [];
  let cells;
  before(async () => {
    peers = await everybody();
    cells = await matrix(peers);
  });
  after(() => Promise.all(peers.map((peer) => peer.close())));
  const withUs = () => cells.filter(({ from, to }) => from === OURS || to === OURS);
  const place = ({ job, kind, armor, from, to, why }) => `${job}, ${kind}, armor ${armor}, ${from} → ${to}: ${why}`;

  test("nothing fails with us", () => {
    assert.deepEqual(withUs().filter(({ outcome }) => outcome === "fails").map(place), []);
  });
  test("no cell is left out, and each that does not work says whose fault it is and why", () => {
    const jobs = KINDS.length + KINDS.filter(({ key }) => key !== undefined).length;
    assert.equal(peers.length, 5);
    assert.equal(new Set(cells.map((cell) => place({ ...cell, why: "" }))).size, peers.length ** 2 * jobs * 2);
    for (const cell of cells.filter(({ outcome }) => outcome === "unsupported")) {
      assert.ok([cell.from, cell.to].includes(cell.by) && cell.by !== OURS && cell.why.length > 0, place(cell));
    }
  });
  test("only these programs do without these kinds", () => {
    const expected = {
      sqop: ["v6 Curve25519", "password, SEIPD v2"],
      "gpg 2.2": ["v6 Curve25519", "password, SEIPD v2"],
      "OpenPGP.js 6": [],
      rsop: [],
    };
    for (const [peer, kinds] of Object.entries(expected)) {
      const without = cells.filter(({ outcome, by }) => outcome === "unsupported" && by === peer).map(({ kind }) => kind);
      assert.deepEqual([...new Set(without)], kinds, peer);
    }
  });
  test("we support every kind ourselves", () => {
    const alone = cells.filter(({ from, to }) => from === OURS && to === OURS);
    assert.equal(alone.length, 2 * (KINDS.length + KINDS.filter(({ key }) => key !== undefined).length));
    assert.deepEqual(alone.filter(({ outcome }) => outcome !== "works").map(place), []);
  });
  test("every other program works with us in both directions, with v4 keys and passwords at least", () => {
    for (const peer of peers.map(({ name }) => name).filter((name) => name !== OURS)) {
      for (const kind of ["v4 RSA", "v4 Curve25519", "v4 P-256", "password, SEIPD v1"]) {
        const both = withUs().filter((cell) => cell.kind === kind && (cell.from === peer || cell.to === peer));
        assert.ok(both.length > 0, `${peer} and ${kind} were not tried`);
        assert.deepEqual(both.filter(({ outcome }) => outcome !== "works").map(place), []);
      }
    }
  });
  test("version 6 and AEAD are exchanged with those who know them", () => {
    for (const peer of ["rsop", "OpenPGP.js 6"]) {
      for (const kind of ["v6 Curve25519", "password, SEIPD v2"]) {
        const both = withUs().filter((cell) => cell.kind === kind && (cell.from === peer || cell.to === peer));
        assert.deepEqual([...new Set(both.map(({ outcome }) => outcome))], ["works"], `${peer}, ${kind}`);
      }
    }
  });
});
