// Ein Passwort für Konto und Schlüsselspeicher.
import type { OnePasswordProblems, OnePasswordWords } from "./en-one-password.ts";

export const onePassword: OnePasswordWords = {
  chooseOpening: "Was Ihre Schlüssel öffnet",
  withAccountPassword: "Das Passwort meines Kontos (ein Passwort genügt)",
  withAccountPasswordNote: "Auf einem neuen Gerät melden Sie sich an, und Ihre Schlüssel sind da. Der Betreiber des Servers könnte mit dessen Daten versuchen, dieses Passwort zu erraten; es sollte also stark sein. Wenn Sie es vergessen, sind Ihre Schlüssel ohne Sicherung verloren.",
  withOwnPassphrase: "Eine eigene Passphrase",
  withOwnPassphraseNote: "Der Server hat nichts, woran man sie erraten könnte. Auf einem neuen Gerät brauchen Sie den Code von diesem hier oder eine Sicherung.",
  accountPasswordAgain: "Passwort Ihres Kontos",
  unlockWithAccountNote: "Das Passwort Ihres Kontos öffnet Ihre Schlüssel.",
  unlockOtherwise: "Ohne das Passwort des Kontos",
  unlockOtherwiseNote: "Wenn es neu gesetzt wurde oder der Server nicht zu erreichen ist: Geben Sie den Code Ihrer Geräte ein, oder die Passphrase, falls dieser Schlüsselspeicher eine hat.",
  codeOrPassphrase: "Code oder Passphrase",
  onePasswordTitle: "Ein Passwort",
  onePasswordOn: "Das Passwort Ihres Kontos öffnet Ihre Schlüssel, hier und auf einem neuen Gerät.",
  onePasswordOff: "Ihre Schlüssel haben eine eigene Passphrase. Stattdessen kann das Passwort Ihres Kontos sie öffnen: Dann genügt es, sich anzumelden, auch auf einem neuen Gerät.",
  onePasswordWarning: "Ein neues Passwort, das der Betreiber des Servers Ihrem Konto gibt, öffnet keine Schlüssel. Schreiben Sie den Code Ihrer Geräte auf (Andere Geräte), oder machen Sie eine Sicherung.",
  onePasswordTurnOn: "Vom Passwort des Kontos öffnen lassen",
  onePasswordTurnOff: "Eigene Passphrase geben",
  onePasswordTurnOffNote: "Womit das Passwort des Kontos Ihre Schlüssel öffnet, wird vom Server gelöscht. Tun Sie das auch auf Ihren anderen Geräten, bevor Sie jenes Passwort ändern: Mit dem neuen ließen sie sich nicht öffnen.",
  onePasswordTurnedOn: "Das Passwort Ihres Kontos öffnet jetzt Ihre Schlüssel.",
  onePasswordTurnedOff: "Ihre Schlüssel haben jetzt eine eigene Passphrase.",
};

export const onePasswordProblems: OnePasswordProblems = {
  "wrong-account-key": "Das Passwort Ihres Kontos wurde neu gesetzt und öffnet Ihre Schlüssel nicht mehr. Verloren ist nichts: Nehmen Sie ein anderes Gerät, auf dem sie offen sind, den Code Ihrer Geräte oder eine Sicherung. Schalten Sie danach „Ein Passwort“ wieder ein.",
  "wrong-account-password": "Das Passwort Ihres Kontos passt nicht. Versuchen Sie es noch einmal.",
  "other-code": "Für Ihr Konto ist ein anderer Code hinterlegt. Es wurde nichts geändert. Beenden Sie den Abgleich unter „Andere Geräte“, und versuchen Sie es dann noch einmal.",
  "keyring-changed": "Ein anderes Gerät war schneller. Es wurde nichts geändert. Versuchen Sie es noch einmal.",
  "precondition-required": "Diese Seite ist älter als der Server. Es wurde nichts geändert. Laden Sie sie neu, und versuchen Sie es noch einmal.",
};
