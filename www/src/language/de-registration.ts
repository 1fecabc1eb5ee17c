// Ein Konto anlegen.
import type { RegistrationProblems, RegistrationWords } from "./en-registration.ts";

export const registration: RegistrationWords = {
  register: "Konto anlegen",
  registerNote: "Ihr Passwort verlässt diesen Browser nie: Der Server behält, woran er erkennt, dass Sie es wissen, und kann es nicht lesen.",
  registerSignedIn: (address) => `Sie sind als ${address} angemeldet. Für ein weiteres Konto melden Sie sich zuerst ab und öffnen den Link noch einmal.`,
  registerNeedsInvitation: "Konten auf diesem Server gibt es auf Einladung. Öffnen Sie den Link, den Sie bekommen haben, oder bitten Sie den Betreiber um einen.",
  registerClosed: "Konten auf diesem Server legt der Betreiber an. Bitten Sie ihn um eines.",
  registerByInvitation: "Noch kein Konto? Öffnen Sie den Link Ihrer Einladung, oder bitten Sie den Betreiber um einen.",
  invitedUntil: (moment) => `Sie sind eingeladen. Die Einladung gilt einmal, bis ${moment}.`,
  haveAccount: "Ich habe ein Konto: anmelden",
  yourName: "Ihr Name",
  yourNameNote: "Wem Sie schreiben, der sieht ihn.",
  addressInvited: "Die Einladung gilt für diese Adresse.",
  addressOfDomains: (domains) => `Aus ${domains}. Mit ihr melden Sie sich an, und wem Sie schreiben, der sieht sie.`,
  addressAny: "Mit ihr melden Sie sich an, und wem Sie schreiben, der sieht sie.",
  repeatAccountPassword: "Kontopasswort wiederholen",
  passwordLost: "Wenn Sie dieses Passwort vergessen, kann nur der Betreiber des Servers Ihrem Konto ein anderes geben. Nachsehen kann es niemand. Bewahren Sie es auf, wo Sie es wiederfinden, etwa in einem Passwortmanager.",
  makeAccount: "Konto anlegen",
  registering: "Ihr Konto wird angelegt …",
  accountMade: "Ihr Konto ist angelegt. Melden Sie sich damit an.",
};

export const registrationProblems: RegistrationProblems = {
  "registration-closed": "Konten auf diesem Server gibt es vom Betreiber oder auf Einladung. Es wurde nichts geändert. Bitten Sie ihn darum.",
  "invitation-ended": "Diese Einladung gilt nicht mehr: Sie wurde benutzt, zurückgezogen, oder ihre Zeit ist um. Haben Sie sie selbst benutzt, melden Sie sich an. Sonst bitten Sie um eine neue.",
  "address-not-allowed": "Mit dieser Adresse kann hier niemand ein Konto anlegen. Es wurde nichts geändert. Prüfen Sie sie auf Tippfehler, oder nehmen Sie eine andere.",
  "address-taken": "Zu dieser Adresse gibt es schon ein Konto. Es wurde nichts geändert. Melden Sie sich damit an, oder nehmen Sie eine andere.",
  "passwords-unequal": "Die beiden Passwörter sind verschieden. Geben Sie sie noch einmal ein.",
};
