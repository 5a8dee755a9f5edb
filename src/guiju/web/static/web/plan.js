// In the matrix the arrows go from flat to flat, over gaps and from one staircase to the next.
import { all, one } from "./dom.js";

const floorOf = (row) => one("th", row)?.textContent.trim();

/** The cells of a floor over all staircases, from left to right. */
function floor(cell) {
  const plan = cell.closest(".matrix");
  const name = floorOf(cell.closest("tr"));
  return all("tr", plan).filter((row) => floorOf(row) === name).flatMap((row) => all(".cell", row));
}

/** The flat to which an arrow leads from this one; undefined at the edge. */
export function neighbour(cell, key) {
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const cells = floor(cell);
    return cells[cells.indexOf(cell) + (key === "ArrowRight" ? 1 : -1)];
  }
  const place = cell.closest("td").cellIndex;
  const next = (row) => (key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling);
  for (let row = next(cell.closest("tr")); row; row = next(row)) {
    const found = one(".cell", row.cells[place] || row);
    if (found) return found;
  }
  return undefined;
}
