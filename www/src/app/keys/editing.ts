// Changing one of my keys: unlock it, change it, keep the result. What goes wrong leaves the key as it was.
import type { SecretKey, UnlockableKey } from "envelock";
import { nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { keepKey } from "../vault.ts";
import { Work } from "../work.ts";
import { withUnlocked } from "./passphrase.ts";

const work = new Work();
let place = "";

/** How a change is told: while it runs, and when it is done. */
export interface Telling {
  doing: string;
  done: string;
}

/** Runs one change of `key`; `at` names the section that shows how far it is. Whether it was made. */
export async function edit(key: SecretKey, at: string, telling: Telling, change: (key: UnlockableKey, signal: AbortSignal) => Promise<SecretKey>): Promise<boolean> {
  if (!work.busy) place = at;
  const made = await work.run(telling.doing, async (signal) => {
    await keepKey(await withUnlocked(key, (unlocked) => change(unlocked, signal)));
  });
  if (made) announce(telling.done);
  return made;
}

/** The same for any work on the page that changes no key of mine, such as certifying a contact's. */
export async function attend(at: string, telling: Telling, job: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  if (!work.busy) place = at;
  const made = await work.run(telling.doing, job);
  if (made) announce(telling.done);
  return made;
}

/** Whether something is being changed: buttons wait. */
export function editing(): boolean {
  return work.busy;
}

/** How far it is, or what went wrong, in the section where it was begun. */
export function editView(at: string): TemplateResult | typeof nothing {
  return place === at ? work.view() : nothing;
}

/** Another key is looked at: what went wrong with the last one is no longer said. */
export function leaveEditing(): void {
  if (work.busy) return;
  place = "";
  work.problem = "";
}
