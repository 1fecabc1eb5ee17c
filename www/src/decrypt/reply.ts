// The encrypted reply: sealed to the sender's certificate (the one that came along, or the one that the reader's keystore knows)
// and to the same password, so that its writer can read it back; posted with the access token. On wish with a new key of the writer, whose certificate goes along.
import type { Contact, GeneratedKey, UnlockableKey } from "envelock";
import { blobOf } from "../blob.ts";
import { saveFile } from "../save-file.ts";
import { button, field, h } from "./dom.ts";
import type { LaterWords } from "./en-later.ts";
import type { Words } from "./en.ts";
import type { OpenEnvelope } from "./main.ts";
import { Refused, sendReply } from "./server.ts";
import { enclosedIn, myKeys } from "./my-keys.ts";
import { endFullModule, fullModule } from "./verify.ts";

/** The form below the message. */
export interface ReplyForm {
  element: HTMLElement;
  focus(): void;
  /** The question to ask before leaving, for what would be lost: text, or a new key that was not saved. Empty when nothing would. */
  unsaved(): string;
  /** Ends what is under way, and the module with the key it made. */
  stop(): void;
}

/** Builds the form; `onBack` closes it, `onKnown` gets what the reader's own keystore knows. */
export function replyForm(words: Words, later: LaterWords, envelope: OpenEnvelope, onBack: () => void, onKnown: (contacts: Contact[]) => void): ReplyForm {
  const name = envelope.message.replyTo?.name ?? envelope.head.sender.name;
  const text = h("textarea", { rows: 8, dir: "auto", spellcheck: true });
  const files = filePicker(words, later);
  const maker = keyMaker(later);
  const mine = myKeys(words, later, envelope, onKnown);
  const problem = h("p", { className: "problem", role: "alert" });
  const bar = h("progress", { max: 1, id: "reply-progress" });
  const status = h("p", { role: "status", id: "reply-status" });
  bar.setAttribute("aria-labelledby", status.id);
  let abort = new AbortController();
  const work = h("div", { className: "work", hidden: true }, status, bar, button(words.cancel, () => abort.abort()));
  let sent = false;
  let keyToSave = false;
  const unsaved = (): string => {
    if (sent) return keyToSave ? later.leaveKey : "";
    return text.value !== "" || files.chosen().length > 0 ? later.leaveUnsent : "";
  };
  const leave = (): void => {
    const question = unsaved();
    if (question === "" || globalThis.confirm(question)) onBack();
  };

  const working = (note: string, share?: number): void => {
    form.hidden = true;
    work.hidden = false;
    status.textContent = note;
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
  };
  const fail = (note: string): void => {
    form.hidden = false;
    work.hidden = true;
    problem.textContent = note;
    text.focus();
  };

  const submit = async (): Promise<void> => {
    if (text.value.trim() === "" && files.chosen().length === 0) return fail(later.replyEmpty);
    if (!maker.complete()) return fail(later.keyIncomplete);
    problem.textContent = "";
    abort = new AbortController();
    const { signal } = abort;
    try {
      const made = await maker.make(working, signal);
      working(later.encrypting(words.formats.bytes(files.bytes() + text.value.length)), 0);
      const enclosed = await enclosedIn(envelope);
      if (enclosed === undefined) throw new Error("the enclosed certificate cannot be used");
      const recipient = await mine.recipient(enclosed);
      const sealed = await fullModule().sealReply({
        subject: envelope.message.subject.replace(/^(?!re: )/i, "Re: "),
        text: text.value,
        attachments: files.chosen().map((file) => ({ name: file.name, type: file.type || "application/octet-stream", data: file })),
        senderCertificate: recipient,
        password: envelope.password,
        linkSecret: envelope.head.linkSecret ? envelope.address.secret : undefined,
        salt: envelope.head.salt,
        ...(made === undefined ? {} : { signers: made.signer }),
        signal,
        onProgress: ({ done, total }) => working(later.encrypting(words.formats.bytesOf(done, total, words.of)), done / Math.max(total, 1)),
      });
      working(later.sending);
      await sendReply(envelope.address.id, envelope.token, await blobOf(sealed.ciphertext), signal);
      sent = true;
      keyToSave = made !== undefined;
      element.replaceChildren(done(made?.key));
      element.querySelector<HTMLElement>("h2")?.focus();
    } catch (error) {
      fail(signal.aborted ? words.cancelled : refusal(words, later, error));
    }
  };

  const done = (key: GeneratedKey | undefined): HTMLElement => {
    const thanks = h("div", {}, h("h2", { tabIndex: -1 }, later.replied(name)));
    if (key !== undefined) {
      const save = (): void => {
        saveFile(`key-${key.key.fingerprint.slice(-16)}.asc`, key.key.armored);
        keyToSave = false;
      };
      thanks.append(h("p", { className: "warning" }, later.saveKeyNote), h("p", { className: "actions" }, button(later.saveKey, save, "primary")));
    }
    thanks.append(h("p", { className: "actions" }, button(later.back, leave)));
    return thanks;
  };

  const form = h(
    "form",
    {
      noValidate: true,
      onsubmit: (event: Event) => {
        event.preventDefault();
        void submit();
      },
    },
    field(later.replyText, text),
    files.element,
    maker.element,
    problem,
    h("p", { className: "actions" }, h("button", { type: "submit", className: "primary" }, later.sendReply), button(later.back, leave)),
  );
  const element = h("section", { className: "reply" }, h("h2", {}, later.replyTitle(name)), h("p", { className: "note" }, later.replyOnly(name)), mine.element, form, work);
  return {
    element,
    focus: () => text.focus(),
    stop: () => {
      abort.abort();
      endFullModule();
    },
    unsaved,
  };
}

function refusal(words: Words, later: LaterWords, error: unknown): string {
  const code = error instanceof Refused ? error.code : "failed";
  if ((error as { code?: unknown }).code === "unusable-recipient") return later.replyKeyUnusable;
  if (code === "reply-limit") return later.replyLimit;
  if (code === "too-large") return later.replyTooLarge;
  if (code === "no-room") return later.replyNoRoom;
  if (code === "gone") return later.replyGone;
  if (code === "offline") return `${later.replyFailed} ${words.offline}`;
  return later.replyFailed;
}

function filePicker(words: Words, later: LaterWords) {
  let files: File[] = [];
  const list = h("ul", { className: "attachments", "aria-label": words.attachments });
  const input = h("input", {
    type: "file",
    multiple: true,
    onchange: () => {
      files = [...files, ...(input.files ?? [])];
      input.value = "";
      show();
    },
  });
  const show = (): void => {
    list.replaceChildren(
      ...files.map((file) => {
        const remove = button("×", () => {
          files = files.filter((other) => other !== file);
          show();
          input.focus();
        });
        remove.setAttribute("aria-label", later.removeFile(file.name));
        return h("li", {}, h("span", { className: "file-name", dir: "auto" }, file.name), h("span", { className: "file-size" }, words.formats.bytes(file.size)), remove);
      }),
    );
  };
  return {
    element: h("div", {}, field(later.replyAttach, input), list),
    chosen: () => files,
    bytes: () => files.reduce((sum, file) => sum + file.size, 0),
  };
}

function keyMaker(later: LaterWords) {
  const name = h("input", { type: "text", autocomplete: "name" });
  const email = h("input", { type: "email", autocomplete: "email" });
  const passphrase = h("input", { type: "password", autocomplete: "new-password" });
  const details = h("div", { hidden: true }, field(later.yourName, name), field(later.yourEmail, email), field(later.yourPassphrase, passphrase, later.yourPassphraseNote));
  const wanted = h("input", { type: "checkbox", id: "make-key", onchange: () => (details.hidden = !wanted.checked) });
  const element = h(
    "div",
    { className: "field" },
    h("p", { className: "choice" }, wanted, h("label", { for: wanted.id }, later.makeKey)),
    h("p", { className: "note" }, later.makeKeyNote),
    details,
  );
  return {
    element,
    complete: () => !wanted.checked || (name.value.trim() !== "" && /^\S+@\S+$/.test(email.value.trim()) && passphrase.value.length >= 8),
    async make(working: (note: string) => void, signal: AbortSignal): Promise<{ key: GeneratedKey; signer: UnlockableKey } | undefined> {
      if (!wanted.checked) return undefined;
      working(later.makingKey);
      const key = await fullModule().generateKey({ userIds: [{ name: name.value.trim(), email: email.value.trim() }], passphrase: passphrase.value, signal });
      return { key, signer: { key: key.key, passphrase: passphrase.value } };
    },
  };
}
