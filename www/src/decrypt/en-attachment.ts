// What is said about attachments. Loaded with them, so that the first screen is small.
export const en = {
  save: "Save",
  saveFile: (name: string) => `Save ${name}`,
  preview: "Show",
  hidePreview: "Hide",
  previewFile: (name: string) => `Show ${name}`,
  hideFile: (name: string) => `Hide ${name}`,
  image: (name: string) => `Picture: ${name}`,
  saveWarning: "Open saved files with the same care as files from any mail.",
};

export type AttachmentWords = typeof en;
export default en;
