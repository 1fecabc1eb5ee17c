// Wo man angemeldet ist.
import type { SessionsWords } from "./en-sessions.ts";

export const sessions: SessionsWords = {
  sessionsTitle: "Wo Sie angemeldet sind",
  sessionsNote: "Jeder Browser, der an Ihrem Konto angemeldet ist, unter dem Namen, den er sich selbst gibt. Eine Sitzung endet von selbst nach zwölf Stunden ohne Benutzung und nach sieben Tagen.",
  sessionsStranger: "Beenden Sie eine, die Sie nicht kennen, und lassen Sie Ihr Passwort ändern: Wer dort war, kannte es.",
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
  endOthersText: "Jeder andere Browser muss sich neu anmelden. Dieser bleibt angemeldet. Nachrichten, Links und Schlüssel bleiben, wie sie sind.",
  othersEnded: "Alle anderen Sitzungen sind beendet.",
  signedOutElsewhere: "Sie wurden hier abgemeldet: Die Sitzung wurde auf einem anderen Gerät beendet, oder ihre Zeit war um. Nachrichten und Schlüssel sind noch da. Melden Sie sich neu an, um weiterzumachen.",
};
