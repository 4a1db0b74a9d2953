/**
 * The lab as a notebook widget for anywidget. The file `anywidget.js` of the package is the `_esm` of a Python class.
 *
 * ```python
 * import anywidget, pathlib, traitlets
 *
 * class Backnorm(anywidget.AnyWidget):
 *     _esm = pathlib.Path("backnorm-0.1.0/anywidget.js")
 *     preset = traitlets.Unicode("iris").tag(sync=True)
 *     verdict = traitlets.Dict().tag(sync=True)
 * ```
 *
 * @module backnorm/anywidget
 */
export * from "../../../dist/types/anywidget.js";
export { default } from "../../../dist/types/anywidget.js";
