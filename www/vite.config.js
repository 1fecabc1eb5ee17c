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

export default defineConfig({
  base: "/",
  plugins: [decryptRoute],
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
