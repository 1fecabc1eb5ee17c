// Was nur eine gespeicherte Kopie sagt.
import type { CopyWords } from "./en.ts";

const de: CopyWords = {
  title: (name, address) => `Gespeicherte Kopie einer Nachricht von ${name} (${address}).`,
  unchecked: "Unterschrift nicht geprüft",
  uncheckedNote: "Eine gespeicherte Kopie öffnet sich ohne Netz und prüft keine Unterschriften.",
  wrong: "Dieses Passwort passt nicht, oder die Datei ist beschädigt. Sie können es beliebig oft versuchen.",
};
export default de;
