// OpenPGP.js off the main thread, its Argon2 with it, so that neither waits for the other.
import { decrypt, readMessage } from "/assets/openpgp.min.mjs";
import "/assets/argon2id.min.mjs";

postMessage("ready");
onmessage = async ({ data: { ciphertext, password } }) => {
  try {
    const message = await readMessage({ binaryMessage: ciphertext });
    const { data } = await decrypt({ message, passwords: [password] });
    postMessage({ text: data });
  } catch (cause) {
    postMessage({ error: cause.message });
  }
};
