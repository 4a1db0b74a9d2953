/**
 * Runs before the page's scripts: a machine with a math font, or without one. What is really installed differs from
 * machine to machine. A text has one width in every font, or another in one of them.
 */
export const kNoneInstalled = "CanvasRenderingContext2D.prototype.measureText = () => ({ width: 1 });";
export const kOneInstalled = `CanvasRenderingContext2D.prototype.measureText = function () {
  return { width: this.font.includes("STIX") ? 2 : 1 };
};`;
