// Was zu Anhängen gesagt wird.
import type { AttachmentWords } from "./en-attachment.ts";

const de: AttachmentWords = {
  save: "Speichern",
  saveFile: (name) => `${name} speichern`,
  preview: "Anzeigen",
  hidePreview: "Verbergen",
  previewFile: (name) => `${name} anzeigen`,
  hideFile: (name) => `${name} verbergen`,
  image: (name) => `Bild: ${name}`,
  saveWarning: "Öffnen Sie gespeicherte Dateien so vorsichtig wie Dateien aus jeder Mail.",
};
export default de;
