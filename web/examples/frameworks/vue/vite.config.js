import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// otherwise Vue looks for a component of that name, and warns
const isCustomElement = (tag) => tag === "backnorm-lab";

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } })],
});
