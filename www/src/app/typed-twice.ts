// A new password or passphrase: typed twice, with its strength in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { loadEstimator, strengthInWords } from "./compose/strength.ts";
import { update } from "./state.ts";

/** The two fields, one named as it says and one `again`. */
export class TypedTwice {
  #typed = "";

  constructor(
    readonly name: "password" | "passphrase",
    /** Runs when somebody begins to type. */
    readonly prepare: () => void = () => undefined,
  ) {}

  fields(label: string, note: string, repeat: string): TemplateResult {
    const { name } = this;
    const enter = (): void => {
      loadEstimator();
      this.prepare();
    };
    return html`<div class="field">
        <label for="new-${name}">${label}</label>
        <input
          id="new-${name}"
          name=${name}
          type="password"
          autocomplete="new-password"
          aria-describedby="new-${name}-note new-${name}-strength"
          required
          @focus=${enter}
          @input=${(event: Event) => {
            this.#typed = (event.target as HTMLInputElement).value;
            update();
          }}
        />
        <p class="note" id="new-${name}-note">${note}</p>
        <p class="note later" id="new-${name}-strength" role="status">${strengthInWords(this.#typed) ?? nothing}</p>
      </div>
      <div class="field">
        <label for="repeat-${name}">${repeat}</label>
        <input id="repeat-${name}" name="again" type="password" autocomplete="new-password" required />
      </div>`;
  }

  /** Shows no strength any more. */
  forget(): void {
    this.#typed = "";
  }
}
