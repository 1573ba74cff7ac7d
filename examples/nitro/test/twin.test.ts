// The login app on Nitro, built and run, against the original.

import { testTwin } from "../../test/twin.ts";
import { build } from "./build.ts";

testTwin("nitro", build("."));
