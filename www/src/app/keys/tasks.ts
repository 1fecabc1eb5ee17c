// The pages under Keys that do one thing: which of them stand behind the keystore's door.
import type { TemplateResult } from "lit-html";
import type { KeyTask } from "../route.ts";
import { vault } from "../vault.ts";
import { backupPage } from "./backup.ts";
import { importPage } from "./import.ts";
import { keystorePage } from "./keystore.ts";
import { logPage } from "./log.ts";
import { lookupPage } from "./lookup.ts";
import { newKeyPage } from "./new-key.ts";
import { restorePage } from "./restore.ts";

const PAGES: Record<KeyTask, () => TemplateResult> = {
  new: newKeyPage,
  import: importPage,
  find: lookupPage,
  backup: backupPage,
  restore: restorePage,
  settings: keystorePage,
  log: logPage,
};

/** The page; undefined while the door, which stands in the list column, is closed. A backup opens without a keystore. */
export function keyTaskPage(task: KeyTask): TemplateResult | undefined {
  return vault.state === "open" || task === "restore" ? PAGES[task]() : undefined;
}
