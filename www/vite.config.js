import { defineConfig } from "vite";

/** While developing, any /d/… is the decrypt page, as the server does it.
 *  @type {import("vite").Plugin} */
const decryptRoute = {
  name: "decrypt-route",
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (request.url?.startsWith("/d/") === true) request.url = "/decrypt.html";
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
      const href = (name) => {
        const file = Object.keys(bundle).find((file) => file.startsWith(`assets/${name}-`));
        if (file === undefined) throw new Error(`there is no ${name} among the pages' files`);
        return `/${file}`;
      };
      const link = (attrs) => ({ tag: "link", attrs: { crossorigin: true, ...attrs }, injectTo: "head" });
      return [
        link({ rel: "modulepreload", href: href("preload-helper") }),
        link({ rel: "modulepreload", href: href("opener-worker") }),
        link({ rel: "preload", as: "fetch", type: "application/wasm", href: href("reader_bg") }),
      ];
    },
  },
};

export default defineConfig({
  base: "/",
  plugins: [decryptRoute, firstNeeds],
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
