/** The glue and bytes that the build puts into `wasm/`; typed by `module.ts`, `reader.ts` and `login-worker-script.ts`. */
declare module "*/wasm/envelock.js";
declare module "*/wasm/pqc.js";
declare module "*/wasm/reader.js";
declare module "*/wasm/login.js";
declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
