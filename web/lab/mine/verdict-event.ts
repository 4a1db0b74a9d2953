/** What Find my mistake found: the id of the first wrong array, and how many of those given are right. */
export class VerdictEvent extends CustomEvent<{ firstWrong: string | null; right: number; given: number }> {
  constructor(firstWrong: string | null, right: number, given: number) {
    super("bn-verdict", { bubbles: true, composed: true, detail: { firstWrong, right, given } });
  }
}
