/** Schemas and types of the HTTP interface. No Node module is imported here: the page uses these types as they are. */
export * from "./build.ts";
export * from "./failures.ts";
export * from "./mix.ts";
export * from "./names.ts";
export * from "./part.ts";
export * from "./problem.ts";
export * from "./sample.ts";
export * from "./service.ts";
