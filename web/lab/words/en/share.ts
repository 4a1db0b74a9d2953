import type { Notation } from "../../maths/notations.ts";

/** The sheet for links, copies and files. */
export const share = ({ code }: Notation) => ({
  share: {
    title: "Share",
    link: "Link",
    copy: "Copy",
    says: "The URL holds the whole state: every digit of the case, the lens, the selection, the mistake if one is switched on, the language and the names. Nothing is sent anywhere.",
    tooLong: (size: number, most: number) =>
      `A link with the numbers of this case would have ${size} characters. Links of more than ${most} are hard to pass on.`,
    instead: "Save the case as a file instead (below). “Open a file …” reads it back with every digit.",
    kase: "Case",
    copyAs: (kind: string) => `Copy as ${kind}`,
    download: "Save as a file",
    savePage: "Save this page with it",
    /** Of a link that leaves them out. */
    withoutMine:
      "Your arrays under Find my mistake are too many for a link, so the link leaves them out. The saved file has them.",
    lens: "Lens",
    saveAs: (kind: string) => `Save as ${kind}`,
    onlyTheGraph: "Only the graph can be saved as a picture. Print this lens, on paper or as a PDF.",
    noPng: "The security policy of this page does not allow PNG. Save it as SVG.",
    print: "Print the page …",
    copied: (what: string) => `${what}: copied.`,
    byHand: "The browser does not allow copying here. The text is selected: copy it by hand.",
    saving: (file: string) => `Saving ${file}.`,
    /** A description in the picture of the graph, for screen readers, with the URL it came from. */
    about: (lens: string, size: string, href: string | undefined) =>
      `Batch normalization’s backward pass on a batch of ${size}: ${lens}.${href ? ` From ${href}` : ""}`,
    /** Comments in a program. */
    torch: {
      byHand: {
        ddof: `batch_norm divides ${code.var} by N; here it is divided by N - 1, so it is computed by hand`,
        oneRow: "batch_norm refuses a batch of one row, so it is computed by hand",
      },
    },
  },
});
