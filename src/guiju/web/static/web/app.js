// Starts everything a staff page needs. Every page also works without this file:
// it only makes reading, filling in and moving about faster.
import { startCountdown } from "./countdown.js";
import { startDrafts } from "./drafts.js";
import { startDrawer } from "./drawer.js";
import { startFiles } from "./files.js";
import { startForms } from "./forms.js";
import { startGroups } from "./groups.js";
import { startKeys } from "./keys.js";
import { startMarks } from "./marks.js";
import { startPalette } from "./palette.js";
import { startParts } from "./parts.js";
import { startSignatures } from "./signature.js";
import { startTheme } from "./theme.js";
import { startToasts } from "./toast.js";

startTheme();
startCountdown();
startPalette();
startKeys();
startForms();
startGroups();
startDrafts();
startFiles();
startSignatures();
startDrawer();
startMarks();
startParts();
startToasts();

// Parts swapped in by htmx get the same treatment.
document.addEventListener("htmx:after:swap", () => {
  startCountdown();
  startGroups();
  startDrafts();
  startFiles();
  startSignatures();
  startMarks();
});
