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
};
