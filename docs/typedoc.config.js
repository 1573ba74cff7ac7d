// The API reference: one page for each entry point of the package, made from the doc comments. A public symbol without
// one, and a link that leads nowhere, fail the build.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Converter, ReflectionKind } from "typedoc";

const library = new URL("../packages/vestiaire/", import.meta.url);
const { name, exports } = JSON.parse(readFileSync(new URL("package.json", library), "utf8"));

/** What people import, by the file that it is. */
const imports = new Map(
  Object.entries(exports).map(([path, { source }]) => [
    fileURLToPath(new URL(source, library)),
    path.replace(".", name),
  ]),
);

/** What the type above them has said: the parts of the drivers' classes that are used, and one method of an answer. */
const SAID_ABOVE = {
  "vestiaire/redis": {
    IoRedis: ["call", "duplicate"],
    IoRedisCluster: ["call", "nodes"],
    NodeRedis: ["sendCommand", "duplicate"],
    NodeRedisCluster: ["nodeClient", "sendCommand"],
  },
  "vestiaire/postgres": {
    PgPool: ["query", "connect"],
    PostgresJs: ["unsafe", "listen", "listen.__type.unlisten"],
  },
  "vestiaire/memcached": { MemcachedClient: ["cas"] },
  "vestiaire/mysql": {
    MysqlCallbackPool: ["promise"],
    MysqlConnection: ["execute", "release", "destroy"],
    MysqlPool: ["getConnection"],
  },
  "vestiaire/next": {
    NextHeaders: ["headers", "headers.__type.get", "cookies"],
    NextCookies: ["getAll", "set"],
  },
  "vestiaire/testing": { ServeScenario: ["__type.__type.close"] },
};

/** Names each page after its import, and leaves out where things are and what a class only inherits. */
function tidy(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const entry of project.getChildrenByKind(ReflectionKind.Module)) {
      const [source] = entry.sources ?? [];
      entry.name = imports.get(source?.fullFileName) ?? entry.name;
    }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      delete reflection.sources;
      if (reflection.inheritedFrom) project.removeReflection(reflection);
    }
  });
}

export default {
  plugin: ["typedoc-plugin-markdown", tidy],
  entryPoints: [...imports.keys()],
  // The project's own compiler has checked them.
  skipErrorChecking: true,
  name: "API reference",
  out: "api",
  router: "module",
  readme: "none",
  logLevel: "Warn",
  excludePrivate: true,
  excludeExternals: true,
  disableGit: true,
  sourceLinkTemplate: "{path}",
  entryFileName: "index",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  tableColumnSettings: { hideDefaults: true, hideInherited: true, hideOverrides: true, hideSources: true },
  groupOrder: ["Functions", "Classes", "Variables", "Interfaces", "Type Aliases", "*"],
  sort: ["kind", "source-order"],
  kindSortOrder: ["Function", "Class", "Variable", "Interface", "TypeAlias"],
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  useCodeBlocks: true,
  useHTMLAnchors: true,
  requiredToBeDocumented: ["Variable", "Function", "Class", "Interface", "TypeAlias", "Accessor"],
  intentionallyNotDocumented: Object.entries(SAID_ABOVE).flatMap(([page, types]) =>
    Object.entries(types).flatMap(([type, members]) => members.map((member) => `${page}.${type}.${member}`)),
  ),
  // Types that only describe the parts of a driver are nobody's to import.
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  treatValidationWarningsAsErrors: true,
};
