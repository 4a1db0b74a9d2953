/**
 * Defines the element `<backnorm-lab>`. On a server it does nothing, since there are no custom elements.
 *
 * ```js
 * import "backnorm/lab";
 *
 * const lab = document.querySelector("backnorm-lab");
 * lab.addEventListener("backnorm-verdict", ({ detail }) => {
 *   console.log(detail.verdict, detail.firstWrong);
 * });
 * ```
 *
 * @module backnorm/lab
 */
export * from "../../../dist/types/element.js";
