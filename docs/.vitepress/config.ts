// The site: its pages, in which order they are offered, and in which languages. Nothing in it is loaded from elsewhere.

import { defineConfig } from "vitepress";
import { linksIntoTheRepository } from "./repository-links.ts";
import { api, pages } from "./sidebar.ts";

const STORES = ["memory", "file", "sqlite", "redis", "postgres", "mysql", "mongodb", "dynamodb", "memcached"];
const WRAPPERS = ["encrypted", "cached", "observed", "open", "own"];
const FRAMEWORKS = [
  "index",
  "hono",
  "node",
  "express",
  "fastify",
  "koa",
  "h3",
  "nitro",
  "elysia",
  "react-router",
  "next",
  "fetch",
];

export default defineConfig({
  title: "Vestiaire",
  description: "Server-side sessions for TypeScript: right under concurrency, safe by default.",
  head: [["link", { rel: "icon", href: "/ticket.svg", type: "image/svg+xml" }]],
  srcExclude: ["samples/**", "test/**"],
  // The application, as the pages start it.
  ignoreDeadLinks: "localhostLinks",
  rewrites: { "decisions/README.md": "decisions/index.md" },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: linksIntoTheRepository,
  },
  themeConfig: {
    logo: "/ticket.svg",
    // Not every page is in both languages: the other one begins at its start.
    i18nRouting: false,
    search: {
      provider: "local",
      options: { locales: { fr: { translations: frenchSearch() } } },
    },
    outline: { level: [2, 3] },
  },
  locales: {
    root: {
      label: "English",
      lang: "en",
      themeConfig: {
        nav: [
          { text: "Start here", link: "/start" },
          { text: "Concepts", link: "/concepts" },
          { text: "Stores", link: "/stores/", activeMatch: "^/stores/" },
          { text: "Frameworks", link: "/frameworks/", activeMatch: "^/frameworks/" },
          { text: "API", link: "/api/", activeMatch: "^/api/" },
        ],
        sidebar: {
          "/": [
            { text: "Begin", items: [...pages("", ["start", "concepts"]), ...pages("tutorial", ["index"])] },
            { text: "Stores", items: pages("stores", ["index", ...STORES]) },
            { text: "Around a store", items: pages("stores", WRAPPERS) },
            {
              text: "Frameworks",
              items: [...pages("frameworks", FRAMEWORKS), ...pages("", ["realtime", "runtimes"])],
            },
            {
              text: "In production",
              items: pages("", ["security", "operations", "cli", "scale"]),
            },
            {
              text: "More",
              items: [...pages("", ["faq", "migrating", "screenshots"]), ...pages("decisions", ["README"])],
            },
          ],
          "/tutorial/": [{ text: "Tutorial", items: pages("tutorial") }],
          "/api/": [{ text: "API reference", link: "/api/", items: api() }],
          "/decisions/": [{ text: "Decisions", link: "/decisions/", items: pages("decisions") }],
        },
      },
    },
    fr: {
      label: "Français",
      lang: "fr",
      description: "Des sessions côté serveur pour TypeScript.",
      themeConfig: {
        nav: [{ text: "Documentation (en anglais)", link: "/start" }],
        sidebar: {
          "/fr/": [{ text: "Commencer", items: [...pages("fr", ["index"]), ...pages("fr/tutorial")] }],
        },
        outline: { level: [2, 3], label: "Sur cette page" },
        docFooter: { prev: "Précédent", next: "Suivant" },
        darkModeSwitchLabel: "Apparence",
        lightModeSwitchTitle: "Passer au thème clair",
        darkModeSwitchTitle: "Passer au thème sombre",
        sidebarMenuLabel: "Menu",
        returnToTopLabel: "Retour en haut",
        langMenuLabel: "Changer de langue",
        skipToContentLabel: "Aller au contenu",
      },
    },
  },
});

function frenchSearch() {
  return {
    button: { buttonText: "Rechercher", buttonAriaLabel: "Rechercher" },
    modal: {
      displayDetails: "Afficher le détail",
      resetButtonTitle: "Effacer la recherche",
      backButtonTitle: "Fermer la recherche",
      noResultsText: "Aucun résultat pour",
      footer: {
        selectText: "choisir",
        selectKeyAriaLabel: "Entrée",
        navigateText: "parcourir",
        navigateUpKeyAriaLabel: "Flèche vers le haut",
        navigateDownKeyAriaLabel: "Flèche vers le bas",
        closeText: "fermer",
        closeKeyAriaLabel: "Échap",
      },
    },
  };
}
