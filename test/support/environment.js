import vm from "node:vm";
import { TestEnvironment } from "jest-environment-node";

/**
 * Jest ends a worker by force, with a warning about leaks, when it is not gone 0.5 s after its last test. "exit"
 * comes 1 ms after that test where nothing was left open; what took the rest was V8 giving back 180 MB page by
 * page, 0.3 to 0.6 s on two busy cores, which the system does by itself. What a test leaves open still keeps
 * "exit" from coming, and is still warned of.
 */
if (process.send !== undefined) process.once("exit", () => process.exit());

/**
 * The globals of Node's test environment, as ordinary ones. Jest has them behind a Proxy, which every `Math` and
 * `Number` of a loop then asks: the detector was 6 to 12 times as slow in its tests as in the program, and those
 * tests took 81 s rather than 7.
 */
export default class PlainGlobals extends TestEnvironment {
  constructor(config, context) {
    // There is no option for it. The environment is made within this call, and nothing else is.
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
