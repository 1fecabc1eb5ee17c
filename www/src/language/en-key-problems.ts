// What can go wrong with keys, by the codes of the package: what happened, what was kept, what to do next.
export const keyProblems = {
  "secret-absent": "The secret part of the main key is not here, but on a smart card or another computer. Nothing was changed. Change the key where its secret part is.",
  "no-certifying-key": "This key may not certify others. Nothing was changed. Choose another key.",
  "key-mismatch": "This belongs to another key. Nothing was changed. Compare the fingerprints.",
  "no-revocation": "There is no revocation of a key in this. Nothing was changed.",
  "user-id-exists": "The key has this name already. Nothing was changed.",
  "last-user-id": "It is the only name of the key. Nothing was changed. Add another one first, or revoke the whole key.",
  "key-not-usable": "The key is revoked or not usable, so it cannot do this. Nothing was changed.",
  "not-certified": "You have not certified this, so there is nothing to take back.",
  cancelled: "Cancelled. Nothing was changed.",
};
