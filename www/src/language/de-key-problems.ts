// Was mit Schlüsseln schiefgehen kann.
import type { keyProblems as en } from "./en-key-problems.ts";

export const keyProblems: typeof en = {
  "secret-absent": "Der geheime Teil des Hauptschlüssels ist nicht hier, sondern auf einer Chipkarte oder einem anderen Rechner. Nichts wurde geändert. Ändern Sie den Schlüssel dort.",
  "no-certifying-key": "Dieser Schlüssel darf andere nicht beglaubigen. Nichts wurde geändert. Nehmen Sie einen anderen.",
  "key-mismatch": "Das gehört zu einem anderen Schlüssel. Nichts wurde geändert. Vergleichen Sie die Fingerabdrücke.",
  "no-revocation": "Darin ist kein Widerruf eines Schlüssels. Nichts wurde geändert.",
  "user-id-exists": "Der Schlüssel hat diesen Namen schon. Nichts wurde geändert.",
  "last-user-id": "Es ist der einzige Name des Schlüssels. Nichts wurde geändert. Fügen Sie erst einen anderen hinzu, oder widerrufen Sie den ganzen Schlüssel.",
  "key-not-usable": "Der Schlüssel ist widerrufen oder nicht brauchbar, deshalb geht das nicht. Nichts wurde geändert.",
  "not-certified": "Sie haben das nicht beglaubigt; es gibt nichts zurückzunehmen.",
  cancelled: "Abgebrochen. Nichts wurde geändert.",
  "no-backup-chosen": "Wählen Sie erst die Sicherungsdatei.",
  "no-recovery-code": "Geben Sie den Wiederherstellungscode ein oder die Codes der Blätter.",
  "unknown-passkey": "Dieser Passkey gehört nicht zu diesem Schlüsselspeicher. Nehmen Sie einen anderen oder die Passphrase.",
  "wrong-passkey": "Dieser Passkey öffnet den Schlüsselspeicher nicht. Nehmen Sie einen anderen oder die Passphrase.",
  "too-many-passkeys": "Mehr Passkeys nimmt der Schlüsselspeicher nicht. Entfernen Sie erst einen.",
  "passkey-unavailable": "Dieser Browser oder dieser Passkey kann keine Schlüssel entsperren. Nehmen Sie die Passphrase.",
  "passkey-refused": "Es kam kein Passkey. Versuchen Sie es noch einmal, oder nehmen Sie die Passphrase.",
  "recovery-code-mistyped": "Im Wiederherstellungscode ist ein Tippfehler. Vergleichen Sie ihn Gruppe für Gruppe mit dem Papier. Nichts wurde geändert.",
  "share-mistyped": "Im Code eines Blattes ist ein Tippfehler. Vergleichen Sie ihn Gruppe für Gruppe mit dem Papier. Nichts wurde geändert.",
  "shares-missing": "Es fehlen Blätter. Geben Sie den Code eines weiteren ein.",
  "shares-mixed": "Diese Blätter gehören nicht zusammen: Die ersten Gruppen ihrer Codes sind verschieden.",
  "bad-share-count": "So viele Blätter gehen nicht.",
  "wrong-recovery-code": "Dieser Code öffnet diese Datei nicht: Er gehört zu einer anderen Sicherung. Nichts wurde geändert.",
  "backup-damaged": "Diese Datei ist keine Sicherung, oder sie ist beschädigt. Nichts wurde geändert. Suchen Sie eine andere Kopie.",
  "keystore-damaged": "Der Schlüsselspeicher in diesem Browser ist beschädigt. Stellen Sie ihn aus einer Sicherung wieder her.",
};
