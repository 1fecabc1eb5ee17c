// Die Entschlüsselungsseite auf Deutsch.
import { formatsOf } from "../language/formats.ts";
import type { Words } from "./en.ts";

const f = formatsOf("de");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

const de: Words = {
  language: "de",
  direction: "ltr",
  formats: f,
  of: "{done} von {total}",
  page: "Verschlüsselte Nachricht",
  sentBy: (name, address) => `${name} (${address}) hat Ihnen eine verschlüsselte Nachricht geschickt.`,
  claimed: "Das ist der angebliche Absender. Geprüft wird er, wenn Sie die Nachricht geöffnet haben.",
  sent: "Gesendet",
  expires: "Verfügbar bis",
  size: "Größe",
  hint: "Hinweis des Absenders",
  password: "Passwort",
  passwordNote: "Sind es fünf englische Wörter, ist das so gewollt: Groß- und Kleinschreibung, Leerzeichen und Striche spielen dann keine Rolle.",
  show: "Passwort anzeigen",
  hide: "Passwort verbergen",
  open: "Öffnen",
  cancel: "Abbrechen",
  lastOpening:
    "Diese Nachricht lässt sich noch einmal öffnen. Danach wird sie vom Server entfernt. Speichern Sie eine Kopie, wenn Sie sie behalten möchten.",
  openingsLeft: (count) => few(count, "Sie lässt sich noch #-mal öffnen.", "Sie lässt sich noch #-mal öffnen."),
  howTitle: "Wie komme ich dazu?",
  how: [
    "Jemand hat Ihnen eine Nachricht geschrieben und mit einem Passwort geschützt. Sie haben diesen Link bekommen; das Passwort sollte Sie auf anderem Weg erreicht haben: per Telefon, per Messenger oder persönlich.",
    "Wenn Sie den Absender nicht kennen oder keine Nachricht erwarten, geben Sie kein Passwort ein, das Sie anderswo benutzen. Fragen Sie erst nach.",
  ],
  whatTitle: "Was geschieht hier?",
  what: [
    "Ihr Browser holt die verschlüsselte Nachricht und öffnet sie mit dem Passwort. Passwort und Nachricht bleiben in diesem Browser: Der Server, der die Nachricht aufbewahrt, kann beides nicht lesen.",
    "Nichts wird von anderswo geladen und nichts wird gespeichert. Wenn Sie die Seite verlassen, vergisst sie die Nachricht.",
    "Nicht geschützt: Der Server kennt das Konto des Absenders, Zeiten, Größe und Hinweis und weiß, wie oft geöffnet wurde. Und Sie verlassen sich darauf, dass der Server diese Seite unverändert ausliefert.",
  ],
  preparing: "Aus Ihrem Passwort wird ein Schlüssel …",
  fetching: (amount) => `${amount} werden geholt`,
  decrypting: (amount) => `${amount} werden entschlüsselt`,
  wrong: (left, sender) =>
    `Dieses Passwort passt nicht. Noch ${few(left, "# Versuch", "# Versuche")}, dann muss ${sender} die Nachricht entsperren.`,
  wrongUnknown: "Dieses Passwort passt nicht. Versuchen Sie es noch einmal.",
  empty: "Geben Sie das Passwort ein, das Sie vom Absender haben.",
  locked: (sender) =>
    `Diese Nachricht ist nach zu vielen Versuchen gesperrt. Sie ist nicht verloren: Bitten Sie ${sender}, sie zu entsperren und Ihnen das Passwort noch einmal zu nennen. Versuchen Sie es dann noch einmal.`,
  gone: "Diese Nachricht ist nicht mehr hier. Bitten Sie den Absender um einen neuen Link.",
  goneTitle: "Keine Nachricht",
  damagedLink:
    "Dieser Link ist nicht vollständig. Kopieren Sie den ganzen Link bis zum letzten Zeichen oder bitten Sie den Absender, ihn noch einmal zu schicken.",
  missingSecret:
    "Dieser Link ist nicht vollständig: Der Teil nach # fehlt. Kopieren Sie den ganzen Link oder bitten Sie den Absender, ihn noch einmal zu schicken.",
  inUse:
    "Diese Nachricht wird gerade in einem anderen Fenster oder auf einem anderen Gerät geöffnet und lässt sich nur einmal öffnen. Waren Sie das, dann lesen Sie dort weiter. Sonst versuchen Sie es in zehn Minuten noch einmal.",
  offline: "Der Server ist nicht erreichbar. Nichts ist verloren oder verbraucht. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
  busy: "Der Server ist beschäftigt. Nichts ist verloren. Versuchen Sie es in einer Minute noch einmal.",
  failed: "Der Server hat nicht wie erwartet geantwortet. Nichts ist verloren. Versuchen Sie es noch einmal, und sagen Sie dem Absender Bescheid, wenn es so bleibt.",
  damagedMessage:
    "Das Passwort stimmt, aber die Nachricht kam beschädigt an. Nichts ist verbraucht. Versuchen Sie es noch einmal, und sagen Sie dem Absender Bescheid, wenn es so bleibt.",
  suspicious: "Der Server beschreibt diese Nachricht so, dass ihr Schutz geschwächt würde. Das Passwort wurde nicht benutzt. Sagen Sie dem Absender Bescheid.",
  tooLarge: "Diese Nachricht ist zu groß für diesen Browser. Nichts ist verbraucht. Versuchen Sie es auf einem Gerät mit mehr Speicher.",
  cancelled: "Abgebrochen. Nichts ist verbraucht.",
  retry: "Noch einmal versuchen",
  cannotTitle: "Dieser Browser kann die Nachricht nicht öffnen",
  cannot:
    "Dazu braucht er WebAssembly, das hier fehlt, abgeschaltet oder zu alt ist. Die Nachricht ist nicht verloren, und es wurde kein Passwort verlangt. Öffnen Sie den Link in einem aktuellen Firefox, Chrome, Edge oder Safari, oder bitten Sie den Absender um die verschlüsselte Datei: Jedes Programm für OpenPGP (RFC 9580) kann sie öffnen.",
  copyLink: "Link kopieren",
  copied: "Kopiert",
  noSubject: "(kein Betreff)",
  noText: "(kein Text)",
  htmlOnly: "Der Absender hat diese Nachricht formatiert. Sie wird als einfacher Text gezeigt.",
  from: "Von",
  attachments: "Anhänge",
  removed: "Die Nachricht ist vom Server entfernt. Nur auf dieser Seite lässt sie sich noch lesen.",
  notCounted: "Dem Server konnte nicht gemeldet werden, dass die Nachricht geöffnet wurde. Sie können sie trotzdem lesen.",
  checking: "Die Unterschrift wird geprüft …",
  signature: {
    unchecked: "Die Unterschrift konnte nicht geprüft werden",
    uncheckedNote: "Der Teil der Seite, der Unterschriften prüft, ließ sich nicht laden. Der Name des Absenders ist nur eine Angabe des Servers.",
    fingerprint: "Fingerabdruck",
  },
  reply: "Verschlüsselt antworten",
  saveCopy: "Kopie speichern",
  close: "Schließen und vergessen",
  closed: "Geschlossen. Diese Seite hat Nachricht und Passwort vergessen.",
  closedGone: "Auch vom Server ist sie entfernt.",
};
export default de;
