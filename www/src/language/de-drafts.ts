// Entwürfe: beim Schreiben aufbewahrt, für einen selbst verschlüsselt.
import type { DraftProblems, DraftsWords } from "./en-drafts.ts";
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("de");

export const drafts: DraftsWords = {
  drafts: "Entwürfe",
  draftsNumber: (count) => (count === 0 ? "Entwürfe" : `Entwürfe (${f.number(count)})`),
  noDrafts: "Keine Entwürfe. Was Sie schreiben, wird hier für Ihren Schlüssel verschlüsselt aufbewahrt, bis Sie es senden oder verwerfen.",
  draftsUnlock: "Entwürfe sind für Ihren Schlüssel verschlüsselt.",
  draftOf: (time) => `Entwurf vom ${time}`,
  draftIsCopy: "Zweite Fassung: Zwei Geräte haben denselben Entwurf geändert",
  draftOtherKey: "Öffnet sich nicht mit den Schlüsseln, die Sie hier haben",
  draftDoubts: { foreign: "Nicht von Ihnen signiert", swapped: "An der Stelle eines anderen Entwurfs", older: "Eine ältere Fassung als die, die Sie hier zuletzt hatten" },
  draftDoubtTexts: {
    foreign: "Keiner Ihrer Schlüssel hat diesen Entwurf signiert, er ist vielleicht nicht von Ihnen: Wer ändern kann, was der Server verwahrt, könnte ihn dort abgelegt haben. Nichts davon wird gezeigt. Wenn Sie ihn doch öffnen, lesen Sie ihn wie die Nachricht eines Fremden.",
    swapped: "Das ist einer Ihrer Entwürfe, aber nicht der, der hierher gehört: Wer ändern kann, was der Server verwahrt, hat sie vertauscht. Nichts davon wird gezeigt.",
    older: "Der Server gab eine ältere Fassung dieses Entwurfs heraus als die, die Sie zuletzt in diesem Browser hatten. Vielleicht kommt sie aus einer Sicherung, oder wer ändern kann, was der Server verwahrt, hat sie zurückgelegt.",
  },
  draftOpenAnyway: "Trotzdem öffnen",
  draftDeleteLabel: (title) => `Entwurf löschen: ${title}`,
  draftDeleteTitle: (title) => `Den Entwurf „${title}“ löschen?`,
  draftDeleteText: "Er ist dann auf allen Ihren Geräten weg. Das lässt sich nicht rückgängig machen.",
  draftDeleteIt: "Entwurf löschen",
  draftDeleted: "Der Entwurf ist gelöscht.",
  draftNotDeleted: "Ein anderes Gerät hat diesen Entwurf inzwischen geändert, deshalb wurde er nicht gelöscht. Sehen Sie ihn noch einmal an.",
  draftStored: "Entwurf gespeichert.",
  draftStoring: "Wird gespeichert …",
  draftNotStored: (problem) => `Nicht gespeichert: ${problem}`,
  draftTriedAgain: "Nach einer Weile wird es von selbst wieder versucht.",
  draftTriedWhenAsked: "Es wird wieder versucht, wenn Sie weiterschreiben oder es verlangen.",
  draftWithoutFiles: (names, limit) => `Entwurf gespeichert, aber nicht mit allen Anhängen: Ein Entwurf darf ${limit} haben. Nicht in ihm, und weg, wenn diese Seite geschlossen wird: ${names}.`,
  draftLocked: "Nicht als Entwurf gespeichert, solange Ihre Schlüssel gesperrt sind. Ihr Text bleibt, solange diese Seite offen ist.",
  draftNeedsKey: "Nicht als Entwurf gespeichert: Entwürfe werden für Ihren Schlüssel verschlüsselt, und Sie haben noch keinen. Ihr Text bleibt, solange diese Seite offen ist.",
  draftUnfitKey: "Nicht als Entwurf gespeichert: Keiner Ihrer Schlüssel kann jetzt signieren und verschlüsseln. Verlängern Sie einen, oder legen Sie einen neuen an. Ihr Text bleibt, solange diese Seite offen ist.",
  draftChangedElsewhere: "Ein anderes Gerät hat diesen Entwurf geändert. Nichts ist verloren: Was Sie hier schreiben, wird ab jetzt als zweiter Entwurf gespeichert.",
  draftShowOther: "Die andere Fassung zeigen",
  draftDeletedElsewhere: "Dieser Entwurf wurde auf einem anderen Gerät gesendet oder gelöscht. Was Sie hier schreiben, wird als neuer Entwurf gespeichert.",
  draftFilesMissing: (names) => `Nicht in diesem Entwurf, weil zu groß: ${names}. Hängen Sie sie noch einmal an.`,
  signOutWaits: "Sie werden abgemeldet, sobald alles gespeichert ist …",
  signOutNow: "Abmelden, ohne zu warten",
  draftStays: "Der Entwurf dieser Nachricht konnte nicht gelöscht werden, oder ein anderes Gerät hat ihn geändert. Er ist noch bei Ihren Entwürfen.",
};

export const draftProblems: DraftProblems = {
  "draft-too-large": "Der Text ist größer, als ein Entwurf sein darf. Er bleibt, solange diese Seite offen ist.",
  "draft-header-too-large": "Empfänger, Betreff, Hinweis und Namen der Anhänge sind zusammen zu lang für einen Entwurf. Sie bleiben, solange diese Seite offen ist. Kürzen Sie sie, oder schreiben Sie zwei Nachrichten.",
  "draft-gone": "Dieser Entwurf wurde gesendet oder gelöscht, vielleicht auf einem anderen Gerät.",
  "draft-changed": "Ein anderes Gerät hat diesen Entwurf geändert. Nichts wurde geändert.",
  "not-a-draft": "Das ist kein Entwurf: Wer ändern kann, was der Server verwahrt, hat etwas anderes dorthin gelegt. Nichts wurde geöffnet.",
  "too-many-drafts": "Sie haben so viele Entwürfe, wie der Server aufbewahrt. Löschen Sie welche, die Sie nicht brauchen.",
};
