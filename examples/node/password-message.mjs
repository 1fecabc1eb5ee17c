// Encrypts a message with a password and opens it again. Run: node password-message.mjs
import { decrypt, encrypt, PgpError } from "envelock";

const message = await encrypt({ data: "Meet me at eight.", passwords: "correct horse battery" });
console.log(message);

const { data } = await decrypt({ message, passwords: "correct horse battery" });
console.log(data);

try {
  await decrypt({ message, passwords: "wrong" });
} catch (error) {
  if (!(error instanceof PgpError)) throw error;
  console.log(error.code, "–", error.hint);
}
