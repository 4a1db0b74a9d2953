/**
 * Texts that leave the page, such as the name of a file or a typed title: a function for each place where they go. All of
 * them make one line of visible text.
 */

/** Without control characters, invisible characters, those that reverse text, and those that are in no valid file. */
const oneLine = (text: string) =>
  text
    .replace(/(?![\u200C\u200D])[\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/gu, "") // words need these two joiners
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();

/** Text that a serializer puts into an XML document, such as an SVG file. It escapes markup, but not what XML forbids. */
export const xmlText = oneLine;

/** The value of an attribute in double quotes: in HTML, in Markdown or MDX, or in a Liquid template, which reads braces. */
export const htmlAttribute = (text: string) =>
  oneLine(text)
    .replaceAll("&", "&amp;")
    .replace(/[<>"`{}]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A comment in Python. The first one must not name an encoding, which Python would use for the file. */
export const pythonComment = (text: string) => `# ${oneLine(text).replace(/coding(?=[:=])/g, "$& ")}`;

/** A string in Python, with its quotes. */
export const pythonString = (text: string) => JSON.stringify(oneLine(text));

/** The name of a saved file, without its extension, that every file system accepts: at most 240 bytes in UTF-8. */
export const fileName = (text: string) =>
  `backnorm-${text.normalize("NFC")}`
    .replace(/[^\p{L}\p{N}.]+/gu, "-")
    .slice(0, 80)
    .replace(/[-.\p{Cs}]+$/u, ""); // the cut may have halved a character
