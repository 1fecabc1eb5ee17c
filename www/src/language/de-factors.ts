// Zweiter Schritt: einrichten, damit anmelden, noch einmal sagen, wer man ist.
import type { FactorProblems, FactorsWords } from "./en-factors.ts";
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("de");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const factors: FactorsWords = {
  // Anmelden
  askingPasskey: "Der Browser fragt nach dem Passkey …",
  secondStep: "Zweiter Schritt",
  secondStepNote: (address) => `Das Passwort von ${address} stimmt. Zeigen Sie jetzt, dass Sie haben, was nur Sie haben.`,
  secondStepLate: "Der zweite Schritt hat länger als zehn Minuten gedauert. Melden Sie sich noch einmal an.",
  usePasskey: "Passkey benutzen",
  appCode: "Code aus der Authenticator-App",
  useAppCode: "Mit dem Code anmelden",
  checkingCode: "Der Code wird geprüft …",
  haveNoFactor: "Ich habe es nicht zur Hand",
  recoveryCodeUse: "Nehmen Sie einen der zehn Codes, die Sie beim Einrichten des zweiten Schritts bekommen haben. Jeder gilt einmal. Der Wiederherstellungscode Ihrer Schlüssel ist ein anderer.",
  useRecoveryCode: "Mit dem Wiederherstellungscode anmelden",
  noRecoveryCode: "Es sind keine Wiederherstellungscodes übrig. Haben Sie auch das andere verloren, wenden Sie sich an den Betreiber dieses Servers.",
  otherAccount: "Zurück zum ersten Schritt",
  enrolmentTitle: "Zweiten Schritt einrichten",
  enrolmentNote: "Auf diesem Server braucht jedes Konto neben dem Passwort einen zweiten Schritt. Richten Sie einen davon ein, um weiterzumachen.",
  enrolmentLost: "Vom Server kam keine Antwort; Ihr zweiter Schritt kann also eingerichtet sein. Behalten Sie ihn, etwa den Eintrag in Ihrer Authenticator-App, und melden Sie sich noch einmal an. Machen Sie dann in den Einstellungen neue Wiederherstellungscodes: Die gemachten waren nie zu sehen.",

  // In den Einstellungen
  factorsTitle: "Zweiter Schritt",
  factorsNote: "Mit einem zweiten Schritt kann sich, wer Ihr Passwort kennt, trotzdem nicht anmelden ohne etwas, das nur Sie haben: Ihr Telefon, Ihren Rechner oder einen Sicherheitsschlüssel.",
  factorsOn: "Eingeschaltet: Ein Passwort allein öffnet dieses Konto nicht.",
  factorsOff: "Ausgeschaltet: Wer Ihr Passwort kennt, kann sich anmelden.",
  factorsRequired: "Nötig: Dieser Server verlangt es.",
  appTitle: "Authenticator-App",
  appNote: "Eine App auf Ihrem Telefon zeigt sechs Ziffern, die alle 30 Sekunden wechseln. Sie braucht kein Netz.",
  appSince: (day) => `Eingerichtet am ${day}.`,
  addApp: "App einrichten",
  preparing: "Wird vorbereitet …",
  appSecretTitle: "Mit der App scannen",
  appSecretNote: "Wählen Sie in der Authenticator-App „Konto hinzufügen“ und richten Sie sie auf das Bild. Es ist nur jetzt zu sehen und in diesem Browser gezeichnet.",
  appSecretQr: "QR-Code für die Authenticator-App",
  appSecretTyped: "Ist die App auf diesem Gerät oder kann sie nicht scannen, tippen Sie stattdessen dies ein (zeitbasiert, sechs Ziffern):",
  appCodeNow: "Die sechs Ziffern, die die App jetzt zeigt",
  appCodeClock: "Misslingt es weiter, stellen Sie die Uhr des Telefons auf automatische Zeit: Die Ziffern hängen davon ab.",
  switchOn: "Einschalten",
  removeApp: "App entfernen",
  removeAppTitle: "Authenticator-App entfernen?",
  loginPasskeysTitle: "Passkeys zum Anmelden",
  loginPasskeysNote: "Ihr Fingerabdruck, Ihr Gesicht oder ein Sicherheitsschlüssel. Er wirkt nur auf dieser Seite, niemand kann ihn Ihnen entlocken. Er meldet auch ohne Passwort an. Ihre Schlüssel öffnet er nicht.",
  addLoginPasskey: "Passkey zum Anmelden hinzufügen",
  addedOn: (day) => `Hinzugefügt am ${day}`,
  notUsedYet: "Noch nicht benutzt",
  removeLoginPasskeyTitle: "Diesen Passkey entfernen?",
  removeFactorText: "Sie können sich damit nicht mehr anmelden. Ist es der letzte, meldet das Passwort allein an, und die Wiederherstellungscodes entfallen auch.",
  factorAdded: "Hinzugefügt. Von jetzt an melden Sie sich damit an.",
  factorRemoved: "Entfernt.",
  recoveryCodesTitle: "Wiederherstellungscodes zum Anmelden",
  recoveryCodesNote: "Verlieren Sie Telefon oder Passkey, lässt einer davon Sie ein. Jeder gilt einmal. Sie sind nur jetzt zu sehen: Drucken oder speichern Sie sie dort, wo ein Dieb dieses Geräts sie nicht findet.",
  codesOf: (host, address) => `Wiederherstellungscodes zum Anmelden auf ${host} als ${address}`,
  saveCodes: "Codes speichern",
  printCodes: "Codes drucken",
  copyCodes: "Codes kopieren",
  codesCopied: "Wiederherstellungscodes kopiert. Lassen Sie sie nicht in der Zwischenablage.",
  codesKept: "Ich habe die Codes aufbewahrt",
  codesDone: "Fertig. Die Codes sind nicht mehr zu sehen.",
  leaveCodesTitle: "Diese Wiederherstellungscodes zurücklassen?",
  leaveCodesText: "Sie sind nur hier und nur jetzt zu sehen. Ohne sie sind Sie ausgesperrt, wenn Sie Ihren zweiten Schritt verlieren.",
  leaveCodes: "Zurücklassen",
  codesLeft: (count) => few(count, "Ein Code ist übrig.", "# Codes sind übrig."),
  renewCodes: "Neue Codes machen",
  renewCodesTitle: "Zehn neue Codes machen?",
  renewCodesText: "Die Codes, die Sie jetzt haben, gelten dann nicht mehr.",
  codesLost: "Wiederherstellungscodes sind auf dem Weg zu Ihnen vielleicht verloren gegangen. Machen Sie jetzt neue: Die Sie haben, gelten vielleicht nicht mehr. Behalten Sie, was Sie eingerichtet haben, etwa den Eintrag in Ihrer Authenticator-App.",

  // Noch einmal sagen, wer man ist
  confirmTitle: "Sind Sie es noch?",
  confirmText: "Sagen Sie hierfür noch einmal, wer Sie sind. Das gilt dann fünf Minuten.",
  appOrRecoveryCode: "Code aus der Authenticator-App oder ein Wiederherstellungscode",
  confirmSecondText: "Ihr Passwort stimmt. Hierfür ist auch der zweite Schritt nötig. Das gilt dann fünf Minuten.",
  confirmIt: "Bestätigen",

  // Alles zurückziehen
  moreForLinks: "Alle zurückziehen",
  withdrawAll: "Alle Links zurückziehen",
  withdrawAllTitle: "Alle Links zurückziehen?",
  withdrawAllText: "Niemand kann dann noch eine Ihrer Nachrichten öffnen. Der Server löscht sie. Das lässt sich nicht rückgängig machen.",
  withdrawing: "Wird zurückgezogen …",
  allWithdrawn: (count) => few(count, "Eine Nachricht zurückgezogen.", "# Nachrichten zurückgezogen."),
};

export const factorProblems: FactorProblems = {
  "wrong-code": "Dieser Code passt nicht oder wurde schon benutzt. Versuchen Sie den nächsten.",
  "wrong-login-passkey": "Dieser Passkey gehört nicht zu dem Konto. Nehmen Sie einen anderen.",
  "login-passkey-refused": "Es kam kein Passkey an. Versuchen Sie es noch einmal, oder melden Sie sich anders an.",
  "login-passkey-known": "Auf diesem Gerät oder Sicherheitsschlüssel ist schon ein Passkey für das Konto.",
  "wrong-own-password": "Das Passwort passt nicht. Nichts wurde geändert. Versuchen Sie es noch einmal.",
  "not-confirmed": "Nichts wurde geändert: Sie haben nicht bestätigt, dass Sie es sind.",
  "second-factor-required": "Der zweite Schritt der Anmeldung fehlt. Melden Sie sich noch einmal an.",
  "last-factor": "Dieser Server verlangt einen zweiten Schritt, und dies ist Ihr letzter. Richten Sie erst einen anderen ein.",
};
