import { testStore } from "vestiaire/testing";
import { MapStore } from "./own-store.ts";

testStore("MapStore", () => ({ store: new MapStore() }));
