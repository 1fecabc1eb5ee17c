// What only a saved copy says.
export const en = {
  title: (name: string, address: string) => `Saved copy of a message from ${name} (${address}).`,
  unchecked: "Signature not checked",
  uncheckedNote: "A saved copy opens without a network and does not check signatures.",
  wrong: "That password does not fit, or the file is damaged. You can try as often as you like.",
};

export type CopyWords = typeof en;
export default en;
