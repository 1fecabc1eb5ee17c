// Looks for secrets in octets, in every form in which they usually get written down.

/** The forms of `secret` (string or octets) by name, each as the octets to look for. */
export function forms(secret) {
  const raw = typeof secret === "string" ? Buffer.from(secret, "utf8") : Buffer.from(secret);
  const found = { raw, hex: Buffer.from(raw.toString("hex")), HEX: Buffer.from(raw.toString("hex").toUpperCase()) };
  for (const shift of [0, 1, 2]) {
    const text = base64At(raw, shift);
    found[`base64+${shift}`] = Buffer.from(text);
    found[`base64url+${shift}`] = Buffer.from(text.replaceAll("+", "-").replaceAll("/", "_"));
  }
  if (typeof secret === "string") {
    found.utf16le = Buffer.from(secret, "utf16le");
    found.utf16be = Buffer.from(secret, "utf16le").swap16();
    found.percent = Buffer.from(encodeURIComponent(secret));
    found.form = Buffer.from(new URLSearchParams({ secret }).toString().slice("secret=".length));
    found.nfd = Buffer.from(secret.normalize("NFD"));
    found.json = Buffer.from(JSON.stringify(secret).slice(1, -1));
  }
  return found;
}

/** Base64 of `raw` when `shift` unknown octets stand before it: only the characters that depend on `raw` alone. */
function base64At(raw, shift) {
  const padded = Buffer.concat([Buffer.alloc(shift), raw]);
  const text = padded.toString("base64").replaceAll("=", "");
  const lead = Math.ceil((shift * 8) / 6);
  const certain = Math.floor((padded.length * 8) / 6);
  return text.slice(lead, certain);
}

/** `"name as form in place"` for each secret found. `places` and `secrets` are objects by name. */
export function traces(places, secrets) {
  const found = [];
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [form, needle] of Object.entries(forms(secret))) {
      if (needle.length < 5) throw new Error(`${name} as ${form} is too short to look for`);
      for (const [place, octets] of Object.entries(places)) {
        if (octets.includes(needle)) found.push(`${name} as ${form} in ${place}`);
      }
    }
  }
  return found;
}
