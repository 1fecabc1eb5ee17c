// The memory of the wasm module in a page's worker, to be searched for what must not stay there.
import { forms } from "./traces.mjs";

/** Stands before the worker's own script and keeps hold of every instance it makes. */
const WATCH = `{
  const { Instance, instantiate, instantiateStreaming } = WebAssembly;
  const instances = (self.watchedInstances = []);
  const kept = (made) => (instances.push(made.instance ?? made), made);
  WebAssembly.Instance = function (...given) { return kept(new Instance(...given)); };
  WebAssembly.Instance.prototype = Instance.prototype;
  WebAssembly.instantiate = async (...given) => kept(await instantiate(...given));
  WebAssembly.instantiateStreaming = async (...given) => kept(await instantiateStreaming(...given));
}
`;

/** From now on the workers of this profile can be searched. */
export async function watchModules(profile) {
  await profile.context.route(/\/assets\/(pqc-)?worker-script-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch({ headers: { ...route.request().headers(), "accept-encoding": "identity" } });
    await route.fulfill({ response, body: WATCH + (await response.text()) });
  });
}

/** `"name as form"` for each secret that stands in the memory of the page's module. */
export async function inMemory(page, secrets) {
  const needles = [];
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [form, octets] of Object.entries(forms(secret))) needles.push([`${name} as ${form}`, [...octets]]);
  }
  const found = [];
  let searched = 0;
  for (const worker of page.workers()) {
    const result = await worker.evaluate((wanted) => {
      const memories = (self.watchedInstances ?? []).map(({ exports }) => exports.memory).filter(Boolean);
      const stands = (octets, needle) => {
        for (let at = octets.indexOf(needle[0]); at >= 0; at = octets.indexOf(needle[0], at + 1)) {
          if (needle.every((octet, index) => octets[at + index] === octet)) return true;
        }
        return false;
      };
      const there = wanted.filter(([, needle]) => memories.some((memory) => stands(new Uint8Array(memory.buffer), needle)));
      return { count: memories.length, names: there.map(([name]) => name) };
    }, needles);
    searched += result.count;
    found.push(...result.names);
  }
  if (searched === 0) throw new Error(`no module among ${page.workers().length} workers`);
  return found;
}

/** Waits until none of them stands there: the page says that it is locked before its worker, which has other things to do, has come to it. */
export async function leaveMemory(page, secrets) {
  let found;
  for (let tries = 0; tries < 5; tries += 1) {
    found = await inMemory(page, secrets);
    if (found.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`in the module's memory: ${found.join(", ")}`);
}
