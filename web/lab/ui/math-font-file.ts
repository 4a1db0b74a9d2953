/** The font itself, which most readers have no need of: a file of its own. */
export { default } from "built:math-font";
