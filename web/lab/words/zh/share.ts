import type { Notation } from "../../maths/notations.ts";
import type { share as english } from "../en/share.ts";

export const share = ({ code }: Notation): ReturnType<typeof english> => ({
  share: {
    title: "分享",
    link: "链接",
    copy: "复制",
    says: "打开链接，看到的就是此刻的页面，每一位数字都在：例子、视角、所选的节点与格、故意制造的错误（如果有）、语言与记号。数据不会发送到任何地方，全部写在链接里。",
    tooLong: (size, most) =>
      `这个例子的数据写进链接会有 ${size} 个字符。超过 ${most} 个字符的链接，在邮件和聊天里往往会被截断。`,
    instead: "请改用下面的“存为文件”：之后用“打开文件…”读回，一位数字也不会差。",
    kase: "例子",
    copyAs: (kind) => `复制为 ${kind}`,
    download: "存为文件",
    savePage: "另存为带有它的页面",
    withoutMine: "“找出我的错误”中的数组太多，链接放不下，已略去；保存的文件中有它们。",
    lens: "视角",
    saveAs: (kind) => `存为 ${kind}`,
    onlyTheGraph: "只有计算图可以存为图片。这个视角请打印在纸上，或打印成 PDF。",
    noPng: "所在网页的安全策略不允许生成 PNG，请存为 SVG。",
    print: "打印页面…",
    copied: (what) => `${what} 已复制。`,
    byHand: "浏览器不允许在这里复制。内容已经选中，请手动复制。",
    saving: (file) => `正在保存 ${file}。`,
    about: (lens, size, href) =>
      `批量归一化的反向传播，一批 ${size} 的数据：${lens}。${href ? `来自 ${href}` : ""}`,
    torch: {
      byHand: {
        ddof: `batch_norm 计算 ${code.var} 时除以 N，这里除以 N - 1，因此逐步计算`,
        oneRow: "batch_norm 不接受只有一行的批量，因此逐步计算",
      },
    },
  },
});
