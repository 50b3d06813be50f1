/* How well do a few typed letters fit a name, also by the first letters of its pinyin? */

// The first character of each letter in the order of pinyin, which browsers sort Chinese by.
const FIRST = [..."阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀"];
const LETTERS = "abcdefghjklmnopqrstwxyz";
const order = new Intl.Collator("zh-CN");
const isHan = /\p{Script=Han}/u;
/** @type {Map<string, string>} */
const known = new Map();

/** The letter that a character's pinyin begins with; other characters stay. @param {string} character */
function initial(character) {
  if (!isHan.test(character)) return character;
  let letter = known.get(character);
  if (letter === undefined) {
    let at = FIRST.length - 1;
    while (at > 0 && order.compare(FIRST[at], character) > 0) at -= 1;
    letter = LETTERS[at];
    known.set(character, letter);
  }
  return letter;
}

/** @param {string} text */
export const initials = (text) => [...text].map(initial).join("");

/** @param {string} query @param {string} text both in small letters */
function score(query, text) {
  const at = text.indexOf(query);
  if (at === 0) return 100;
  if (at > 0) return /[\s·,(-]/.test(text[at - 1]) ? 80 : 60;
  let [from, gaps] = [-1, 0];
  for (const letter of query) {
    const next = text.indexOf(letter, from + 1);
    if (next < 0) return 0;
    if (from >= 0) gaps += next - from - 1;
    from = next;
  }
  return query.length > 1 && gaps <= 12 ? 30 - gaps : 0;
}

/** From 0, which does not fit, to 100; an empty query fits everything. @param {string} query @param {string} text */
export function fitOf(query, text) {
  const [asked, small] = [query.trim().toLowerCase(), text.toLowerCase()];
  if (!asked) return 1;
  return Math.max(score(asked, small), isHan.test(small) ? score(asked, initials(small)) - 5 : 0, 0);
}
