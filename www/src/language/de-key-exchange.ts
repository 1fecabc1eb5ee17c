// Schlüssel unterwegs: zu einem anderen eigenen Programm, anstelle eines früheren, und von einer Art, die mehr braucht.
import type { KeyExchangeWords } from "./en-key-exchange.ts";
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("de");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const keyExchange: KeyExchangeWords = {
  changedKey: "anderer Schlüssel für eine bekannte Adresse",
  changedKeyFor: (address) => `Für ${address} hatten Sie vorher einen anderen Schlüssel.`,
  earlierKey: "Der frühere Schlüssel",
  thisKey: "Dieser Schlüssel",
  keyYouHave: "Der Schlüssel, den Sie haben",
  newKeyHere: "Der neue Schlüssel",
  changedKeyAdvice:
    "Dieser Schlüssel wird für die Adresse noch nicht benutzt. Fragen Sie auf anderem Weg nach, zum Beispiel am Telefon. Gehört er der Person, vergleichen Sie unten den Fingerabdruck, oder benutzen Sie ihn ab jetzt. Sonst entfernen Sie ihn.",
  showEarlierKey: "Früheren Schlüssel zeigen",
  showEarlierKeyOf: (address) => `Früheren Schlüssel zeigen: ${address}`,
  useThisKey: "Diesen Schlüssel benutzen",
  useThisKeyFor: (address) => `Diesen Schlüssel benutzen: ${address}`,
  useThisKeyTitle: (address) => `Ab jetzt diesen Schlüssel für ${address} benutzen?`,
  useThisKeyText:
    "Nachrichten an diese Adresse werden dann mit diesem Schlüssel verschlüsselt statt mit dem früheren. Hat ihn jemand anderes erzeugt, kann der sie lesen. Auf der Seite des früheren Schlüssels können Sie zu ihm zurückkehren.",
  useThisOwnKeyText:
    "Was Sie von dieser Adresse schreiben, wird dann mit diesem Schlüssel unterschrieben, und Antworten werden an ihn verschlüsselt. Auf der Seite des anderen Schlüssels können Sie zu ihm zurückkehren. Geben Sie Ihren Kontakten den öffentlichen Teil dieses Schlüssels.",
  keyChosen: (address) => `Schlüssel für ${address} gewählt.`,
  changedKeyNotUsed: (address) => `Für ${address} ist ein anderer Schlüssel aufgetaucht, den niemand geprüft hat. Er wird nicht benutzt: Die Nachricht öffnet sich nur mit dem Passwort.`,
  lookAtKeys: "Kontakte ansehen",
  lookAtKey: "Schlüssel ansehen",
  updateClaims: (person, address) => `Der Schlüssel von ${person} beansprucht jetzt auch ${address}; für diese Adresse kennen Sie einen anderen. Er wird dafür nicht benutzt.`,
  updateNotKept: "Der Schlüssel des Verfassers brachte Neues mit, das nicht aufbewahrt wurde.",
  anotherSetupMessage: "Eine zweite Setup-Nachricht: öffnen Sie sie für sich",
  otherOwnKeyChosen: (address) => `Was Sie von ${address} schreiben, wird mit einem anderen Ihrer Schlüssel unterschrieben.`,
  otherKeyChosen: (address) => `Für ${address} benutzen Sie einen anderen Schlüssel.`,

  takeBack: "Zurücknehmen",
  takeBackLabel: (userId) => `Beglaubigung von ${userId} zurücknehmen`,
  takeBackTitle: (userId) => `Beglaubigung von ${userId} zurücknehmen?`,
  takeBackText: "Sie stehen dann nicht mehr für diesen Namen ein. Dürfen andere Ihre Beglaubigung sehen, exportieren Sie den Schlüssel noch einmal und geben Sie ihn weiter. Sie können den Namen später neu beglaubigen.",
  takingBack: "Die Beglaubigung wird zurückgenommen …",
  takenBack: (userId) => `Die Beglaubigung von ${userId} ist zurückgenommen.`,

  setupTitle: "Diesen Schlüssel in ein anderes Mailprogramm bringen",
  setupNote: "Eine Autocrypt-Setup-Nachricht ist eine Mail an Sie selbst mit diesem Schlüssel darin. Sie öffnet sich mit einem Code aus 36 Ziffern.",
  setupNotRead: "Erst wenige Programme lesen Schlüssel dieser Art. Probieren Sie es aus, bevor Sie sich darauf verlassen.",
  setupAddress: "Für die Adresse",
  makeSetupMessage: "Setup-Nachricht erzeugen",
  makingSetupMessage: "Die Setup-Nachricht wird erzeugt …",
  setupMade: "Die Setup-Nachricht ist fertig.",
  setupFileTitle: "1. Nachricht speichern",
  setupFileNote: "Schicken Sie sie unverändert an sich selbst, oder öffnen Sie die Datei im anderen Programm.",
  saveSetupMessage: "Setup-Nachricht speichern",
  setupCodeTitle: "2. Code aufbewahren",
  setupCodeNote: "Das andere Programm fragt danach. Er wird nur jetzt gezeigt. Schicken Sie ihn nicht per Mail, und vernichten Sie das Papier, wenn der Schlüssel angekommen ist.",
  setupSheetTitle: "Autocrypt-Setup-Code",
  setupSheetFor: (address) => `Für die Setup-Nachricht von ${address}.`,
  setupSheetUse: "Öffnen Sie die Setup-Nachricht in Ihrem anderen Mailprogramm und geben Sie diesen Code ein.",
  printSetupCode: "Code drucken",
  copySetupCode: "Code kopieren",
  setupCodeCopied: "Code kopiert. Lassen Sie ihn nicht in der Zwischenablage.",
  setupFound: "Das ist eine Autocrypt-Setup-Nachricht",
  setupFoundNote: "Geben Sie den Code ein, den Ihr anderes Mailprogramm beim Erzeugen gezeigt hat.",
  setupCode: "Setup-Code",
  setupCodeBegins: (digits) => `Er beginnt mit ${digits}. Leerzeichen und Striche spielen keine Rolle.`,
  setupCodeFormat: "Neun Blöcke aus vier Ziffern. Leerzeichen und Striche spielen keine Rolle.",
  digitsOf: (count, all) => `${f.number(count)} von ${f.number(all)} Ziffern`,
  openSetupMessage: "Öffnen",
  openingSetupMessage: "Die Setup-Nachricht wird geöffnet …",

  postQuantum: "Post-Quanten (experimentell)",
  postQuantumNote:
    "ML-DSA-65 mit Ed25519, ML-KEM-768 mit X25519, Version 6: soll auch Quantencomputern standhalten. Der Standard ist neu; GnuPG und die meisten Mailprogramme lesen solche Schlüssel noch nicht. Behalten Sie daneben einen gewöhnlichen Schlüssel.",
  postQuantumTitle: "Post-Quanten-Verfahren laden",
  postQuantumText: "Sie stecken in einem größeren Modul, das jetzt geladen wird. Ihr Schlüsselspeicher muss darin noch einmal geöffnet werden: Geben Sie seine Passphrase ein.",
  loadPostQuantum: "Post-Quanten-Verfahren laden (experimentell)",
  loadingModule: "Post-Quanten-Verfahren werden geladen …",
  unsupportedOffer: "Ein Schlüssel hier ist von einer Art, die so nicht gelesen wird. Vielleicht ist es ein Post-Quanten-Schlüssel.",
  unreadEntries: (count) =>
    few(count, "# Schlüssel Ihres Schlüsselspeichers ist von einer Art, die so nicht gelesen wird. Er bleibt aufbewahrt.", "# Schlüssel Ihres Schlüsselspeichers sind von einer Art, die so nicht gelesen wird. Sie bleiben aufbewahrt."),
};
