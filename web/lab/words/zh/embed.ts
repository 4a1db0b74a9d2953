import type { embed as english } from "../en/embed.ts";

export const embed = (): ReturnType<typeof english> => ({
  embed: {
    title: "嵌入",
    words: "放进你的课程页面",
    where: "放在哪里",
    name: "标题",
    height: "高度（像素）",
    small: "精简：只有一个视角，外加打开完整页面的按钮",
    titled: (name) => `批量归一化的反向传播：${name}`,
    copy: "复制",
    inPage: (file) => `写进页面，例如 ${file}`,
    inFile: (file) => `写进 ${file}`,
    supply: {
      folder: (version, folder) =>
        `只需一次：用 “npm pack backnorm@${version}” 取得软件包并解压，把其中的 dist 文件夹放成 ${folder}。此外不从任何地方取东西。`,
      npm: (version) => `只需一次：npm install backnorm@${version}`,
      file: (version) =>
        `只需一次：把单文件版 backnorm.html 放在笔记本旁边，命名为 backnorm-${version}.html。`,
      frame: (version) =>
        `适用于 Jupyter Book 2、Quarto、Moodle、Canvas 以及其他能放 iframe 的地方；在那些地方没有测试过。它显示的是现在这个页面；想固定在 ${version}，就把 backnorm.html 放在自己的网页旁边。`,
    },
  },
});
