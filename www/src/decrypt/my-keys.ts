// Readers who keep keys in this browser: their keystore says whether the sender's key is the one they know. Then the reply is
// encrypted to that one, whatever came with the message. The keystore is opened for one look and locked again.
import type { Certificate, Contact, Recipient } from "envelock";
import type { Keystore } from "envelock/worker";
import { grouped } from "../language/formats.ts";
import { field, h } from "./dom.ts";
import type { LaterWords } from "./en-later.ts";
import type { Words } from "./en.ts";
import type { OpenEnvelope } from "./main.ts";
import { moduleFor } from "./verify.ts";

/** The database of the webmail's keystores. */
const DATABASE = "envelock";

/** The section, and what it found. */
export interface MyKeys {
  element: HTMLElement;
  /** The certificate to encrypt to: the known one of the sender's address, merged with its enclosed copy; without one the enclosed. */
  recipient(enclosed: Certificate): Promise<Certificate>;
}

/** Builds the section, which shows itself only where there is a keystore; `onKnown` gets the contacts in it. */
export function myKeys(words: Words, later: LaterWords, envelope: OpenEnvelope, onKnown: (contacts: Contact[]) => void): MyKeys {
  const address = envelope.message.replyTo?.email ?? envelope.head.sender.address;
  let known: Certificate | undefined;
  const names = h("select", {});
  const passphrase = h("input", { type: "password", autocomplete: "current-password" });
  const problem = h("p", { className: "problem", role: "alert" });
  const found = h("div", { role: "status" });
  const look = async (): Promise<void> => {
    problem.textContent = "";
    try {
      const engine = await moduleFor(envelope);
      const keystore = await engine.Keystore.open({ name: names.value, passphrase: passphrase.value });
      const { contacts, recipient } = await readOnce(keystore, address);
      passphrase.value = "";
      known = recipient.certificate;
      found.replaceChildren(...said(later, address, recipient, await enclosedIn(envelope)));
      form.hidden = true;
      onKnown(contacts);
    } catch (error) {
      problem.textContent = (error as { code?: unknown }).code === "wrong-passphrase" ? later.wrongPassphrase : words.failed;
      passphrase.select();
    }
  };
  const form = h(
    "form",
    {
      noValidate: true,
      onsubmit: (event: Event) => {
        event.preventDefault();
        void look();
      },
    },
    h("p", { className: "note" }, later.myKeysNote),
    field(later.keystore, names),
    field(later.keystorePassphrase, passphrase),
    problem,
    h("p", { className: "actions" }, h("button", { type: "submit" }, later.compareWithMine)),
  );
  const element = h("details", { hidden: true }, h("summary", {}, later.myKeys), form, found);
  void keystores(envelope).then((all) => {
    names.append(...all.map((name) => h("option", { value: name }, name === "default" ? later.firstKeystore : name)));
    (names.parentElement as HTMLElement).hidden = all.length < 2;
    element.hidden = all.length === 0;
  });
  return {
    element,
    async recipient(enclosed) {
      if (known === undefined) return enclosed;
      if (known.fingerprint !== enclosed.fingerprint) return known;
      return (await (await moduleFor(envelope)).mergeKeys({ key: known, update: enclosed })) as Certificate;
    },
  };
}

/** The certificate that came with the message. */
export async function enclosedIn(envelope: OpenEnvelope): Promise<Certificate | undefined> {
  const keys = await (await moduleFor(envelope)).readKeys(envelope.message.senderCertificate ?? new Uint8Array());
  return keys.find((key) => key.kind === "certificate");
}

/** Asks for no keystore where there is no database: asking would make one. */
async function keystores(envelope: OpenEnvelope): Promise<string[]> {
  try {
    const there = (await indexedDB.databases()).some(({ name }) => name === DATABASE);
    return there ? await (await moduleFor(envelope)).Keystore.names() : [];
  } catch {
    return [];
  }
}

/** What the keystore knows; it is locked again whatever happens. */
async function readOnce(keystore: Keystore, address: string): Promise<{ contacts: Contact[]; recipient: Recipient }> {
  try {
    return { contacts: await keystore.contacts(), recipient: await keystore.recipient(address) };
  } finally {
    await keystore.lock();
  }
}

function said(later: LaterWords, address: string, { certificate: known, trust }: Recipient, enclosed: Certificate | undefined): HTMLElement[] {
  if (known === undefined) return [h("p", { className: trust === "changed" ? "warning" : "note" }, trust === "changed" ? later.unsettledKey(address) : later.noKnownKey(address))];
  if (known.fingerprint === enclosed?.fingerprint) return [h("p", {}, `✓ ${trust === "verified" ? later.sameKeyVerified(address) : later.sameKey(address)}`)];
  const line = (label: string, fingerprint: string): HTMLElement => h("p", {}, `${label}: `, h("code", { className: "fingerprint", dir: "ltr" }, grouped(fingerprint)));
  return [
    h(
      "div",
      { className: "warning" },
      h("p", {}, later.otherKey(address)),
      line(later.keyYouKnow, known.fingerprint),
      ...(enclosed === undefined ? [] : [line(later.keyEnclosed, enclosed.fingerprint)]),
      h("p", {}, later.otherKeyAdvice),
    ),
  ];
}
