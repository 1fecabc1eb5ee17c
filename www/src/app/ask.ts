// Questions before something is gone: a dialog that says what, with a button that says it again, or a word to type.
import { html, nothing, render } from "lit-html";
import { app } from "./state.ts";

/** What to ask. */
export interface Question {
  title: string;
  text: string;
  /** The button's words, such as "Withdraw it". */
  action: string;
  /** A word that must be typed first, with the label of its field. */
  typed?: { word: string; label: string };
}

/** Whether the answer is yes. Escape and Cancel are no; the focus goes back to where it was. */
export function ask(question: Question): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question-title");
  document.body.append(dialog);
  return new Promise((resolve) => {
    let yes = false;
    let typed = "";
    const draw = (): void => {
      const ready = question.typed === undefined || typed.trim().toLowerCase() === question.typed.word;
      render(
        html`<form
          @submit=${(event: Event) => {
            event.preventDefault();
            if (!ready) return;
            yes = true;
            dialog.close();
          }}
        >
          <h2 id="question-title">${question.title}</h2>
          <p>${question.text}</p>
          ${question.typed === undefined
            ? nothing
            : html`<div class="field">
                <label for="question-word">${question.typed.label}</label>
                <input
                  id="question-word"
                  autocomplete="off"
                  autocapitalize="none"
                  @input=${(event: InputEvent) => {
                    typed = (event.target as HTMLInputElement).value;
                    draw();
                  }}
                />
              </div>`}
          <p class="actions">
            <button type="button" ?autofocus=${question.typed === undefined} @click=${() => dialog.close()}>${app.words.cancel}</button>
            <button type="submit" class="danger" ?disabled=${!ready}>${question.action}</button>
          </p>
        </form>`,
        dialog,
      );
    };
    draw();
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(yes);
    });
    dialog.showModal();
  });
}

/** Shows something in a dialog with a Close button; resolves when it is closed. */
export function tell(title: string, content: unknown): Promise<void> {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "told-title");
  document.body.append(dialog);
  render(
    html`<h2 id="told-title">${title}</h2>
      ${content}
      <p class="actions"><button type="button" class="primary" @click=${() => dialog.close()}>${app.words.close}</button></p>`,
    dialog,
  );
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    dialog.showModal();
  });
}
