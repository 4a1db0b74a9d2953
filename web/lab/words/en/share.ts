import type { Notation } from "../../maths/notations.ts";

/** What can be taken along of the page. */
export const share = ({ code }: Notation) => ({
  share: {
    title: "Share",
    link: "Link",
    copy: "Copy",
    says: "It opens what is here now, with every digit: the case, the lens, what is chosen, the mistake if one is made, language and names. Nothing is sent anywhere: all of it stands in the link.",
    tooLong: (size: number, most: number) =>
      `The numbers of this case would make a link of ${size} characters. More than ${most} are a burden to whatever has to carry them.`,
    instead: "Save the case as a file instead, below: “Open a file …” reads it back, every digit.",
    kase: "Case",
    copyAs: (kind: string) => `Copy as ${kind}`,
    download: "Save as a file",
    lens: "Lens",
    saveAs: (kind: string) => `Save as ${kind}`,
    onlyTheGraph: "Only the graph can be saved as a picture. Print this lens, on paper or as a PDF.",
    noPng: "The security policy of this page does not allow a PNG: save it as SVG.",
    print: "Print the page …",
    copied: (what: string) => `${what}: copied.`,
    byHand: "The browser does not allow copying here. It is selected, to be copied by hand.",
    saving: (file: string) => `Saving ${file}.`,
    /** In the picture of the graph, for those who hear it; and where it comes from. */
    about: (lens: string, size: string, href: string | undefined) =>
      `Batch normalization’s backward pass on a batch of ${size}: ${lens}.${href ? ` From ${href}` : ""}`,
    /** Comments in a program. */
    torch: {
      byHand: {
        ddof: `batch_norm divides ${code.var} by N; here it is divided by N - 1, and so computed by hand`,
        oneRow: "batch_norm refuses a batch of one row, and so it is computed by hand",
      },
    },
  },
});
