// Which names can be read, and told apart by reading them. Unicode has characters that show nothing, and marks that pile
// up: with them two accounts would look like one, or one like none.

/** Shows nothing, wherever it stands: format characters, fillers, variation selectors, the empty Braille cell. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]/gu;

/**
 * The same where it gives what stands beside it another shape: joiners within the words of Persian, Sinhala and others,
 * variants of Han and Mongolian letters, and what makes an emoji of several.
 */
const SHAPING = new RegExp(
  [
    String.raw`(?<=[\p{L}\p{M}])[\u200c\u200d](?=\p{L})`,
    String.raw`(?<=[\p{Extended_Pictographic}[\p{L}&&[\p{Script=Han}\p{Script=Mongolian}]]])\p{Variation_Selector}`,
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
  ].join("|"),
  "gv",
);

/** As Unicode advises for identifiers (UTS #39, 5.4): no mark twice in a row, and four on a letter at most. */
const PILED_UP = /([\p{Mn}\p{Me}])\1|[\p{Mn}\p{Me}]{5}/u;

/** The name without what shows nothing, also where it shapes what stands beside it: it makes no name another. */
export function withoutUnseen(name: string): string {
  return name.replaceAll(UNSEEN, "");
}

/** Whether people can read the name: there is a letter or a digit, and nothing unseen or piled up. */
export function isReadable(name: string): boolean {
  const plain = name.replaceAll(SHAPING, "");
  if (plain !== withoutUnseen(plain) || /\p{C}/u.test(plain)) return false;
  return /[\p{L}\p{N}]/u.test(plain) && !/^\p{M}/u.test(plain) && !PILED_UP.test(plain.normalize("NFD"));
}
