/**
 * <backnorm-lab> in the templates of React, Preact, Solid and Vue. In a declaration file, TypeScript ignores an augmentation whose
 * module is not installed. An interface that is empty here merges with the framework's own one, so that its name also exists where
 * the framework doesn't.
 */
import type { Asking, Giving, LabEvents, LabProperties } from "../session/backnorm-lab.ts";
import type { BacknormLabElement } from "./element.ts";

type Settings = Asking & Giving;

/** A prop for each event: its name behind a prefix. */
type Listeners<Prefix extends string> = {
  [Name in keyof LabEvents as `${Prefix}${Name}`]?: ((event: LabEvents[Name]) => void) | undefined;
};

/** "backnorm-verdict" as "BacknormVerdict". */
type Pascal<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${Capitalize<First>}${Pascal<Rest>}`
  : Capitalize<Name>;

type VueListeners = {
  [Name in keyof LabEvents as `on${Pascal<Name>}`]?: ((event: LabEvents[Name]) => void) | undefined;
};

/** What every element takes. */
type OfEvery<Elements> = Elements extends { span: infer Props }
  ? Omit<Props, "ref" | keyof Settings>
  : object;

declare global {
  // not `declare module "react"`, an error where React is installed without its types
  namespace React {
    interface ClassAttributes<T> {}
    interface HTMLAttributes<T> {}
    interface CSSProperties extends LabProperties {}
    namespace JSX {
      interface IntrinsicElements {
        "backnorm-lab": ClassAttributes<BacknormLabElement> &
          HTMLAttributes<BacknormLabElement> &
          Settings &
          Listeners<"on">;
      }
    }
  }
}

declare module "preact" {
  interface ClassAttributes<T> {}
  namespace JSX {
    interface IntrinsicElements {
      "backnorm-lab": ClassAttributes<BacknormLabElement> &
        OfEvery<IntrinsicElements> &
        Settings &
        Listeners<"on">;
    }
  }
}

// which has the namespace itself, and is there without an import of "solid-js"
declare module "solid-js/jsx-runtime" {
  namespace JSX {
    interface HTMLAttributes<T> {}
    interface IntrinsicElements {
      "backnorm-lab": HTMLAttributes<BacknormLabElement> &
        Settings & { [Name in keyof Settings as `prop:${Name}`]?: Settings[Name] } & {
          [Name in keyof Settings as `attr:${Name}`]?: string | undefined;
        } & Listeners<"on:">;
    }
  }
}

declare module "vue" {
  interface HTMLAttributes {}
  interface ReservedProps {}
  interface GlobalComponents {
    "backnorm-lab": new () => BacknormLabElement & {
      $props: HTMLAttributes & ReservedProps & Settings & VueListeners;
    };
  }
}
