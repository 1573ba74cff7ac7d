// Three published suites, so that anybody's store or adapter can prove itself, and the clock that they run on. They use
// Node's own test runner.

export {
  type AdapterCase,
  type AdapterContext,
  type AdapterNeed,
  type AdapterTraits,
  adapterContract,
  checkAdapterCase,
  type Scenario,
  type ScenarioRequest,
  type ScenarioResponse,
  type ServeScenario,
  type TrialData,
  testAdapter,
} from "./adapter-contract.ts";
export { type ManualClock, manualClock } from "./clock.ts";
export {
  checkOutageCase,
  type EngineUnderTest,
  type OutageCase,
  type OutageContext,
  type OutageNeed,
  type OutageServer,
  type OutageTraits,
  outageContract,
  type Refusal,
  type Trouble,
  testOutage,
} from "./outage-contract.ts";
export {
  checkStoreCase,
  type StoreCase,
  type StoreContext,
  type StoreNeed,
  type StoreUnderTest,
  storeContract,
  testStore,
} from "./store-contract.ts";
