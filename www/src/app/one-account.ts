// All tabs of a browser have one session. When another account signs in in one of them, what the others show and write would go on in its
// name: they ask the server nothing more.
import { askNoMore } from "./api.ts";
import { app } from "./state.ts";

const channel = new BroadcastChannel("envelock-account");

channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (app.session !== undefined && data !== app.session.address) askNoMore();
});

/** Tells the other tabs who is signed in now. */
export function tellTabs(address: string): void {
  channel.postMessage(address);
}
