// Wo man angemeldet ist und war.
import type { SessionsWords } from "./en-sessions.ts";
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("de");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const sessions: SessionsWords = {
  sessionsTitle: "Wo Sie angemeldet sind",
  sessionsNote: "Jeder Browser, der an Ihrem Konto angemeldet ist, unter dem Namen, den er sich selbst gibt. Eine Sitzung endet von selbst nach zwölf Stunden ohne Benutzung, nach sieben Tagen und wenn Ihr Konto fünfzig neuere hat.",
  sessionsStranger: "Beenden Sie eine, die Sie nicht kennen, und ändern Sie Ihr Passwort: Wer dort war, kannte es. Sehen Sie auch nach zweiten Schritten und Programmen.",
  browserOn: (browser, system) => `${browser} unter ${system}`,
  anotherBrowser: "Anderer Browser",
  unknownDevice: "Unbekannter Browser oder Programm",
  thisSession: "Diese hier",
  signedInOn: (moment) => `Angemeldet: ${moment}`,
  lastUsed: (distance) => `Zuletzt benutzt: ${distance}`,
  onlyHere: "Sonst sind Sie nirgends angemeldet.",
  endSession: "Beenden",
  endSessionLabel: (device, moment) => `Beenden: ${device}, angemeldet ${moment}`,
  endingSession: "Wird beendet …",
  sessionEnded: (device) => `${device}: Die Sitzung ist beendet.`,
  endOthers: "Alle anderen beenden",
  endOthersTitle: "Alle anderen Sitzungen beenden?",
  endOthersText: "Jeder andere Browser muss sich neu anmelden. Dieser bleibt angemeldet. Nachrichten, Links und Schlüssel bleiben, wie sie sind, und Programme behalten ihre Token.",
  othersEnded: "Alle anderen Sitzungen sind beendet.",
  signedOutElsewhere: "Sie wurden hier abgemeldet: Die Sitzung wurde auf einem anderen Gerät beendet, ihre Zeit war um, oder Ihr Konto hat fünfzig neuere. Nachrichten und Schlüssel sind noch da. Melden Sie sich neu an, um weiterzumachen.",
  historyTitle: "Anmeldungen der letzten 90 Tage",
  historyNote: "Nach Tag und Browser, gleich wie oft. Wer einen Browser wie Ihren benutzt, steht mit Ihnen in einer Zeile.",
  firstWithDevice: "Vorher nicht benutzt",
  signedInTimes: (times, last) => few(times, `Einmal: ${last}`, `#-mal, zuletzt: ${last}`),
  unfinishedLogin: "Das Passwort stimmte, der zweite Schritt fehlt",
  unfinishedLoginTitle: "Ein zweiter Schritt, der fehlt",
  unfinishedLogins: (devices) => `Jemand hat das richtige Passwort Ihres Kontos eingegeben und den zweiten Schritt nicht gemacht: ${devices}.`,
  unfinishedLoginAdvice: "Waren Sie es selbst, ist alles in Ordnung. Wenn nicht, ändern Sie Ihr Passwort: Ohne den zweiten Schritt kam niemand hinein, aber jemand kennt es.",
  newDeviceTitle: "Ein Browser, der vorher nicht benutzt wurde",
  deviceAt: (device, moment) => `${device} (${moment})`,
  newDevices: (devices) => `Jemand hat sich an Ihrem Konto mit einem Browser angemeldet, der vorher nicht benutzt wurde: ${devices}.`,
  newDeviceSeen: "Gesehen",
};
