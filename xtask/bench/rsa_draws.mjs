// How much of generating an RSA key is the platform's search for primes, and how far single draws lie apart. docs/benchmark.md quotes it. Not part of
// `cargo xtask bench`: `node rsa_draws.mjs` from the folder that a bench has made. Quartiles in milliseconds.
import * as envelock from "envelock";

const KEYS = 20;
const make = () => envelock.generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rsa", bits: 3072 });
await make();

const draw = crypto.subtle.generateKey.bind(crypto.subtle);
let draws = [];
crypto.subtle.generateKey = async (...given) => {
  const begun = performance.now();
  const pair = await draw(...given);
  draws.push([begun, performance.now()]);
  return pair;
};
const times = { "a key": [], "a key without its draws": [], "a draw": [] };
for (let count = 0; count < KEYS; count++) {
  draws = [];
  const begun = performance.now();
  await make();
  const whole = performance.now() - begun;
  times["a key"].push(whole);
  times["a key without its draws"].push(whole - (Math.max(...draws.map(([, end]) => end)) - Math.min(...draws.map(([start]) => start))));
  times["a draw"].push(...draws.map(([start, end]) => end - start));
}
for (const [name, all] of Object.entries(times)) {
  const sorted = all.sort((one, other) => one - other);
  console.log(`${name}: ${[0.25, 0.5, 0.75].map((share) => sorted[Math.floor(sorted.length * share)].toFixed(1)).join(", ")}`);
}
