// Writes the custom elements manifest, by which editors and catalogues know <backnorm-lab>, from the types of the element.

/** The members of an interface: name, type, description. `types`: what tsc emits, one member a line. */
function membersOf(types, name) {
  const [, body] = types.match(new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, "ms")) ?? [];
  if (!body) throw new Error(`backnorm-lab.d.ts: expected the interface ${name}.`);
  const member = /\/\*\*(.*?)\*\/\s*(readonly )?"?([\w-]+)"?\??: (.*?);$/gms;
  return Array.from(body.matchAll(member), ([, description, readonly, name, type]) => ({
    name,
    type: type.replace(/ \| undefined$/, ""),
    description: description
      .replace(/^\s*\* ?/gm, "")
      .replace(/\s+/g, " ")
      .trim(),
    ...(readonly && { readonly: true }),
  }));
}

/** As an attribute, a type has only the texts that are of use. */
const textType = (type) => {
  const texts = type.match(/"[\w-]+"/g);
  return texts ? texts.join(" | ") : type.includes("number") ? "number" : "string";
};

/** The manifest, in version 2.1.0 of its schema, by the declarations of web/lab/session/backnorm-lab.ts. */
export function manifestOf(types) {
  const asked = membersOf(types, "Asking");
  const given = membersOf(types, "Giving");
  const told = membersOf(types, "Telling");
  const path = "dist/lab.js";
  const field = ({ type, ...member }) => ({ kind: "field", ...member, type: { text: type } });
  const declaration = {
    kind: "class",
    customElement: true,
    tagName: "backnorm-lab",
    name: "BacknormLabElement",
    description: "The backward pass of a norm, with every gradient visible and checked.",
    superclass: { name: "HTMLElement" },
    attributes: [...asked, ...given].map(({ name, type, description }) => ({
      name,
      fieldName: name,
      type: { text: textType(type) },
      description,
    })),
    members: [
      ...[...asked, ...given].map((member) => ({ ...field(member), attribute: member.name })),
      ...told.map(field),
    ],
    events: membersOf(types, "LabEvents").map(({ name, type, description }) => ({
      name,
      type: { text: type },
      description,
    })),
    cssProperties: membersOf(types, "LabProperties").map(({ name, description }) => ({ name, description })),
    cssParts: membersOf(types, "LabParts").map(({ name, description }) => ({ name, description })),
  };
  const definition = {
    kind: "custom-element-definition",
    name: "backnorm-lab",
    declaration: { name: declaration.name, module: path },
  };
  const module = { kind: "javascript-module", path, declarations: [declaration], exports: [definition] };
  return { schemaVersion: "2.1.0", modules: [module] };
}
