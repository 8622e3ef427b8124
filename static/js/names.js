// Finding somebody by a few letters: what attendance/rules.py does, in the browser.
const SHORT = 3; // letters; so few have to be all of a word to be taken for a slip
const PARTS = /[\p{L}\p{N}]+/gu;

export const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

export function wordsOf(text) {
  const found = plain(text)
    .split(/\s+/)
    .flatMap((written) => {
      const parts = written.match(PARTS) ?? [];
      return parts.length > 1 ? [...parts, parts.join("")] : parts;
    });
  const greek = found.filter((word) => word.includes("oy")); // letter by letter; people write "ou"
  return [...found, ...greek.map((word) => word.replaceAll("oy", "ou"))];
}

export function soughtIn(text) {
  return plain(text)
    .split(/\s+/)
    .map((part) => (part.match(PARTS) ?? []).join(""))
    .filter(Boolean);
}

// How well somebody fits, 0 best; null where a word that was typed does not.
export function fit(sought, name, rest) {
  let worst = 0;
  for (const typed of sought) {
    const way = fitOne(typed, name, rest);
    if (way === null) return null;
    worst = Math.max(worst, way);
  }
  return worst;
}

function fitOne(typed, name, rest) {
  const begins = (word) => word.startsWith(typed);
  const slips = (word) => isSlip(typed, word);
  if (name.includes(typed)) return 0;
  if (name.some(begins)) return 1;
  if (rest.some(begins)) return 2;
  if (name.some(slips)) return 3;
  return rest.some(slips) ? 4 : null;
}

// Whether it begins the word but for one letter missing, too many or wrong, or two swapped.
export function isSlip(typed, word) {
  if (typed.length < SHORT) return false;
  let at = 0;
  while (at < typed.length && at < word.length && typed[at] === word[at]) at += 1;
  const goesOn = (there, here) =>
    typed.length <= SHORT
      ? word.slice(at + there) === typed.slice(at + here)
      : word.startsWith(typed.slice(at + here), at + there);
  const isSwapped =
    typed.length > at + 1 && typed[at] === word[at + 1] && typed[at + 1] === word[at];
  return goesOn(0, 1) || goesOn(1, 0) || goesOn(1, 1) || (isSwapped && goesOn(2, 2));
}
