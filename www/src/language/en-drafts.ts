// Drafts: kept while one writes, encrypted to oneself.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");

export const drafts = {
  drafts: "Drafts",
  draftsNumber: (count: number) => (count === 0 ? "Drafts" : `Drafts (${f.number(count)})`),
  noDrafts: "No drafts. What you write is kept here, encrypted to your key, until you send or discard it.",
  draftsUnlock: "Drafts are encrypted to your key.",
  draftOf: (time: string) => `Draft of ${time}`,
  draftIsCopy: "Second version: two devices changed the same draft",
  draftOtherKey: "Does not open with the keys you have here",
  draftDoubts: { foreign: "Not signed by you", swapped: "In the place of another draft", older: "An older version than the one you last had here" },
  draftDoubtTexts: {
    foreign: "None of your keys signed this draft, so it may not be yours: whoever can change what the server keeps could have put it there. Nothing of it is shown. If you do open it, read it as you would a stranger's message.",
    swapped: "This is one of your drafts, but not the one that belongs here: whoever can change what the server keeps has exchanged them. Nothing of it is shown.",
    older: "The server gave an older version of this draft than the one you last had in this browser. It may have been restored from a backup, or whoever can change what the server keeps has put it back.",
  },
  draftOpenAnyway: "Open it all the same",
  draftDeleteLabel: (title: string) => `Delete draft: ${title}`,
  draftDeleteTitle: (title: string) => `Delete the draft “${title}”?`,
  draftDeleteText: "It is gone from all your devices. This cannot be undone.",
  draftDeleteIt: "Delete draft",
  draftDeleted: "The draft is deleted.",
  draftNotDeleted: "Another device changed this draft meanwhile, so it was not deleted. Look at it again.",
  draftStored: "Draft saved.",
  draftStoring: "Saving …",
  draftNotStored: (problem: string) => `Not saved: ${problem}`,
  draftTriedAgain: "This is tried again by itself, after a while.",
  draftTriedWhenAsked: "This is tried again when you write on, or when you ask for it.",
  draftWithoutFiles: (names: string, limit: string) => `Draft saved, but not with all attachments: a draft may have ${limit}. Not in it, and lost when this page is closed: ${names}.`,
  draftLocked: "Not saved as a draft while your keys are locked. Your text is kept as long as this page is open.",
  draftNeedsKey: "Not saved as a draft: drafts are encrypted to your key, and you have none yet. Your text is kept as long as this page is open.",
  draftUnfitKey: "Not saved as a draft: none of your keys can both sign and encrypt now. Extend one or make a new one. Your text is kept as long as this page is open.",
  draftChangedElsewhere: "Another device changed this draft. Nothing is lost: what you write here is saved as a second draft from now on.",
  draftShowOther: "Show the other version",
  draftDeletedElsewhere: "This draft was sent or deleted on another device. What you write here is saved as a new draft.",
  draftFilesMissing: (names: string) => `Not in this draft, because they were too large: ${names}. Attach them again.`,
  signOutWaits: "You are signed out once everything is saved …",
  signOutNow: "Sign out without waiting",
  draftStays: "The draft of this message could not be deleted, or another device changed it. It is still among your drafts.",
};

export const draftProblems = {
  "draft-too-large": "The text is larger than a draft may be. It is kept as long as this page is open.",
  "draft-header-too-large": "Recipients, subject, hint and names of attachments are too long together for a draft. They are kept as long as this page is open. Shorten them, or write two messages.",
  "draft-gone": "This draft was sent or deleted, perhaps on another device.",
  "draft-changed": "Another device changed this draft. Nothing was changed.",
  "not-a-draft": "This is no draft: whoever can change what the server keeps has put something else there. Nothing was opened.",
  "too-many-drafts": "You have as many drafts as the server keeps. Delete some that you do not need.",
};

export type DraftsWords = typeof drafts;
export type DraftProblems = typeof draftProblems;
