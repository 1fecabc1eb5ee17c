// Andere Geräte mit denselben Schlüsseln.
import type { DevicesWords } from "./en-devices.ts";
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("de");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const devices: DevicesWords = {
  devicesTitle: "Andere Geräte",
  devicesNote: "Dieselben Schlüssel und Kontakte auf Telefon und Rechner. Jedes Gerät behält seine eigene Passphrase.",
  syncServerSees: "Ihre Geräte tauschen über diesen Server eine versiegelte Kopie aus. Er sieht, dass es sie gibt, wie groß sie ist und wann sie sich ändert, aber nichts von dem, was darin ist.",
  syncTurnOn: "Einschalten",
  syncWithAccount: "Der Abgleich ist aus. Das Passwort Ihres Kontos öffnet Ihre Schlüssel; eingeschaltet wird er also damit, unter „Ein Passwort“.",
  syncJoin: "Dies ist ein weiteres Gerät: Code eingeben",
  syncCodeLabel: "Code Ihres anderen Geräts",
  syncCodeNote: "Dort steht er unter Schlüsselspeicher, Andere Geräte. Großschreibung, Leerzeichen und Bindestriche sind gleichgültig.",
  syncJoinNow: "Schlüssel holen",
  syncWorking: "Wird mit Ihren anderen Geräten abgeglichen …",
  syncNever: "Noch nicht abgeglichen.",
  syncLast: (moment) => `Zuletzt abgeglichen: ${moment}.`,
  syncCame: (received, removed) =>
    [received === 0 ? "" : few(received, "# Schlüssel empfangen.", "# Schlüssel empfangen."), removed === 0 ? "" : few(removed, "# Schlüssel entfernt.", "# Schlüssel entfernt.")].filter((part) => part !== "").join(" "),
  syncDone: "Alle Geräte haben dieselben Schlüssel.",
  syncFailed: "Der Abgleich mit Ihren anderen Geräten ist fehlgeschlagen. Der Grund steht unter Schlüsselspeicher.",
  unsynced: {
    changed: {
      title: "Ihre anderen Geräte haben das noch nicht",
      text: "Ihre Schlüssel wurden hier geändert, und bei Ihren anderen Geräten ist das noch nicht angekommen. Es bleibt in diesem Browser und kommt zu ihnen, sobald Sie sich hier wieder angemeldet haben.",
    },
    comparing: {
      title: "Ihre anderen Geräte haben vielleicht noch nicht alles",
      text: "Der Abgleich mit Ihren anderen Geräten läuft noch. Seit Ihre Schlüssel geöffnet wurden, wurde hier nichts geändert; fehlt den anderen Geräten etwas von früher, dann bleibt es in diesem Browser und kommt zu ihnen, sobald Sie sich hier wieder angemeldet haben.",
    },
  },
  syncOtherCode: "Die Kopie auf dem Server ist jetzt unter einem anderen Code versiegelt. Nichts wurde geändert. Beenden Sie den Abgleich auf diesem Gerät und geben Sie dann den neuen Code ein.",
  syncNow: "Jetzt abgleichen",
  syncShowCode: "Code zeigen",
  syncShowTitle: "Code für ein weiteres Gerät zeigen?",
  syncCodeTitle: "Code für Ihre anderen Geräte",
  syncCodeSecret: "Wer diesen Code und die Kopie auf dem Server hat, hat Ihre Schlüssel. Geben Sie ihn nur auf Ihren eigenen Geräten ein; sagen und schicken Sie ihn niemandem.",
  syncCopyCode: "Code kopieren",
  syncCodeCopied: "Code kopiert. Lassen Sie ihn nicht in der Zwischenablage.",
  syncHideCode: "Code verbergen",
  syncStop: "Auf diesem Gerät beenden",
  syncStopTitle: "Auf diesem Gerät beenden?",
  syncStopText: "Ihre Schlüssel bleiben hier, und die Kopie bleibt für Ihre anderen Geräte auf dem Server. Um wieder anzufangen, brauchen Sie den Code.",
  syncStopped: "Beendet. Dieses Gerät hat den Code vergessen.",
  syncDelete: "Kopie auf dem Server löschen",
  syncDeleteTitle: "Kopie auf dem Server löschen?",
  syncDeleteText: "Ihre Schlüssel bleiben auf jedem Gerät, und dieses hört auf. Ein Gerät, das weitermacht, legt die Kopie wieder an: Beenden Sie es dort zuerst.",
  syncDeleted: "Die Kopie ist gelöscht, und dieses Gerät hat aufgehört.",
};
