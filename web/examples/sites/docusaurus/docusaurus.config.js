// Built by: npm install && npm run build
export default {
  title: "Neural networks",
  url: "https://example.org",
  baseUrl: "/course/",
  onBrokenLinks: "throw",
  plugins: [["@docusaurus/plugin-content-docs", { routeBasePath: "/" }]],
  themes: ["@docusaurus/theme-classic"],
  themeConfig: { navbar: { title: "Neural networks" } },
};
