/** 演示视图的文字。 */
import type { RestWords } from "../vocabulary.ts";

export const present = (): Pick<RestWords, "present"> => ({
  present: {
    slides: "幻灯片",
    at: (slide, all) => `${slide} / ${all}`,
    name: (slide, all) => `第 ${slide} 页，共 ${all} 页`,
    next: "下一页",
    back: "上一页",
    tip: (name, key) => `${name}（${key}）`,
    fullscreen: "全屏",
    toLab: "进入实验室",
    blank: "屏幕已变黑。按任意键恢复幻灯片。",
  },
});
