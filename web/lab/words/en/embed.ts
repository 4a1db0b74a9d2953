/** How to put it into a page of a course. */
export const embed = () => ({
  embed: {
    title: "Embed",
    words: "in a page of your course",
    where: "Where",
    name: "Title",
    height: "Height, in pixels",
    small: "Small: one lens, and a button that opens the whole",
    titled: (name: string) => `Batch norm’s backward pass: ${name}`,
    copy: "Copy",
    inPage: (file: string) => `In the page, such as ${file}`,
    inFile: (file: string) => `In ${file}`,
    supply: {
      folder: (version: string, folder: string) =>
        `Once, fetch the package by “npm pack backnorm@${version}” and unpack it: its folder dist becomes ${folder}. Nothing is fetched from anywhere else.`,
      npm: (version: string) => `Once: npm install backnorm@${version}`,
      file: (version: string) =>
        `Once, put the one-file page, backnorm.html, beside the notebook as backnorm-${version}.html.`,
      frame: (version: string) =>
        `For Jupyter Book 2, Quarto, Moodle, Canvas and whatever else takes a frame; there it was not tested. It shows this page as it is now; one that stays at ${version} is backnorm.html, beside your own pages.`,
    },
  },
});
