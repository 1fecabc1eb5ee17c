// Loads a TypeScript module of src for a test, through Vite.
import { after } from "node:test";
import { createServer } from "vite";

const server = await createServer({
  root: new URL("..", import.meta.url).pathname,
  configFile: false,
  logLevel: "error",
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, watch: null, ws: false },
  appType: "custom",
});
after(() => server.close());

/** @param {string} path below src */
export const load = (path) => server.ssrLoadModule(`/src/${path}`);
