// What the package can refuse a message, a call or a key that is being made.

export const messageProblems = {
  "bad-option": "The page asked for something that does not exist. Nothing was changed. Reload the page and try again.",
  "unknown-option": "The page asked for something that does not exist. Nothing was changed. Reload the page and try again.",
  "bad-options": "Such a key cannot be made. Nothing was changed. Choose another kind, size or expiry.",
  "bad-header": "The header of this message is not as it must be. Nothing was changed.",
  "bad-notation": "A notation of this signature is not as it must be. Nothing was changed.",
  "name-too-long": "This name is too long. Nothing was changed. Take a shorter one.",
  "filename-too-long": "The name of a file is too long. Nothing was sent, and your text is kept. Give the file a shorter name.",
  "no-signer": "There is no key to sign with. Nothing was changed. Choose one.",
  "no-recipient": "There is nobody to encrypt to. Nothing was sent, and your text is kept. Name a recipient or set a password.",
  "empty-password": "The password is empty. Nothing was changed. Type one.",
  "unknown-user-id": "The key does not have this name any more. Nothing was changed. Look at the key again.",
  "unknown-subkey": "The key does not have this subkey any more. Nothing was changed. Look at the key again.",
  "signing-failed": "The key could not sign. Nothing was sent, and your text is kept. Choose another key.",
  "encryption-failed": "A recipient's key could not be encrypted to. Nothing was sent, and your text is kept. Ask for their present key, or remove it here and use the password alone.",
  encrypted: "This is encrypted, so it has to be decrypted first. Nothing was changed.",
  "not-encrypted": "This is not encrypted. Nothing was changed.",
  "not-text": "This is not text. Nothing was changed. Open it as a file.",
  "password-not-text": "The password contains signs that are no text. Nothing was changed. Type it again.",
  "profile-mismatch": "The message is not protected as it must be: somebody may have changed it on its way. Nothing was opened. Ask for it again.",
  "bad-content": "The message was decrypted, but what is in it cannot be read. Ask its writer to send it again.",
};
