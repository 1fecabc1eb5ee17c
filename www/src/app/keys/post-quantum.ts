// The way to post-quantum keys: the larger module is loaded when somebody asks for it, and the keystore opened in it.
import { html, nothing, type TemplateResult } from "lit-html";
import { askPassphrase } from "../ask.ts";
import { knowsPostQuantum } from "../engine.ts";
import { app } from "../state.ts";
import { openInPostQuantumModule } from "../vault.ts";
import { Work } from "../work.ts";

const work = new Work();

/** Resolves once the module is there with the keystore open in it; asks for the passphrase until it fits. Giving up rejects with `cancelled`. */
export async function ensurePostQuantum(): Promise<void> {
  const { words } = app;
  let problem = "";
  while (!knowsPostQuantum()) {
    const passphrase = await askPassphrase({ title: words.postQuantumTitle, text: words.postQuantumText, problem });
    if (passphrase === undefined) throw { code: "cancelled" };
    try {
      await openInPostQuantumModule(passphrase);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "wrong-passphrase") throw error;
      problem = words.problems["wrong-passphrase"];
    }
  }
}

/** A notice that says what only that module can read, with a button that loads it; `done` goes on. Nothing once it is there. */
export function postQuantumOffer(notice: string, done: () => void = () => undefined): TemplateResult | typeof nothing {
  if (knowsPostQuantum()) return nothing;
  const { words } = app;
  const load = (): void => {
    void work.run(words.loadingModule, ensurePostQuantum).then((loaded) => {
      if (loaded) done();
    });
  };
  return html`<div class="warning">
      <p>${notice}</p>
      <p class="actions"><button type="button" ?disabled=${work.busy} @click=${load}>${words.loadPostQuantum}</button></p>
    </div>
    ${work.view(false)}`;
}
