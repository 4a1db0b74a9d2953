// Built by: npm install && npm run build
import { defineConfig } from "vitepress";

export default defineConfig({
  title: "Neural networks",
  base: "/course/",
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === "backnorm-lab" } } },
});
