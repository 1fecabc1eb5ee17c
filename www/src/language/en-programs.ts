// Programs that act for the account, with tokens.

export const programs = {
  programsTitle: "Programs",
  programsNote: "A script or another program can work for you with a token in place of your password: make links, or look at them, fetch your mail, or keep drafts and the file in which your devices meet. A token can do what you allow, until the day it ends. It decrypts nothing and opens no key, and cannot change your password, your second step or other tokens.",
  noPrograms: "No program has a token.",
  programsStay: "They keep their tokens when you change your password or end sessions. Revoke what you do not use any more, and every one that you do not know.",
  newToken: "New token",
  tokenName: "Name of the program",
  tokenNameNote: "Only for you, so that you know later what it is for.",
  tokenMay: "It may",
  scopes: {
    "envelopes:read": "look at your links: list, state, encrypted notes and replies",
    "envelopes:write": "make links, and change or withdraw them one by one",
    "keyring:read": "fetch the sealed file in which your devices meet",
    "keyring:write": "replace or remove the sealed file in which your devices meet",
    "drafts:read": "fetch your drafts, which are encrypted to your key",
    "drafts:write": "replace and delete your drafts, and add some: only what your key signed opens without a warning",
    "mail:read": "fetch mail that arrived for you: the list, and each message as it was sent",
  },
  scopesInShort: {
    "envelopes:read": "looks at links",
    "envelopes:write": "makes and changes links",
    "keyring:read": "fetches the devices' file",
    "keyring:write": "replaces the devices' file",
    "drafts:read": "fetches drafts",
    "drafts:write": "replaces and deletes drafts",
    "mail:read": "fetches mail that arrived",
  },
  tokenEnds: "It ends",
  makeToken: "Make the token",
  makingToken: "Making the token …",
  tokenOf: (name: string) => `Token for ${name}`,
  tokenOnce: "Copy it now and give it to the program: it is shown only here and only now. Whoever has it can do what you have allowed.",
  token: "Token",
  copyToken: "Copy the token",
  tokenCopied: "Token copied. Do not leave it in the clipboard.",
  tokenUsage: "With curl: this waits for the token, which you paste then, keeps it in the file envelock-token, which only you can read, and sends it from there.",
  copyUsage: "Copy the command",
  usageCopied: "Command copied.",
  leaveTokenTitle: "Leave this token behind?",
  leaveTokenText: "You have not copied it, and nobody can look it up later. You can revoke it and make another one.",
  leaveToken: "Leave it",
  tokenFromTo: (from: string, to: string) => `Made on ${from}, ends on ${to}`,
  revokeToken: "Revoke",
  revokeTokenLabel: (name: string) => `Revoke: ${name}`,
  revokeTokenTitle: (name: string) => `Revoke the token of ${name}?`,
  revokeTokenText: "Whoever has it is refused at once. This cannot be undone. Links that were made with it stay.",
  revokeAllTokensText: "Whoever has one is refused at once. This cannot be undone. Links that were made with them stay.",
  revokingToken: "Revoking …",
  tokenRevoked: (name: string) => `The token of ${name} is revoked.`,
  revokeAllTokens: "Revoke all tokens",
  revokeAllTokensTitle: "Revoke all tokens?",
  allTokensRevoked: "All tokens are revoked.",
};

export const programProblems = {
  "token-without-name": "Give the program a name.",
  "token-without-scope": "Choose at least one thing that the program may do.",
  "too-many-tokens": "You have as many tokens as this server keeps. Revoke one first.",
};

export type ProgramsWords = typeof programs;
export type ProgramProblems = typeof programProblems;
