// Womit das Paket eine Nachricht, einen Aufruf oder einen neuen Schlüssel ablehnen kann.
import type { messageProblems as en } from "./en-message-problems.ts";

export const messageProblems: typeof en = {
  "bad-option": "Die Seite hat etwas verlangt, das es nicht gibt. Nichts wurde geändert. Laden Sie die Seite neu und versuchen Sie es noch einmal.",
  "unknown-option": "Die Seite hat etwas verlangt, das es nicht gibt. Nichts wurde geändert. Laden Sie die Seite neu und versuchen Sie es noch einmal.",
  "bad-options": "Ein solcher Schlüssel lässt sich nicht erzeugen. Nichts wurde geändert. Wählen Sie eine andere Art, Größe oder einen anderen Ablauf.",
  "bad-header": "Der Kopf dieser Nachricht ist nicht, wie er sein muss. Nichts wurde geändert.",
  "bad-notation": "Eine Zusatzangabe dieser Unterschrift ist nicht, wie sie sein muss. Nichts wurde geändert.",
  "name-too-long": "Dieser Name ist zu lang. Nichts wurde geändert. Nehmen Sie einen kürzeren.",
  "filename-too-long": "Der Name einer Datei ist zu lang. Nichts wurde gesendet, Ihr Text ist noch da. Geben Sie der Datei einen kürzeren Namen.",
  "no-signer": "Es ist kein Schlüssel zum Unterschreiben da. Nichts wurde geändert. Wählen Sie einen.",
  "too-many-signers": "Es sollen mehr Schlüssel unterschreiben, als jemand prüfen würde. Nichts wurde gesendet, Ihr Text bleibt. Wählen Sie weniger.",
  "too-many-passwords": "Die Nachricht ist für mehr Passwörter, als sie jemand öffnen könnte. Nichts wurde gesendet, Ihr Text bleibt. Nehmen Sie weniger.",
  "bad-autocrypt": "Der Schlüssel, der mitgeschickt werden soll, gehört zu einer anderen Adresse als der des Verfassers. Nichts wurde gesendet, Ihr Text bleibt.",
  "no-recipient": "Es ist niemand da, an den verschlüsselt wird. Nichts wurde gesendet, Ihr Text ist noch da. Nennen Sie einen Empfänger, oder setzen Sie ein Passwort.",
  "empty-password": "Das Passwort ist leer. Nichts wurde geändert. Geben Sie eines ein.",
  "unknown-user-id": "Der Schlüssel hat diesen Namen nicht mehr. Nichts wurde geändert. Sehen Sie sich den Schlüssel noch einmal an.",
  "unknown-subkey": "Der Schlüssel hat diesen Unterschlüssel nicht mehr. Nichts wurde geändert. Sehen Sie sich den Schlüssel noch einmal an.",
  "signing-failed": "Der Schlüssel konnte nicht unterschreiben. Nichts wurde gesendet, Ihr Text ist noch da. Nehmen Sie einen anderen.",
  "encryption-failed": "An den Schlüssel eines Empfängers ließ sich nicht verschlüsseln. Nichts wurde gesendet, Ihr Text ist noch da. Bitten Sie um den jetzigen Schlüssel, oder entfernen Sie ihn hier und nehmen Sie nur das Passwort.",
  encrypted: "Das ist verschlüsselt und muss erst entschlüsselt werden. Nichts wurde geändert.",
  "not-encrypted": "Das ist nicht verschlüsselt. Nichts wurde geändert.",
  "not-text": "Das ist kein Text. Nichts wurde geändert. Öffnen Sie es als Datei.",
  "source-failed": "Eine Datei ließ sich nicht bis zu Ende lesen: Vielleicht wurde sie verschoben oder geändert. Nichts wurde geändert. Wählen Sie sie noch einmal.",
  "password-not-text": "Das Passwort enthält Zeichen, die kein Text sind. Nichts wurde geändert. Geben Sie es noch einmal ein.",
  "profile-mismatch": "Die Nachricht ist nicht so geschützt, wie sie es sein muss: Vielleicht hat sie jemand unterwegs verändert. Nichts wurde geöffnet. Bitten Sie darum, sie noch einmal zu schicken.",
  "bad-content": "Die Nachricht ist entschlüsselt, aber was darin steht, lässt sich nicht lesen. Bitten Sie darum, sie noch einmal zu schicken.",
};
