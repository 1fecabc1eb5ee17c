// The dialog in which somebody says again who they are.
// Not here: what for, and by what (`confirm.ts` for the account, `../keys/owner.ts` for a keystore).
import { html, nothing, render, type TemplateResult } from "lit-html";
import { app } from "../state.ts";

/** By what it may be said. */
export interface Proof {
  text: string;
  /** What the form asks for; the field to begin with has `autofocus`. */
  fields: TemplateResult;
  /** By what was typed. */
  byTyped: (fields: FormData, signal: AbortSignal) => Promise<void>;
  byPasskey?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** What went wrong, in words. */
  problem: (error: unknown) => string;
}

/** Resolves when something fits; whoever leaves the dialog gets `not-confirmed`. */
export function askForProof({ text, fields, byTyped, byPasskey, problem }: Proof): Promise<void> {
  const { words } = app;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "confirm-title");
  document.body.append(dialog);
  const leave = new AbortController();
  let busy = "";
  let failed = "";
  let sure = false;

  const prove = async (doing: string, by: () => Promise<void>): Promise<void> => {
    if (busy !== "") return;
    busy = doing;
    failed = "";
    draw();
    try {
      await by();
      sure = true;
      dialog.close();
    } catch (error) {
      failed = problem(error);
    }
    busy = "";
    draw();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const typed = new FormData(event.target as HTMLFormElement);
    void prove(words.checkingPassword, () => byTyped(typed, leave.signal));
  };
  const draw = (): void => {
    render(
      html`<form @submit=${submit}>
        <h2 id="confirm-title">${words.confirmTitle}</h2>
        <p>${text}</p>
        ${byPasskey === undefined
          ? nothing
          : html`<p class="actions"><button type="button" class="primary" ?disabled=${busy !== ""} @click=${() => void prove(words.askingPasskey, () => byPasskey(leave.signal))}>${words.usePasskey}</button></p>`}
        ${fields}
        <p role="status" class="note">${busy}</p>
        ${failed === "" ? nothing : html`<p class="problem" role="alert">${failed}</p>`}
        <p class="actions">
          <button type="submit" class=${byPasskey === undefined ? "primary" : ""} ?disabled=${busy !== ""}>${words.confirmIt}</button>
          <button type="button" @click=${() => dialog.close()}>${words.cancel}</button>
        </p>
      </form>`,
      dialog,
    );
  };

  draw();
  return new Promise((resolve, reject) => {
    dialog.addEventListener("close", () => {
      leave.abort();
      dialog.remove();
      if (sure) resolve();
      else reject({ code: "not-confirmed" });
    });
    dialog.showModal();
  });
}
