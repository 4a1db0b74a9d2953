/** How to embed the lab in the page of a course. */
export const embed = () => ({
  embed: {
    title: "Embed",
    words: "in a page of your course",
    where: "Where",
    name: "Title",
    height: "Height, in pixels",
    small: "Small: one lens, and a button that opens the whole page",
    titled: (name: string) => `Batch norm’s backward pass: ${name}`,
    copy: "Copy",
    inPage: (file: string) => `In the page, such as ${file}`,
    inFile: (file: string) => `In ${file}`,
    supply: {
      folder: (version: string, folder: string) =>
        `Do this once: download the package with “npm pack backnorm@${version}”, unpack it, and copy its folder dist to ${folder}. Nothing is loaded from other sites.`,
      npm: (version: string) => `Do this once: npm install backnorm@${version}`,
      file: (version: string) =>
        `Do this once: put the one-file page, backnorm.html, next to the notebook and name it backnorm-${version}.html.`,
      frame: (version: string) =>
        `For Jupyter Book 2, Quarto, Moodle, Canvas and other systems that accept a frame. It was not tested there. The frame always shows the newest version of this page. To stay at ${version}, put backnorm.html next to your own pages.`,
    },
  },
});
