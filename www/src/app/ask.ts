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

/** Asks for a passphrase; undefined is "no". `problem` says why it is asked again. */
export function askPassphrase(question: { title: string; text: string; problem: string }): Promise<string | undefined> {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "passphrase-title");
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer: string | undefined;
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      answer = String(new FormData(event.target as HTMLFormElement).get("passphrase"));
      if (answer !== "") dialog.close();
    };
    render(
      html`<form @submit=${submit}>
        <h2 id="passphrase-title">${question.title}</h2>
        <p>${question.text}</p>
        <div class="field">
          <label for="asked-passphrase">${app.words.passphrase}</label>
          <input id="asked-passphrase" name="passphrase" type="password" autocomplete="off" required />
        </div>
        ${question.problem === "" ? nothing : html`<p class="problem" role="alert">${question.problem}</p>`}
        <p class="actions">
          <button type="submit" class="primary">${app.words.unlock}</button>
          <button type="button" @click=${() => dialog.close()}>${app.words.cancel}</button>
        </p>
      </form>`,
      dialog,
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
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
