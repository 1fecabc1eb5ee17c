// The pages under Keys that do one thing, behind the keystore's door.
import type { TemplateResult } from "lit-html";
import type { KeyTask } from "../route.ts";
import { vault } from "../vault.ts";
import { importPage } from "./import.ts";
import { newKeyPage } from "./new-key.ts";

const PAGES: Record<KeyTask, () => TemplateResult> = { new: newKeyPage, import: importPage };

/** The page; undefined while the door, which stands in the list column, is closed. */
export function keyTaskPage(task: KeyTask): TemplateResult | undefined {
  return vault.state === "open" ? PAGES[task]() : undefined;
}
