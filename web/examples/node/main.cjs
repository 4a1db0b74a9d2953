// From CommonJS: an ES module comes by import().
import("backnorm").then(async ({ load }) => {
  const bn = await load();
  console.log(bn.engine, bn.gradcheck(bn.presets.cs231n).verdict);
});
