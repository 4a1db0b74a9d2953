/** Strings that would like to be markup: names and contents of files, fragments. They stay text, and the page works on. */
import assert from "node:assert/strict";
import { census, follow, pageTest, ready, state, upload, url, withRole } from "../../page/browser.ts";
import { assertUnharmed, assertWorks, kMarkup } from "../../page/unharmed.ts";

pageTest("hostile contents of a file are quoted as text", {}, async (page) => {
  await upload(page, "harmless.csv", "1,2\n3,oops\n");
  const before = await census(page);
  const contents: [string, string][] = [
    ["1.csv", `1,2\n3,"${kMarkup}"\n`],
    ["2.csv", `${kMarkup}\n1\n`],
    ["3.csv", '1,2\n"><script>window.hit=1</script>,3\n'],
    ["4.json", `{"x": [["${kMarkup}", 1]]}`],
    ["5.json", `{"${kMarkup}": "a"}`],
    ["6.json", '{"__proto__": {"x": [[1, 2], [3, 4]]}}'],
    ["7.json", `{"x": [[1, 2], [3, 5]], "eps": "${kMarkup}"}`],
    ["8.json", `{"x": [[1, 2], [3, 5]] ${kMarkup}}`],
    ["9.json", '{"x": [[1, 2], [3, 5]], "ddof": {"toString": "<b>"}}'],
    ["10.npy", `\u0093NUMPY ${kMarkup}`],
  ];
  for (const [name, content] of contents) {
    const said = await upload(page, name, content);
    assert.equal((await state(page)).message?.kind, "fault", said);
    assert.deepEqual(await census(page), before, `${name}: ${said}`);
    await assertUnharmed(page, name);
  }
  assert.equal((await state(page)).name, "cs231n");
  await assertWorks(page);
});

const fragments = [
  `#v=1&case=${kMarkup}&node=<svg onload=window.hit=1>&cell=<b>`,
  `#v=1&case=${encodeURIComponent(kMarkup)}&node=${encodeURIComponent("<svg onload=window.hit=1>")}&cell=%3Cb%3E`,
  "#v=1&node=__proto__",
  "#v=1&case=constructor",
  "#v=1&case=__proto__&node=toString",
  "#v=1&case=javascript:window.hit=1",
  "#v=1&case=%E0%A4%A&node=%&cell=%FF,%",
  "#%00%00%00",
  "#javascript:window.hit=1",
  "#&&&===&v",
  `#v=1&case=${"a".repeat(1e6)}`, // Firefox takes no address beyond a mebibyte
  `#${"&cell=1,1".repeat(1e5)}`,
  `#v=1&lang=${kMarkup}&names=${kMarkup}&theme=__proto__&open=constructor`,
  `#v=1&case=own&x=${kMarkup}&gamma=1,${kMarkup}`,
  "#v=1&cell=-1,2",
  "#v=1&cell=999999999999999999999,1",
  "#v=1&cell=１,２",
];

pageTest("a hostile fragment shows at most a message, and the page still opens", {}, async (page) => {
  await page.goto("about:blank");
  await page.goto(`${url}#v=1&case=x`);
  await ready(page);
  const withMessage = await census(page);
  // a megabyte takes the browser a second, so that not each of them is both opened and followed
  for (const at of [0, 2, 6, 10]) {
    const fragment = fragments[at] as string;
    await page.goto("about:blank");
    await page.goto(url + fragment);
    await ready(page);
    const what = fragment.slice(0, 60);
    const { name, message } = await state(page);
    assert.equal(name, "cs231n", what);
    const alerts = await withRole(page, "alert");
    assert.equal(alerts.length, message ? 1 : 0, what);
    assert.ok((alerts[0] ?? "").length < 1000, what);
    if (message) assert.deepEqual(await census(page), withMessage, what);
    if (fragment.includes("case=<img"))
      assert.match(alerts.join(), /got “<img src=x onerror=window\.hit=1>”/);
    await assertUnharmed(page, what);
  }
  for (const fragment of fragments.toSpliced(10, 1)) {
    await follow(page, fragment); // the same ones, as links on an open page
    await assertUnharmed(page, fragment.slice(0, 60));
  }
  await assertWorks(page);
});
