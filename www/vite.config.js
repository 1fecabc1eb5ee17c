import { defineConfig } from "vite";

/** While developing, any /d/… is the decrypt page, and /register the application, as the server does it.
 *  @type {import("vite").Plugin} */
const decryptRoute = {
  name: "decrypt-route",
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (request.url?.startsWith("/d/") === true) request.url = "/decrypt.html";
      if (request.url === "/register") request.url = "/index.html";
      next();
    });
  },
};

/** What the decrypt page needs first is asked for with the page, not one after the other: on a slow line each step is a round trip.
 *  @type {import("vite").Plugin} */
const firstNeeds = {
  name: "first-needs",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle, path }) {
      if (bundle === undefined || !path.endsWith("/decrypt.html")) return;
      const entry = Object.values(bundle).find((file) => file.isEntry && file.name === "decrypt");
      const href = (name) => {
        const file = Object.keys(bundle).find((file) => file.startsWith(`assets/${name}-`));
        if (file === undefined) throw new Error(`there is no ${name} among the pages' files`);
        return `/${file}`;
      };
      const link = (attrs) => ({ tag: "link", attrs: { crossorigin: true, ...attrs }, injectTo: "head" });
      return [
        ...entry.imports.map((file) => link({ rel: "modulepreload", href: `/${file}` })),
        link({ rel: "modulepreload", href: href("opener-worker") }),
        link({ rel: "preload", as: "fetch", type: "application/wasm", href: href("reader_bg") }),
      ];
    },
  },
};

/** Around every dynamic import Vite puts a helper that first loads the styles of what is imported. No such part has a style of its own, and
 *  with it the first screen weighs 700 octets more. A build in which one has is refused.
 *  @type {import("vite").Plugin} */
const bareImports = {
  name: "bare-imports",
  enforce: "pre",
  load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined),
  writeBundle(_options, bundle) {
    for (const { fileName, code } of Object.values(bundle)) {
      if (code?.includes("__vite__mapDeps")) throw new Error(`${fileName} imports something with a style of its own, which nobody would load`);
    }
  },
};

export default defineConfig({
  base: "/",
  plugins: [decryptRoute, firstNeeds, bareImports],
  // The package finds its wasm beside itself; pre-bundling would move it away.
  optimizeDeps: { exclude: ["envelock"] },
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // The CSP allows no data: scripts, and a file is cached better than a string.
    assetsInlineLimit: 0,
    // The helper weighs more than the requests it would advance.
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: { index: "index.html", decrypt: "decrypt.html" } },
  },
  server: { proxy: { "/api": { target: "https://localhost:8443", secure: false, changeOrigin: true } } },
});
